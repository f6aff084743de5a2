// CSV with a header, as the console downloads log events (timestamp, message) and Logs Insights its results
// (@timestamp, @message and what else was asked for).
import type { EventParser, EventSink } from "../log-event.ts";
import { createCsvReader } from "./csv-records.ts";
import { cloudWatchEvent, MESSAGE_COLUMNS, TIME_COLUMNS } from "./row-event.ts";

/** True when a file's first line names a column of times and one of messages. */
export function isCsvHeader(line: string): boolean {
  const names = new Set(line.split(",").map((name) => name.trim().replace(/^"(.*)"$/, "$1")));
  return TIME_COLUMNS.some((name) => names.has(name)) && MESSAGE_COLUMNS.some((name) => names.has(name));
}

export function createCsvParser(sink: EventSink): EventParser {
  let header: readonly string[] | undefined;
  return createCsvReader((record, line) => {
    if (record === undefined) return sink.unreadable(line);
    if (header === undefined) {
      header = record.map((name) => name.trim());
      return;
    }
    const event = cloudWatchEvent(Object.fromEntries(header.map((name, index) => [name, record[index]])));
    if (event === undefined) sink.unreadable(line);
    else sink.event(event);
  });
}
