import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { createLogReader } from "../../../core/correlate/log-reader.ts";
import type { LogObservations } from "../../../core/correlate/observations.ts";
import type { LogLine } from "../../../core/ports.ts";
import {
  at,
  FUNCTION_ARN,
  iso,
  messageId,
  QUEUE_ARN,
  requestId,
  STREAM,
  sqsEvent,
  textInvocation,
} from "../../support/log-lines.ts";

function read(pages: readonly (readonly LogLine[])[]): LogObservations {
  const reader = createLogReader({
    functionArn: FUNCTION_ARN,
    logFormat: "Text",
    settings: { correlationFields: [{ name: "correlationId" }], messageIdPatterns: [] },
    queueArn: QUEUE_ARN,
  });
  for (const page of pages) reader.read(page);
  return reader.finish();
}

/** Without the order in which invocations were met. */
function canonical({ invocations, correlations, rows, unattributed }: LogObservations): unknown {
  const text = (value: unknown) => JSON.stringify(value);
  return {
    rows,
    unattributed,
    invocations: invocations
      .map((invocation) => text({ ...invocation, messages: invocation.messages.map(text).sort() }))
      .sort(),
    correlations: correlations.map(text).sort(),
  };
}

/** Lines of a few streams; durations and pauses of 0 to 3 ms make most timestamps equal. */
const lines = fc
  .array(
    fc.record({
      stream: fc.integer({ min: 0, max: 2 }),
      request: fc.integer({ min: 0, max: 12 }),
      pauseMs: fc.integer({ min: 0, max: 3 }),
      durationMs: fc.integer({ min: 0, max: 3 }),
      message: fc.integer({ min: 0, max: 4 }),
      shape: fc.constantFrom("event", "named", "bare", "none"),
      status: fc.constantFrom(undefined, "error" as const, "timeout" as const),
      dropStart: fc.boolean(),
      dropReport: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((drawn) => {
    const clocks = [0, 0, 0];
    const all: LogLine[] = [];
    drawn.forEach((d, i) => {
      const startMs = (clocks[d.stream] ?? 0) + d.pauseMs;
      clocks[d.stream] = startMs + Math.max(d.durationMs, 1);
      const id = requestId(d.request * 100 + i);
      const event = sqsEvent({ messageId: messageId(d.message), receiveCount: i + 1 });
      const print = {
        event,
        named: `${iso(startMs)}\t${id}\tINFO\t${event}`,
        bare: `messageId=${messageId(d.message)} correlationId=c${i}`,
        none: "",
      }[d.shape];
      const own = textInvocation({
        id,
        startMs,
        durationMs: d.durationMs,
        logStream: `${STREAM}${d.stream}`,
        prints: print ? [print] : [],
        ...(d.status && { status: d.status }),
      });
      all.push(
        ...own.filter(
          ({ message }) =>
            !(d.dropStart && message.startsWith("START")) && !(d.dropReport && message.startsWith("REPORT")),
        ),
      );
    });
    return all
      .map((line, order) => ({ line, order }))
      .sort((a, b) => a.line.timestampMs - b.line.timestampMs || a.order - b.order)
      .map(({ line }) => line);
  });

describe("the log reader", () => {
  test("gives the same whatever the order within a millisecond", () => {
    void fc.assert(
      fc.property(lines, fc.infiniteStream(fc.nat()), (sorted, keys) => {
        const shuffled = sorted
          .map((line) => ({ line, key: keys.next().value }))
          .sort((a, b) => a.line.timestampMs - b.line.timestampMs || a.key - b.key)
          .map(({ line }) => line);
        expect(canonical(read([shuffled]))).toEqual(canonical(read([sorted])));
      }),
      { numRuns: 300 },
    );
  });

  test("gives the same however streams are interleaved", () => {
    void fc.assert(
      fc.property(lines, (sorted) => {
        const oneAfterTheOther = [...sorted].sort((a, b) =>
          a.logStream < b.logStream ? -1 : a.logStream > b.logStream ? 1 : 0,
        );
        expect(canonical(read([oneAfterTheOther]))).toEqual(canonical(read([sorted])));
      }),
    );
  });

  test("gives the same wherever pages are split", () => {
    void fc.assert(
      fc.property(lines, fc.array(fc.nat({ max: 60 }), { maxLength: 5 }), (sorted, cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), sorted.length];
        const pages = edges.slice(1).map((to, i) => sorted.slice(edges[i], to));
        expect(read(pages)).toEqual(read([sorted]));
      }),
    );
  });

  test("takes any text without failing", () => {
    void fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 200 })), (texts) => {
        expect(read([texts.map((text, i) => at(i, text))]).rows).toBe(texts.length);
      }),
    );
  });
});
