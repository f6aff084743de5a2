// JSON documents in the ledger table. DynamoDB's item limit is 400 KB, so a document is compressed, and a large one
// is split into parts that are named by their content: they are written first and the item that points to them last,
// so that a reader never sees a half-written document and a repeated write changes nothing.
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { ContractError } from "../core/errors.ts";
import { LEDGER_TABLE } from "../core/model/ledger-table.ts";
import type { Item, LedgerItems } from "./ledger-items.ts";

/** Well under 400 KB: keys and attribute names count too. */
const PART_BYTES = 350 * 1024;
const DOCUMENT = "document#";

interface Expiry {
  /** Epoch seconds. */
  readonly [LEDGER_TABLE.timeToLiveAttribute]: number;
}

export async function putDocument(
  items: LedgerItems,
  pk: string,
  key: string,
  value: unknown,
  expiry: Expiry,
): Promise<void> {
  const json = JSON.stringify(value);
  const bytes = compress(json);
  const header = { pk, sk: DOCUMENT + key, ...expiry };
  if (bytes.length <= PART_BYTES) return items.put({ ...header, bytes });

  const content = createHash("sha256").update(json).digest("hex");
  const parts = split(bytes);
  for (const [index, part] of parts.entries()) {
    await items.put({ pk, sk: partKey(content, index), bytes: part, ...expiry });
  }
  await items.put({ ...header, content, parts: parts.length });
}

export async function getDocument(items: LedgerItems, pk: string, key: string): Promise<unknown> {
  const header = await items.get({ pk, sk: DOCUMENT + key });
  if (header === undefined) return undefined;
  const content = header["content"];
  return expand(typeof content === "string" ? await readParts(items, header, content) : bytesOf(header));
}

export async function listDocumentKeys(items: LedgerItems, pk: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { sk } of items.query(pk, DOCUMENT + prefix, [LEDGER_TABLE.sortKey])) {
    keys.push(sk.slice(DOCUMENT.length));
  }
  return keys;
}

export function compress(json: string): Uint8Array {
  return gzipSync(json);
}

export function expand(bytes: Uint8Array): unknown {
  return JSON.parse(gunzipSync(bytes).toString("utf8"));
}

export function bytesOf(item: Item): Uint8Array {
  const bytes = item["bytes"];
  // Not instanceof: under Jest the SDK's arrays are of another realm.
  if (ArrayBuffer.isView(bytes)) return bytes as Uint8Array;
  throw new ContractError(`expected bytes in ledger item ${item.pk} ${item.sk}, got ${typeof bytes}`);
}

async function readParts(items: LedgerItems, header: Item, content: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of items.query(header.pk, partKey(content))) parts.push(bytesOf(part));
  if (parts.length !== header["parts"]) {
    throw new ContractError(
      `expected ${header["parts"]} parts of ledger item ${header.sk}, got ${parts.length}`,
    );
  }
  return Buffer.concat(parts);
}

function split(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += PART_BYTES) {
    parts.push(bytes.subarray(start, start + PART_BYTES));
  }
  return parts;
}

/** Padded, so that the order of the keys is the order of the parts; without an index, the prefix of all. */
function partKey(content: string, index?: number): string {
  return `part#${content}#${index === undefined ? "" : String(index).padStart(6, "0")}`;
}
