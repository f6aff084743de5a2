// What the function's own code prints, one row a shape: how it writes text, and what it writes at the start
// of an invocation, when it has failed, and when it is done.
import { asyncEventText } from "./async-event-text.ts";
import {
  asDotnetJson,
  asGoStruct,
  asJavaText,
  asJson,
  asNodeInspection,
  asPythonDict,
  asRubyHash,
  asRustDebug,
} from "./event-text.ts";
import { type InvocationFacts, isoTime } from "./line.ts";
import type { LogShape } from "./style.ts";

type Level = "INFO" | "ERROR";

/** Puts one text (or, in JSON format, one value) into the frame that runtime and log format give it. */
type Frame = (facts: InvocationFacts, atMs: number, level: Level, text: string, value?: unknown) => string;

interface ShapeRow {
  readonly text: Frame;
  readonly json: Frame;
  /** The texts printed for the event, one line each; a value is for loggers that keep structure in JSON. */
  readonly event: (facts: InvocationFacts) => readonly { readonly text: string; readonly value?: unknown }[];
}

const raw: Frame = (_facts, _atMs, _level, text) => `${text}\n`;

const nodeText: Frame = (facts, atMs, level, text) =>
  `${isoTime(atMs)}\t${facts.requestId}\t${level}\t${text.replaceAll("\n", "\r")}\n`;

/** The JSON lines of a managed runtime; `requestKey` is what it calls the request id. */
function structured(requestKey: string): Frame {
  return (facts, atMs, level, text, value) =>
    `${JSON.stringify({ timestamp: isoTime(atMs), level, [requestKey]: facts.requestId, message: value ?? text })}\n`;
}

const pythonText: Frame = (facts, atMs, level, text) =>
  `[${level}]\t${isoTime(atMs)}\t${facts.requestId}\t${text}\n`;

const goText: Frame = (_facts, atMs, _level, text) =>
  `${isoTime(atMs).slice(0, 19).replaceAll("-", "/").replace("T", " ")} ${text}\n`;

const dotnetText: Frame = (facts, atMs, level, text) =>
  `${isoTime(atMs)}\t${facts.requestId}\t${level === "INFO" ? "info" : "fail"}\t${text}\n`;

const powertools: Frame = (facts, atMs, level, text, value) =>
  `${JSON.stringify({
    level,
    location: "handler:27",
    message: text,
    timestamp: isoTime(atMs).replace("T", " ").replace(".", ",").replace("Z", "+0000"),
    service: facts.functionName,
    cold_start: facts.initMs > 0,
    function_name: facts.functionName,
    function_memory_size: String(facts.memoryMb),
    function_arn: facts.functionArn,
    function_request_id: facts.requestId,
    ...(typeof value === "object" ? value : {}),
  })}\n`;

/** A correlation id where the body carries one, otherwise the deduplication id of a FIFO queue. */
function correlationOf(body: string, attributes: Readonly<Record<string, string>>): string | undefined {
  return /"correlationId":"([^"]+)"/.exec(body)?.[1] ?? attributes["MessageDeduplicationId"];
}

const ROWS: Record<LogShape, ShapeRow> = {
  "node-json": {
    text: nodeText,
    json: structured("requestId"),
    event: (facts) => [{ text: asJson(facts.records) }],
  },
  "node-inspect": {
    text: nodeText,
    json: structured("requestId"),
    event: (facts) => [{ text: asNodeInspection(facts.records), value: { Records: facts.records } }],
  },
  "node-two-arguments": {
    text: nodeText,
    json: structured("requestId"),
    event: (facts) => [{ text: `received ${asNodeInspection(facts.records)}` }],
  },
  "python-print": { text: raw, json: raw, event: (facts) => [{ text: asPythonDict(facts.records) }] },
  "python-logger": {
    text: pythonText,
    json: structured("requestId"),
    event: (facts) => [{ text: asPythonDict(facts.records) }],
  },
  powertools: {
    text: powertools,
    json: powertools,
    event: (facts) =>
      facts.records.map((record) => ({
        text: "handling record",
        value: { correlation_id: correlationOf(record.body, record.attributes), record },
      })),
  },
  ruby: { text: raw, json: raw, event: (facts) => [{ text: asRubyHash(facts.records, "=>") }] },
  "ruby-3.4": { text: raw, json: raw, event: (facts) => [{ text: asRubyHash(facts.records, " => ") }] },
  java: {
    text: raw,
    json: structured("AWSRequestId"),
    event: (facts) => [{ text: asJavaText(facts.records) }],
  },
  "go-plus-v": { text: goText, json: goText, event: (facts) => [{ text: asGoStruct(facts.records, true) }] },
  "go-v": { text: goText, json: goText, event: (facts) => [{ text: asGoStruct(facts.records, false) }] },
  dotnet: {
    text: dotnetText,
    json: structured("requestId"),
    event: (facts) => [{ text: asDotnetJson(facts.records) }],
  },
  rust: { text: raw, json: raw, event: (facts) => [{ text: asRustDebug(facts.records) }] },
  none: { text: nodeText, json: structured("requestId"), event: () => [] },
};

/** The event of another trigger, with ids that are neither Lambda's nor SQS's. */
function otherEvent(facts: InvocationFacts): string {
  return facts.trigger === "sync"
    ? `{"path":"/status","httpMethod":"GET","requestContext":{"requestId":"${facts.foreignId}","stage":"prod"}}`
    : `{"version":"0","id":"${facts.foreignId}","detail-type":"Object Created","source":"aws.s3"}`;
}

function frameOf(shape: LogShape, format: "Text" | "JSON"): Frame {
  const { json, text } = ROWS[shape];
  return format === "JSON" ? json : text;
}

/**
 * Printed when the handler begins.
 * @param maxTextLength where the consumer's code cuts the text; structured values stay whole.
 */
export function eventLines(
  shape: LogShape,
  format: "Text" | "JSON",
  facts: InvocationFacts,
  atMs: number,
  maxTextLength?: number,
): string[] {
  const frame = frameOf(shape, format);
  if (facts.event !== undefined) {
    const text = asyncEventText(shape, facts.event)?.slice(0, maxTextLength);
    return text === undefined ? [] : [frame(facts, atMs, "INFO", text)];
  }
  if (facts.trigger !== "queue") return [frame(facts, atMs, "INFO", otherEvent(facts))];
  return ROWS[shape]
    .event(facts)
    .map(({ text, value }) => frame(facts, atMs, "INFO", text.slice(0, maxTextLength), value));
}

/** Printed just before the end: what failed, or that all is done. A function that timed out prints nothing. */
export function closingLines(
  shape: LogShape,
  format: "Text" | "JSON",
  facts: InvocationFacts,
  atMs: number,
): string[] {
  const frame = frameOf(shape, format);
  if (facts.outcome === "timeout") return [];
  const returned = (shape === "none" ? [] : facts.returned).map(({ messageId, why }) =>
    why === "failed"
      ? frame(facts, atMs, "ERROR", `could not handle record ${messageId}`)
      : frame(facts, atMs, "INFO", `record ${messageId} is not for us, handing it back`),
  );
  if (facts.outcome === "error") {
    return [...returned, frame(facts, atMs, "ERROR", "Invoke Error: upstream answered 503")];
  }
  const count = facts.records.length;
  return [...returned, frame(facts, atMs, "INFO", `done, ${count} ${count === 1 ? "record" : "records"}`)];
}
