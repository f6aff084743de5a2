// The files to read, each of which can be opened again and again: a first look tells what is in them, and only then
// can they be read in order of time.
import { createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { ConfigError } from "../core/errors.ts";
import { logStreamName } from "./formats/log-stream-name.ts";

export type Bytes = AsyncIterable<Uint8Array>;

export interface LogFile {
  /** As it was named; unique. */
  readonly name: string;
  /** As it lies there, in bytes. */
  readonly sizeBytes: number;
  /** Of an export to S3, whose folders are called after streams; null elsewhere. */
  readonly logStream: string | null;
  open(): Bytes;
}

/** An export to S3 begins with this file, which says that the bucket can be written. */
const S3_TEST_FILE = "aws-logs-write-test";
/** Folders of an export to S3: `2026-11-23-[$LATEST]0123…`. */
const STREAM_FOLDER = /^\d{4}-\d\d-\d\d-.*\[[^\]]+\][0-9a-f]{32}$/;

/**
 * Files, folders (all files in them) and "-" for `stdin`. What can be read only once, as a pipe, is kept in memory,
 * compressed; nothing is written to disk.
 * @throws ConfigError when a name leads nowhere.
 */
export async function findLogFiles(names: readonly string[], stdin: () => Bytes): Promise<LogFile[]> {
  // By real path: what is named twice is read once.
  const files = new Map<string, LogFile>();
  const folders = new Set<string>();

  async function add(name: string): Promise<void> {
    const found = await stat(name);
    const path = await realpath(name);
    if (found.isDirectory()) {
      if (folders.has(path)) return;
      folders.add(path);
      for (const entry of await entriesOf(name)) {
        // One broken link must not hide the rest: reading it will say what is wrong.
        await add(entry).catch(() => files.set(entry, onDisk(entry, 0)));
      }
    } else if (!files.has(path)) {
      files.set(path, found.isFile() ? onDisk(name, found.size) : await held(name, createReadStream(name)));
    }
  }

  for (const name of names) {
    if (name === "-") files.set("-", files.get("-") ?? (await held("stdin", stdin())));
    else {
      await add(name).catch((error: NodeJS.ErrnoException) => {
        const reason = error.code === "ENOENT" ? "no such file or folder" : error.message;
        throw new ConfigError(`cannot read ${name}: ${reason}`, { cause: error });
      });
    }
  }
  return [...files.values()];
}

async function entriesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.name.startsWith(".") && entry.name !== S3_TEST_FILE)
    .map((entry) => join(folder, entry.name))
    .sort();
}

function onDisk(name: string, sizeBytes: number): LogFile {
  const folder = basename(dirname(name));
  return {
    name,
    sizeBytes,
    logStream: STREAM_FOLDER.test(folder) ? logStreamName(folder) : null,
    open: () => createReadStream(name),
  };
}

async function held(name: string, bytes: Bytes): Promise<LogFile> {
  const chunks: Uint8Array[] = [];
  await pipeline(bytes, createGzip({ level: 1 }), async (compressed: Bytes) => {
    for await (const chunk of compressed) chunks.push(chunk);
  });
  const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return { name, sizeBytes, logStream: null, open: () => Readable.from(chunks) };
}
