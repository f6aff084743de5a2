// A file's bytes → its text: unpacked where they are gzip, whatever the name says, and without a byte order mark.
import { TextDecoder } from "node:util";
import { createGunzip } from "node:zlib";
import type { Bytes } from "./log-file.ts";

/** What was wrong with the bytes; the text up to there was read. */
export type Damage = "cut-off" | "corrupt" | { readonly unsupported: string };

const GZIP = [0x1f, 0x8b];
/** What cannot be unpacked here, by how it begins. */
const UNSUPPORTED: readonly { readonly name: string; readonly magic: readonly number[] }[] = [
  { name: "a ZIP archive", magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: "compressed with Zstandard", magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: "compressed with bzip2", magic: [0x42, 0x5a, 0x68] },
  { name: "compressed with xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
];

/**
 * @param report called at most once, before the end.
 * @throws what the bytes throw.
 */
export async function* decode(bytes: Bytes, report: (damage: Damage) => void): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  for await (const chunk of unpack(bytes, report)) {
    decoder ??= new TextDecoder(begins(chunk, [0xff, 0xfe]) ? "utf-16le" : "utf-8");
    yield decoder.decode(chunk, { stream: true });
  }
  if (decoder !== undefined) yield decoder.decode();
}

async function* unpack(bytes: Bytes, report: (damage: Damage) => void): AsyncGenerator<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  let head = new Uint8Array();
  // What is held in memory is packed once more, so there may be two layers.
  while (head.length < 8) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = concat(head, next.value);
  }
  const all = withHead(head, chunks);
  const packed = UNSUPPORTED.find(({ magic }) => begins(head, magic));
  if (packed !== undefined) report({ unsupported: packed.name });
  else if (begins(head, GZIP)) yield* unpack(gunzip(all, report), report);
  else yield* all;
}

async function* withHead(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** Piece by piece, so that everything before a cut or a damage comes out. */
async function* gunzip(bytes: Bytes, report: (damage: Damage) => void): AsyncGenerator<Uint8Array> {
  const stream = createGunzip();
  const out: Uint8Array[] = [];
  let failure: NodeJS.ErrnoException | undefined;
  stream.on("data", (chunk: Uint8Array) => out.push(chunk));
  const over = new Promise<void>((resolve) => {
    stream.once("end", resolve);
    stream.once("error", (error) => {
      failure = error;
      resolve();
    });
  });
  try {
    for await (const chunk of bytes) {
      await Promise.race([over, new Promise((resolve) => stream.write(chunk, resolve))]);
      yield* out.splice(0);
      if (failure !== undefined) break;
    }
    stream.end();
    await over;
    yield* out.splice(0);
  } finally {
    stream.destroy();
  }
  if (failure !== undefined) report(failure.code === "Z_BUF_ERROR" ? "cut-off" : "corrupt");
}

const begins = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, index) => bytes[index] === byte);

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
