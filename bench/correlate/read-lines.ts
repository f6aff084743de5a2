// A file of lines, read page by page into one buffer: no more than one page of it is ever held.
import { closeSync, openSync, readSync } from "node:fs";

/** Longer than any line: CloudWatch Logs takes events of at most 1 MB. */
const BUFFER_BYTES = 2 << 20;
const PAGE_BYTES = 1 << 16;
const NEWLINE = 0x0a;

/** The lines of each page, without their line breaks. */
export function* readPages(path: string): Generator<readonly string[]> {
  const file = openSync(path, "r");
  const buffer = Buffer.alloc(BUFFER_BYTES);
  let held = 0;
  try {
    for (;;) {
      const read = readSync(file, buffer, held, Math.min(PAGE_BYTES, BUFFER_BYTES - held), null);
      if (read === 0) break;
      held += read;
      const end = buffer.subarray(0, held).lastIndexOf(NEWLINE);
      if (end === -1) continue;
      yield buffer.toString("utf8", 0, end).split("\n");
      buffer.copyWithin(0, end + 1, held);
      held -= end + 1;
    }
    if (held > 0) yield [buffer.toString("utf8", 0, held)];
  } finally {
    closeSync(file);
  }
}
