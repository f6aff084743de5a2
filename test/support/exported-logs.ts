// Log events as every tool writes them to files. Shapes: the AWS CLI's source and output, CloudWatch's API reference,
// and downloads of its console.
import { gzipSync } from "node:zlib";

export interface ExportedEvent {
  readonly timestampMs: number;
  readonly logStream: string;
  readonly message: string;
}

/** File contents by path. */
export type ExportedFiles = Readonly<Record<string, string | Uint8Array>>;
type Exporter = (events: readonly ExportedEvent[], logGroup?: string) => ExportedFiles;

const iso = (timeMs: number) => new Date(timeMs).toISOString();
/** As Python's isoformat writes UTC: microseconds, and an offset. */
const python = (timeMs: number) => iso(timeMs).replace("Z", "000+00:00");
/** As Logs Insights writes UTC: a blank, and no zone. */
const insights = (timeMs: number) => iso(timeMs).replace("T", " ").replace("Z", "");
const csvField = (text: string) => `"${text.replaceAll('"', '""')}"`;
const pretty = (message: string) => {
  try {
    return `\n${JSON.stringify(JSON.parse(message), null, 4)}`;
  } catch {
    return message;
  }
};
const api = ({ timestampMs, logStream, message }: ExportedEvent) => ({
  logStreamName: logStream,
  timestamp: timestampMs,
  message,
  ingestionTime: timestampMs + 1500,
  eventId: String(timestampMs).padEnd(56, "0"),
});
const fields = (event: ExportedEvent) => [
  { field: "@timestamp", value: insights(event.timestampMs) },
  { field: "@message", value: event.message },
  { field: "@logStream", value: event.logStream },
  { field: "@ptr", value: "CmEKJQohMTIzNDU2Nzg5MDEyOi9hd3M" },
];

function perStream(
  events: readonly ExportedEvent[],
  name: (stream: string, index: number) => string,
  content: (events: readonly ExportedEvent[]) => string | Uint8Array,
): ExportedFiles {
  const streams = [...Map.groupBy(events, ({ logStream }) => logStream)];
  return Object.fromEntries(streams.map(([stream, own], index) => [name(stream, index), content(own)]));
}

const lines = (events: readonly ExportedEvent[], line: (event: ExportedEvent) => string) =>
  events.map((event) => `${line(event).trimEnd()}\n`).join("");

export const EXPORTERS = {
  "filter-log-events": (events) => ({
    "filter.json": JSON.stringify({ events: events.map(api), searchedLogStreams: [] }, null, 4),
  }),
  "filter-log-events --output text": (events) => ({
    "filter.txt": events
      .map(api)
      .map(
        (e) => `EVENTS\t${e.eventId}\t${e.ingestionTime}\t${e.logStreamName}\t${e.message}\t${e.timestamp}\n`,
      )
      .join(""),
  }),
  "get-log-events": (events) =>
    perStream(
      events,
      (_, index) => `stream-${index}.json`,
      (own) =>
        JSON.stringify({
          events: own.map(({ timestampMs: timestamp, message }) => ({
            timestamp,
            message,
            ingestionTime: timestamp,
          })),
          nextForwardToken: "f/38145/s",
          nextBackwardToken: "b/38144/s",
        }),
    ),
  "get-log-events --output text": (events) =>
    perStream(
      events,
      (_, index) => `stream-${index}.txt`,
      (own) =>
        `b/38144/s\tf/38145/s\n${own.map((e) => `EVENTS\t${e.timestampMs + 9}\t${e.message}\t${e.timestampMs}\n`).join("")}`,
    ),
  "tail (detailed)": (events) => ({
    "tail.txt": lines(events, (e) => `${python(e.timestampMs)} ${e.logStream} ${e.message}`),
  }),
  "tail --format json": (events) => ({
    "tail.txt": lines(events, (e) => `${python(e.timestampMs)} ${e.logStream} ${pretty(e.message)}`),
  }),
  "sam logs": (events) => ({
    "sam.log": lines(
      events,
      (e) => `${e.logStream} ${python(e.timestampMs).replace("+00:00", "")} ${e.message}`,
    ),
  }),
  "export to S3": (events) => ({
    "aws-logs-write-test": "Permission Check Successful",
    ...perStream(
      events,
      (stream) => `0a1b2c3d-1111-4222-8333-0123456789ab/${stream.replaceAll("/", "-")}/000000.gz`,
      (own) => gzipSync(lines(own, (e) => `${iso(e.timestampMs)} ${e.message}`)),
    ),
  }),
  "console, CSV": (events) =>
    perStream(
      events,
      (_, index) => `log-events-viewer-result (${index}).csv`,
      (own) => `timestamp,message\n${own.map((e) => `${e.timestampMs},${csvField(e.message)}\n`).join("")}`,
    ),
  "console, JSON": (events) => ({
    "log-events-viewer-result.json": JSON.stringify(
      events.map(({ timestampMs, logStream, message }) => ({
        timestamp: timestampMs,
        message,
        logStreamName: logStream,
      })),
    ),
  }),
  "get-query-results": (events) => ({
    "results.json": JSON.stringify({
      results: events.map(fields),
      statistics: { recordsMatched: events.length },
      status: "Complete",
    }),
  }),
  "Logs Insights, JSON, newest first": (events) => ({
    "logs-insights-results.json": JSON.stringify(
      events
        .toReversed()
        .map((event) => Object.fromEntries(fields(event).map(({ field, value }) => [field, value]))),
    ),
  }),
  "Logs Insights, CSV, newest first": (events) => ({
    "logs-insights-results.csv": `\uFEFF@timestamp,@message,@logStream\r\n${events
      .toReversed()
      .map((e) => `${insights(e.timestampMs)},${csvField(e.message)},${e.logStream}\r\n`)
      .join("")}`,
  }),
  "one event a line": (events) => ({
    "events.jsonl": events.map((event) => `${JSON.stringify(api(event))}\n`).join(""),
  }),
  "subscription, archived": (events, logGroup = "/aws/lambda/orders") => ({
    "firehose-1-2026-11-23-17-00-00": gzipSync(
      Object.values(
        perStream(
          events,
          (stream) => stream,
          (own) =>
            JSON.stringify({
              messageType: "DATA_MESSAGE",
              owner: "123456789012",
              logGroup,
              logStream: own[0]?.logStream,
              subscriptionFilters: ["archive"],
              logEvents: own.map(({ timestampMs, message }, n) => ({
                id: `${n}`,
                timestamp: timestampMs,
                message,
              })),
            }),
        ),
      ).join(""),
    ),
  }),
} as const satisfies Readonly<Record<string, Exporter>>;

export type ExportFormat = keyof typeof EXPORTERS;
export const EXPORT_FORMATS = Object.keys(EXPORTERS) as ExportFormat[];

/** `aws logs tail --format short`: no streams, whole seconds. */
export const tailShort: Exporter = (events) => ({
  "tail.txt": lines(events, (e) => `${iso(e.timestampMs).slice(0, 19)} ${e.message}`),
});
