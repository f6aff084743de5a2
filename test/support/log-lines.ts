// Log lines as Lambda and its consumers write them, built by hand for the tests of core/correlate.
import type { LogLine } from "../../core/ports.ts";

/** A UUID that is easy to recognise: `uuid(7)` ends in …07. */
export function uuid(n: number, kind = "a"): string {
  return `${kind.repeat(8)}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

export const messageId = (n: number): string => uuid(n, "e");
export const requestId = (n: number): string => uuid(n, "b");

export const HANDLE = `AQEB${"wJnKyrHigUMZj6rYigCgxlaS3SLy0a".repeat(6)}==`;
export const QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:orders";
export const FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:handle-order";
export const OTHER_FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:bill-order";
export const STREAM = "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef";

/** 2026-11-23T12:00:00Z. */
export const T0 = Date.UTC(2026, 10, 23, 12);

export function at(offsetMs: number, message: string, logStream = STREAM): LogLine {
  return { timestampMs: T0 + offsetMs, logStream, message };
}

export const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString();

export const start = (id: string): string => `START RequestId: ${id} Version: $LATEST\n`;
export const end = (id: string): string => `END RequestId: ${id}\n`;
export function report(id: string, durationMs: number, rest = ""): string {
  const billedMs = Math.ceil(durationMs);
  return `REPORT RequestId: ${id}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billedMs} ms\tMemory Size: 128 MB\tMax Memory Used: 90 MB\t${rest}\n`;
}

export interface RecordParts {
  readonly messageId: string;
  readonly receiveCount?: number;
  readonly body?: string;
  readonly eventSourceARN?: string;
}

/** One record of an SQS event, as Lambda hands it over. */
export function sqsRecord({
  messageId: id,
  receiveCount = 1,
  body = "{}",
  eventSourceARN = QUEUE_ARN,
}: RecordParts) {
  return {
    messageId: id,
    receiptHandle: HANDLE,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: "1732363200000",
      SenderId: "AIDAEXAMPLE",
      ApproximateFirstReceiveTimestamp: "1732363200005",
    },
    messageAttributes: {},
    md5OfBody: "7b270e59b47ff90a553787216d55d91d",
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion: "us-east-1",
  };
}

export const sqsEvent = (...records: readonly RecordParts[]): string =>
  JSON.stringify({ Records: records.map(sqsRecord) });

export interface InvocationParts {
  readonly id: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** Application lines, one millisecond after the start. */
  readonly prints?: readonly string[];
  readonly status?: "timeout" | "error";
  readonly logStream?: string;
}

/** All lines of one invocation in text format. */
export function textInvocation(parts: InvocationParts): LogLine[] {
  const { id, startMs, durationMs, prints = [], status, logStream = STREAM } = parts;
  const endMs = startMs + durationMs;
  const timeout = `${iso(endMs)} ${id} Task timed out after ${(durationMs / 1000).toFixed(2)} seconds\n\n`;
  return [
    at(startMs, start(id), logStream),
    ...prints.map((text) => at(startMs + 1, text, logStream)),
    ...(status === "timeout" ? [at(endMs, timeout, logStream)] : []),
    at(endMs, end(id), logStream),
    at(endMs, report(id, durationMs, status ? `Status: ${status}` : ""), logStream),
  ];
}
