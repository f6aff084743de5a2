// JSON of all kinds: what the AWS CLI and the API answer, what the console downloads, one event a line.
import { isObject } from "../../core/correlate/json-line.ts";
import type { EventParser, EventSink } from "../log-event.ts";
import { createJsonRowReader } from "./json-rows.ts";
import { eventOfJson, type Row } from "./row-event.ts";

export function createJsonParser(sink: EventSink): EventParser {
  return createJsonRowReader({
    unreadable: (line) => sink.unreadable(line),
    row(text, line, outer) {
      const row = rowOf(text);
      const event = row && eventOfJson(row, text, outer);
      if (event === undefined) sink.unreadable(line);
      else sink.event(event);
    },
  });
}

/** An object, or a row of GetQueryResults: a list of fields with their values. */
function rowOf(text: string): Row | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (isObject(value)) return value;
  if (!Array.isArray(value)) return undefined;
  const pairs = value.filter(isObject).map(({ field, value: content }) => [String(field), content]);
  return Object.fromEntries(pairs) as Row;
}
