// Ids are functions of the seed and a counter, so a million of them cost no memory.
import { hash32 } from "./random.ts";

type IdKind =
  | "message"
  | "request"
  | "correlation"
  | "decoy"
  | "sns"
  | "environment"
  | "mapping"
  | "receipt"
  | "event";

const SALTS: Record<IdKind, number> = {
  message: 0x1001,
  request: 0x2003,
  correlation: 0x3005,
  decoy: 0x4007,
  sns: 0x5009,
  environment: 0x600b,
  mapping: 0x700d,
  receipt: 0x800f,
  event: 0x9011,
};

/** Written over for each id: log lines hold so many that four `toString(16)` each took half a second of a demo. */
const bytes = Buffer.alloc(16);

/** 32 hex digits. */
export function hexId(seed: number, kind: IdKind, index: number): string {
  const salt = hash32(seed, SALTS[kind]);
  for (let part = 0; part < 4; part++) bytes.writeUInt32BE(hash32(salt + part, index), part * 4);
  return bytes.toString("hex");
}

/** A version 4 UUID as far as its shape goes. */
export function uuid(seed: number, kind: IdKind, index: number): string {
  const hex = hexId(seed, kind, index);
  const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20),
  ].join("-");
}

/** Opaque to clients; the engine reads queue and position back from it. */
export function receiptHandle(seed: number, queueName: string, index: number): string {
  const seal = hexId(seed, "receipt", index);
  return `AQEB${Buffer.from(`${seal}|${queueName}|${index}|${seal}`).toString("base64")}`;
}

/** Position of the receive in its queue; undefined when the handle is not one of this queue's. */
export function parseReceiptHandle(seed: number, queueName: string, handle: string): number | undefined {
  if (!handle.startsWith("AQEB")) return undefined;
  const [, name, index] = Buffer.from(handle.slice(4), "base64").toString().split("|");
  const position = Number(index);
  if (name !== queueName || !Number.isInteger(position)) return undefined;
  return receiptHandle(seed, queueName, position) === handle ? position : undefined;
}
