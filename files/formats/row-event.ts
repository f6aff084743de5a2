// A row of JSON or CSV → the log event that it is. The names are those of the CloudWatch Logs API, of Logs Insights,
// of subscriptions and of Lambda's own JSON log format.
import type { FileEvent } from "../log-event.ts";
import { logStreamName } from "./log-stream-name.ts";
import { timeOf } from "./times.ts";

export type Row = Readonly<Record<string, unknown>>;

export const TIME_COLUMNS = ["@timestamp", "timestamp"] as const;
export const MESSAGE_COLUMNS = ["@message", "message"] as const;
const STREAM_COLUMNS = ["@logStream", "logStreamName", "logStream"] as const;
const GROUP_COLUMNS = ["@log", "logGroupName", "logGroup"] as const;
/** Only what CloudWatch itself returned has one of these. */
const OF_CLOUDWATCH = ["@message", "logStreamName", "ingestionTime", "eventId", "id"] as const;

/**
 * @param text the row as it stands in the file: where it is a line of Lambda's JSON log format, that is the message.
 * @param outer members of the object round the row, which may name the stream of all its rows.
 * @returns undefined when it has no time or no message.
 */
export function eventOfJson(row: Row, text: string, outer: Row): FileEvent | undefined {
  const fromCloudWatch = typeof row["timestamp"] === "number" || OF_CLOUDWATCH.some((name) => name in row);
  return fromCloudWatch ? cloudWatchEvent(row, outer) : lambdaLine(row, text);
}

/** @returns undefined when it has no time or no message. */
export function cloudWatchEvent(row: Row, outer: Row = {}): FileEvent | undefined {
  const timestampMs = timeOf(first(row, TIME_COLUMNS));
  const message = first(row, MESSAGE_COLUMNS);
  if (timestampMs === undefined || message === undefined || message === null) return undefined;
  return {
    timestampMs,
    logStream: textOrNull(first(row, STREAM_COLUMNS) ?? first(outer, STREAM_COLUMNS), logStreamName),
    logGroup: textOrNull(first(row, GROUP_COLUMNS) ?? first(outer, GROUP_COLUMNS)),
    // The console writes messages that are JSON as objects.
    message: typeof message === "string" ? message.trimEnd() : JSON.stringify(message),
  };
}

/** A line of Lambda's JSON log format that was saved alone: it carries its own time. */
function lambdaLine(row: Row, text: string): FileEvent | undefined {
  const timestampMs = timeOf(row["time"] ?? row["timestamp"]);
  if (timestampMs === undefined) return undefined;
  return { timestampMs, logStream: null, logGroup: null, message: text };
}

function first(row: Row, names: readonly string[]): unknown {
  const name = names.find((each) => row[each] !== undefined && row[each] !== "");
  return name === undefined ? undefined : row[name];
}

function textOrNull(value: unknown, tidy = (text: string) => text): string | null {
  return typeof value === "string" && value !== "" ? tidy(value) : null;
}
