// One invocation → its log lines, as Lambda and the consumer's runtime write them.
import type { SqsRecord } from "../../simulator/engine/bodies.ts";
import { hexId, receiptHandle, uuid } from "../../simulator/engine/ids.ts";
import { closingLines, eventLines } from "../../simulator/logs/application-lines.ts";
import { type InvocationFacts, isoTime, type Line } from "../../simulator/logs/line.ts";
import { platformJson } from "../../simulator/logs/platform-json.ts";
import { platformText } from "../../simulator/logs/platform-text.ts";
import { RUNTIMES } from "../../simulator/logs/style.ts";
import type { Consumer } from "./consumers.ts";
import { FUNCTION_TIMEOUT_MS, type Message, type Run } from "./traffic.ts";

const REGION = "us-east-1";
const ACCOUNT_ID = "123456789012";
/** How long after START the event is printed. */
const EVENT_AFTER_MS = 2;

export const queueArn = ({ name }: Consumer): string => `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`;
export const functionArn = ({ name }: Consumer): string =>
  `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${name}`;
export const logGroup = ({ name }: Consumer): string => `/aws/lambda/${name}`;

/** All lines of one invocation in order of time. */
export function renderRun(seed: number, run: Run): Line[] {
  const { consumer, startMs, endMs } = run;
  const facts = factsOf(seed, run);
  const platform =
    consumer.format === "JSON"
      ? platformJson(facts, "INFO")
      : platformText(facts, new Set(consumer.oddities));
  const eventMs = Math.min(startMs + EVENT_AFTER_MS, endMs);
  const closingMs = Math.max(startMs, endMs - 1);
  const event = eventLines(consumer.shape, consumer.format, facts, eventMs);
  const closing = closingLines(consumer.shape, consumer.format, facts, closingMs);
  return [
    ...platform.before,
    ...event.map((message) => ({ timestampMs: eventMs, message })),
    ...workLines(run, facts, eventMs, closingMs),
    ...closing.map((message) => ({ timestampMs: closingMs, message })),
    ...platform.after,
  ];
}

/** What the consumer prints while it works through its records, evenly over its run. */
function workLines({ consumer }: Run, facts: InvocationFacts, fromMs: number, toMs: number): Line[] {
  return facts.records.flatMap((record, i) => {
    const timestampMs = fromMs + Math.floor(((toMs - fromMs) * i) / facts.records.length);
    const steps = Array.from(
      { length: consumer.stepsPerRecord },
      (_, step) => `step ${step + 1} of record ${i + 1} done in ${(timestampMs % 89) + 7} ms`,
    );
    const texts = consumer.namesRecords ? [recordText(record), ...steps] : steps;
    return texts.map((text) => ({ timestampMs, message: framed(consumer, facts, timestampMs, text) }));
  });
}

function recordText({ messageId, attributes, body }: SqsRecord): string {
  const correlationId = /"correlationId":"([^"]+)"/.exec(body)?.[1];
  const correlation = correlationId === undefined ? "" : ` correlationId=${correlationId}`;
  return `handling messageId=${messageId} receiveCount=${attributes["ApproximateReceiveCount"]}${correlation}`;
}

function framed(consumer: Consumer, { requestId }: InvocationFacts, atMs: number, text: string): string {
  if (consumer.format === "JSON") {
    return `${JSON.stringify({ timestamp: isoTime(atMs), level: "INFO", requestId, message: text })}\n`;
  }
  return consumer.prefix === "none" ? `${text}\n` : `${isoTime(atMs)}\t${requestId}\tINFO\t${text}\n`;
}

function factsOf(seed: number, run: Run): InvocationFacts {
  const { consumer, startMs, initMs, outcome } = run;
  const foreignId = uuid(seed, "decoy", run.index);
  const records = run.batch.map((message, i) => recordOf(seed, run, message, i));
  const [first] = records;
  return {
    requestId: uuid(seed, "request", run.index),
    functionName: consumer.name,
    functionArn: functionArn(consumer),
    version: "$LATEST",
    runtime: RUNTIMES[consumer.shape],
    memoryMb: 256,
    timeoutSeconds: FUNCTION_TIMEOUT_MS / 1000,
    beginMs: startMs - initMs,
    startMs,
    endMs: run.endMs,
    initMs,
    outcome,
    trigger: "queue",
    records,
    returned:
      outcome === "error" && consumer.namesTheFailed && first
        ? [{ messageId: first.messageId, why: "failed" }]
        : [],
    foreignId,
    xrayTraceId: `1-${Math.floor(startMs / 1000).toString(16)}-${foreignId.replaceAll("-", "").slice(0, 24)}`,
  };
}

function recordOf(seed: number, { consumer, index }: Run, message: Message, position: number): SqsRecord {
  return {
    messageId: uuid(seed, "message", message.index),
    receiptHandle: receiptHandle(seed, consumer.name, index * 10 + position),
    body: JSON.stringify({
      ...(consumer.correlated && { correlationId: uuid(seed, "correlation", message.index) }),
      orderId: `R-${100_000 + (message.index % 900_000)}`,
      customer: `c-${message.index % 5000}`,
      amount: (message.index % 20_000) / 100,
      currency: "EUR",
    }),
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.firstReceivedMs - 40),
      SenderId: "AROAEXAMPLEID:producer",
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    },
    messageAttributes: {},
    md5OfBody: hexId(seed, "receipt", message.index),
    eventSource: "aws:sqs",
    eventSourceARN: queueArn(consumer),
    awsRegion: REGION,
  };
}
