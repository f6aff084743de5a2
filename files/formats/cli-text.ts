// `aws logs filter-log-events` and `get-log-events` with `--output text`: one row an event, its members in the order
// of the alphabet, so the message stands before the time, with its own tabs and line breaks as they are.
import type { EventParser, EventSink } from "../log-event.ts";
import { createLineSplitter } from "./lines.ts";

/** EVENTS, ingestion time, message …; and with the event's id before and its stream behind the ingestion time. */
const GET = /^EVENTS\t\d{13}\t(?<message>.*)$/s;
const FILTER = /^EVENTS\t[^\t]+\t\d{13}\t(?<stream>[^\t]*)\t(?<message>.*)$/s;
const TIME_AT_END = /^(?<message>.*)\t(?<time>\d{13})$/s;
/** Tokens, and the streams that were searched. */
const NO_EVENT = /^(?:SEARCHEDLOGSTREAMS|NEXTTOKEN)\t|^[bf]\/\d+(?:\/s)?(?:\t|$)/;

/** The first line of an event. */
export const CLI_EVENT = /^EVENTS\t/;

export function createCliTextParser(sink: EventSink): EventParser {
  let open: { readonly lines: string[]; readonly number: number } | undefined;

  function close(): void {
    if (open === undefined) return;
    const { lines, number } = open;
    open = undefined;
    const row = lines.join("\n").trimEnd();
    const groups = (GET.exec(row) ?? FILTER.exec(row))?.groups;
    const ending = TIME_AT_END.exec(groups?.["message"] ?? "")?.groups;
    if (ending === undefined) {
      sink.unreadable(number);
      return;
    }
    sink.event({
      timestampMs: Number(ending["time"]),
      logStream: groups?.["stream"] ?? null,
      logGroup: null,
      message: (ending["message"] ?? "").trimEnd(),
    });
  }

  const splitter = createLineSplitter((line, number) => {
    if (line === undefined) return sink.unreadable(number);
    if (CLI_EVENT.test(line)) {
      close();
      open = { lines: [line], number };
    } else if (NO_EVENT.test(line)) {
      close();
    } else if (open !== undefined) {
      open.lines.push(line);
    } else if (line.trim() !== "") {
      sink.unreadable(number);
    }
  });

  return {
    write: (text) => splitter.write(text),
    end() {
      splitter.end();
      close();
    },
  };
}
