// The contestant that this project is: log events → deliveries → classified redeliveries, with the code of the scan.
import { addTo } from "../../core/correlate/add-to.ts";
import { createLogReader, type LogReader } from "../../core/correlate/log-reader.ts";
import { correlatePath } from "../../core/correlate/path-deliveries.ts";
import type { Cause } from "../../core/model/delivery.ts";
import type { LogLine } from "../../core/ports.ts";
import type { Answer } from "./answer.ts";
import { CONSUMERS, type Consumer } from "./consumers.ts";
import type { FileLine } from "./generate.ts";
import { measurementOf, pathOf } from "./path.ts";
import { readPages } from "./read-lines.ts";
import { functionArn, logGroup, queueArn } from "./render.ts";

const CORRELATION_FIELDS = ["correlationId", "correlation_id", "x-correlation-id", "MessageDeduplicationId"];

export function answer(path: string): Answer {
  const readers = new Map(CONSUMERS.map((consumer) => [logGroup(consumer), readerOf(consumer)]));
  for (const page of readPages(path)) {
    const pages = new Map<string, LogLine[]>();
    for (const text of page) {
      const line = JSON.parse(text) as FileLine;
      addTo(pages, line.logGroup, line);
    }
    for (const [group, lines] of pages) readers.get(group)?.read(lines);
  }
  const found = { messages: 0, deliveries: 0, redelivered: 0 };
  const causes: Partial<Record<Cause, number>> = {};
  for (const consumer of CONSUMERS) {
    const group = logGroup(consumer);
    const reader = readers.get(group);
    if (reader === undefined) continue;
    readers.delete(group);
    const result = correlatePath({
      path: pathOf(consumer),
      measurement: measurementOf(consumer),
      observations: [reader.finish()],
      bytesScanned: 0,
      truncated: false,
      unreadable: [],
    });
    found.messages += result.coverage.messages;
    found.deliveries += result.coverage.deliveries;
    for (const { cause, messages, redeliveries } of result.causes) {
      found.redelivered += messages;
      causes[cause] = (causes[cause] ?? 0) + redeliveries;
    }
  }
  return { ...found, causes };
}

function readerOf(consumer: Consumer): LogReader {
  return createLogReader({
    functionArn: functionArn(consumer),
    logFormat: consumer.format,
    settings: {
      messageIdPatterns: [],
      correlationFields: CORRELATION_FIELDS.map((name) => ({ name })),
    },
    queueArn: queueArn(consumer),
  });
}
