// What must hold for any traffic, from log lines to counted causes.
import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { createLogReader } from "../../../core/correlate/log-reader.ts";
import { knownEndMs, knownStartMs } from "../../../core/correlate/observations.ts";
import { correlatePath } from "../../../core/correlate/path-deliveries.ts";
import type { PathDeliveries } from "../../../core/model/delivery.ts";
import type { LogLine } from "../../../core/ports.ts";
import {
  at,
  end,
  FUNCTION_ARN,
  QUEUE_ARN,
  report,
  STREAM,
  sqsEvent,
  start,
  textInvocation,
  uuid,
} from "../../support/log-lines.ts";
import { measurementOf, pathOf } from "../../support/observed-deliveries.ts";

function read(lines: readonly LogLine[]) {
  const reader = createLogReader({
    functionArn: FUNCTION_ARN,
    logFormat: "Text",
    settings: { correlationFields: [{ name: "correlationId" }], messageIdPatterns: [] },
    queueArn: QUEUE_ARN,
  });
  reader.read([...lines].sort((a, b) => a.timestampMs - b.timestampMs));
  return reader.finish();
}

function correlate(lines: readonly LogLine[]): PathDeliveries {
  return correlatePath({
    path: pathOf({ maxReceiveCount: 4 }),
    measurement: measurementOf(),
    observations: [read(lines)],
    bytesScanned: 0,
    truncated: false,
    unreadable: [],
  });
}

interface Drawn {
  readonly messages: readonly number[];
  readonly startMs: number;
  readonly durationMs: number;
  readonly status?: "error" | "timeout" | undefined;
}

/** Batches of a few messages that come again and again, over ten minutes, with a visibility timeout of 30 seconds. */
const batches = (statuses: readonly Drawn["status"][]) =>
  fc.array(
    fc.record({
      messages: fc.uniqueArray(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 }),
      startMs: fc.nat({ max: 600_000 }),
      durationMs: fc.nat({ max: 59_000 }),
      status: fc.constantFrom(...statuses),
    }),
    { maxLength: 20 },
  );

/** Each batch in an environment of its own, under ids that `copy` makes different. */
function linesOf(drawn: readonly Drawn[], copy: string): LogLine[] {
  return drawn.flatMap(({ messages, startMs, durationMs, status }, i) =>
    textInvocation({
      id: uuid(i, copy),
      startMs,
      durationMs,
      logStream: `${STREAM}${copy}${i}`,
      prints: [
        sqsEvent(
          ...messages.map((n) => ({
            messageId: uuid(1000 + n, copy),
            body: JSON.stringify({ correlationId: `${copy}-${n}` }),
          })),
        ),
      ],
      ...(status && { status }),
    }),
  );
}

const redeliveriesOf = ({ causes }: PathDeliveries) => causes.reduce((sum, c) => sum + c.redeliveries, 0);

describe("any traffic", () => {
  test("twice the traffic has twice the messages, deliveries and redeliveries", () => {
    void fc.assert(
      fc.property(batches([undefined, "error", "timeout"]), (drawn) => {
        const once = correlate(linesOf(drawn, "a"));
        const twice = correlate([...linesOf(drawn, "a"), ...linesOf(drawn, "b")]);
        expect(twice.coverage.invocations).toBe(2 * once.coverage.invocations);
        expect(twice.coverage.messages).toBe(2 * once.coverage.messages);
        expect(twice.coverage.deliveries).toBe(2 * once.coverage.deliveries);
        expect(redeliveriesOf(twice)).toBe(2 * redeliveriesOf(once));
      }),
    );
  });

  // Where invocations fail, how many do is part of how the reason is found; here it must not matter.
  test("twice the traffic has every cause twice as often", () => {
    void fc.assert(
      fc.property(batches([undefined, "timeout"]), (drawn) => {
        const byName = ({ causes }: PathDeliveries) =>
          [...causes].sort((a, b) => (a.cause < b.cause ? -1 : 1));
        const once = byName(correlate(linesOf(drawn, "a")));
        const twice = byName(correlate([...linesOf(drawn, "a"), ...linesOf(drawn, "b")]));
        expect(twice).toEqual(
          once.map(({ cause, messages, redeliveries, duplicates }) => ({
            cause,
            messages: 2 * messages,
            redeliveries: 2 * redeliveries,
            duplicates: 2 * duplicates,
          })),
        );
      }),
    );
  });

  test("the order of log lines does not change what is counted", () => {
    void fc.assert(
      fc.property(batches([undefined, "error", "timeout"]), fc.infiniteStream(fc.nat()), (drawn, keys) => {
        const lines = linesOf(drawn, "a");
        const shuffled = lines
          .map((line) => ({ line, key: keys.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ line }) => line);
        expect(correlate(shuffled)).toEqual(correlate(lines));
      }),
    );
  });

  test("no invocation ends before it starts, whatever its lines say", () => {
    const line = fc.record({
      kind: fc.constantFrom("start", "end", "report", "event"),
      request: fc.nat({ max: 3 }),
      atMs: fc.nat({ max: 5000 }),
      durationMs: fc.double({ min: 0, max: 1_000_000, noNaN: true }),
      stream: fc.nat({ max: 1 }),
    });
    void fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (drawn) => {
        const { invocations } = read(
          drawn.map(({ kind, request, atMs, durationMs, stream }) => {
            const id = uuid(request, "b");
            const message = {
              start: start(id),
              end: end(id),
              report: report(id, durationMs),
              event: sqsEvent({ messageId: uuid(request, "e") }),
            }[kind];
            return at(atMs, message, `${STREAM}${stream}`);
          }),
        );
        for (const invocation of invocations) {
          expect(knownEndMs(invocation)).toBeGreaterThanOrEqual(knownStartMs(invocation));
          expect(invocation.lastLineMs).toBeGreaterThanOrEqual(invocation.firstLineMs);
        }
      }),
      { numRuns: 500 },
    );
  });
});
