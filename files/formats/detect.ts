// Which format a file has, from how it begins; its name says nothing.
import type { EventParser, EventSink } from "../log-event.ts";
import { CLI_EVENT, createCliTextParser } from "./cli-text.ts";
import { createCsvParser, isCsvHeader } from "./csv.ts";
import { createJsonParser } from "./json.ts";
import { createTextParser } from "./text.ts";
import { TEXT_SHAPES, withoutColours } from "./text-shapes.ts";

export interface LogFormat {
  /** Kebab-case. */
  readonly name: string;
  /** True where times are cut to whole seconds. */
  readonly wholeSeconds: boolean;
  createParser(sink: EventSink): EventParser;
}

/** In words, for whoever brought a file that is none of them. */
export const KNOWN_FORMATS =
  "an export to S3, a console download (CSV or JSON), output of aws logs filter-log-events, get-log-events or tail, or Logs Insights results (JSON or CSV), each as it is or gzipped";

/** Lines looked at: a file may begin with the end of a message. */
const LINES_LOOKED_AT = 200;
const JSON_BEGINS = /^\s*(?:\{\s*["}]|\[\s*[[{\]])/;

/** @param head the file's first text. @returns undefined for a format that is not known. */
export function detectFormat(head: string): LogFormat | undefined {
  if (JSON_BEGINS.test(head)) return format("json", createJsonParser);
  const lines = head.split(/\r?\n/, LINES_LOOKED_AT);
  const header = lines.find((line) => line.trim() !== "") ?? "";
  if (isCsvHeader(header)) return format("csv", createCsvParser);
  if (lines.some((line) => CLI_EVENT.test(line))) return format("cli-text", createCliTextParser);
  for (const line of lines) {
    const shape = TEXT_SHAPES.find(({ first }) => first.test(withoutColours(line)));
    if (shape === undefined) continue;
    return {
      name: shape.name,
      wholeSeconds: shape.wholeSeconds === true,
      createParser: (sink) => createTextParser(shape, sink),
    };
  }
  return undefined;
}

function format(name: string, createParser: LogFormat["createParser"]): LogFormat {
  return { name, wholeSeconds: false, createParser };
}
