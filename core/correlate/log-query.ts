// The Logs Insights query that fetches what the reader needs. The price is the bytes scanned, whatever the
// filter; the filter only saves rows, of which a query returns at most 100,000.
import type { CorrelationField, ScanSettings } from "../model/settings.ts";
import { UUID } from "./patterns.ts";

/** Logs Insights refuses longer queries. */
const MAX_QUERY_LENGTH = 10_000;

/** Regular expression syntax that JavaScript and Logs Insights may read differently. */
const NOT_PORTABLE = /\(\?(?!:)|\\[1-9kpPu]|[^\x20-\x7e]/;

/** Lines without an id that still matter: errors that left the handler, counts printed on a line of their own. */
const TEXTS = [
  "Task timed out",
  "INIT_REPORT",
  "platform.",
  "errorType",
  "eceiveCount",
  "eceive_count",
  "equencer",
];
const REGEXES = ["^\\[ERROR\\]", "^Error raised from handler"];
/** A fifth of all lines, and REPORT, which follows, says when the invocation ended, too. */
const SUPERFLUOUS = "| filter @message not like /^END RequestId: /";

/**
 * The query for one log group or several, oldest lines first. Every line with a UUID in it (START, REPORT, timeouts and ids
 * of all shapes, but not END) and every line with a configured field is fetched. Where a configured pattern cannot be
 * handed to Logs Insights safely, all lines but END are fetched.
 * @returns query text of at most 10,000 characters, and the row limit.
 */
export function buildLogQuery(
  settings: Pick<ScanSettings, "messageIdPatterns" | "maxLogRows"> & {
    readonly correlationFields: readonly CorrelationField[];
  },
): { query: string; limit: number } {
  const limit = settings.maxLogRows;
  const fieldNames = settings.correlationFields.filter((f) => !("pattern" in f)).map((f) => f.name);
  const patterns = [
    ...settings.correlationFields.flatMap((f) => ("pattern" in f ? [f.pattern] : [])),
    ...settings.messageIdPatterns,
  ];
  const conditions = [
    ...[UUID, ...REGEXES, ...patterns].map((source) => `@message like ${regexLiteral(source)}`),
    ...[...TEXTS, ...fieldNames].map((text) => `@message like ${stringLiteral(text)}`),
  ];
  const filter = `| filter ${conditions.join("\n    or ")}`;
  const filtered = assemble(limit, filter);
  const portable = !patterns.some((pattern) => NOT_PORTABLE.test(pattern)) && fieldNames.every(isPlain);
  const query = portable && filtered.length <= MAX_QUERY_LENGTH ? filtered : assemble(limit);
  return { query, limit };
}

function assemble(limit: number, filter?: string): string {
  const lines = [
    "fields @timestamp, @log, @logStream, @message",
    SUPERFLUOUS,
    filter,
    "| sort @timestamp asc",
    `| limit ${limit}`,
  ];
  return lines.filter((line) => line !== undefined).join("\n");
}

function regexLiteral(source: string): string {
  return `/${source.replace(/(?<!\\)((?:\\\\)*)\//g, "$1\\/")}/`;
}

function stringLiteral(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** Without control characters, which could end the line and begin a command of their own. */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}
