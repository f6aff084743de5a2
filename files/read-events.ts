// One file → its events, in the order of the file, and an account of what could not be read.
import { type Damage, decode } from "./decode.ts";
import { detectFormat, KNOWN_FORMATS } from "./formats/detect.ts";
import type { EventParser, FileEvent } from "./log-event.ts";
import type { LogFile } from "./log-file.ts";

/** What reading one file came to. */
export interface FileReport {
  /** undefined when the format is not known. */
  readonly format: { readonly name: string; readonly wholeSeconds: boolean } | undefined;
  readonly events: number;
  /** Characters of text. */
  readonly textLength: number;
  readonly unreadable: { readonly count: number; readonly firstLines: readonly number[] };
  /** Why the file could not be read, or not to its end: one plain sentence. */
  readonly problem: string | undefined;
}

/** Text looked at to tell the format: more than one large event. */
const HEAD_LENGTH = 512 * 1024;
const LINES_SHOWN = 3;
const DAMAGES = {
  "cut-off": "the gzip data ends too soon; what comes before the cut was read",
  corrupt: "the gzip data is damaged; what comes before the damage was read",
} as const;

/** Pages of events; the generator's return value is the report. */
export async function* readEvents(file: LogFile): AsyncGenerator<readonly FileEvent[], FileReport> {
  const page: FileEvent[] = [];
  let parser: EventParser | undefined;
  let head = "";
  let format: FileReport["format"];
  let events = 0;
  let textLength = 0;
  let count = 0;
  const firstLines: number[] = [];
  let damage: Damage | undefined;
  const sink = {
    event: (event: FileEvent) => void page.push(event),
    unreadable(line: number) {
      count += 1;
      if (firstLines.length < LINES_SHOWN) firstLines.push(line);
    },
  };
  const begin = () => {
    const found = detectFormat(head);
    format = found && { name: found.name, wholeSeconds: found.wholeSeconds };
    parser = found?.createParser(sink);
    parser?.write(head);
  };
  const taken = () => {
    events += page.length;
    return page.splice(0);
  };
  const text = decode(file.open(), (found) => {
    damage = found;
  });
  let failure: string | undefined;
  try {
    for await (const piece of text) {
      textLength += piece.length;
      if (parser !== undefined) parser.write(piece);
      else {
        head += piece;
        if (head.length < HEAD_LENGTH) continue;
        begin();
        if (parser === undefined) break;
      }
      yield taken();
    }
  } catch (error) {
    failure = messageOf(error);
  }
  if (parser === undefined && format === undefined) begin();
  parser?.end();
  yield taken();
  // An empty file, and an answer without events, lack nothing.
  const isEmpty = textLength === 0 || (format?.name === "json" && count === 0);
  return {
    format,
    events,
    textLength,
    unreadable: { count, firstLines },
    problem: failure ?? problemOf(damage, isEmpty || events > 0),
  };
}

function problemOf(damage: Damage | undefined, isLog: boolean): string | undefined {
  if (typeof damage === "object") return `it is ${damage.unsupported}; unpack it first`;
  if (damage !== undefined) return DAMAGES[damage];
  return isLog ? undefined : `no log event was recognised; expected ${KNOWN_FORMATS}`;
}

/** Node's own errors may be of another realm than `Error`. */
function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error
    ? String(error.message)
    : String(error);
}
