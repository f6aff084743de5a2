import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { QUEUE_ARN } from "../../support/log-lines.ts";
import { causesOf, correlate, type PathOptions, type Run } from "../../support/observed-deliveries.ts";

type Options = PathOptions & { readonly throttles?: number; readonly errors?: number };
interface Case {
  readonly name: string;
  readonly runs: readonly Run[];
  readonly options?: Options;
  readonly causes: readonly string[];
}

const run = (
  startS: number,
  endS: number | null,
  receiveCount: number | null = null,
  more: Partial<Run> = {},
): Run => ({
  messages: { 1: receiveCount },
  startS,
  endS,
  ...more,
});

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("the cause of a redelivery (visibility timeout 30 s unless said otherwise)", () => {
  test.each<Case>([
    {
      name: "starts while the earlier one runs",
      runs: [run(0, 50), run(31, 40)],
      causes: ["visibility-expired 1/1"],
    },
    {
      name: "three at once",
      runs: [run(0, 100, 1), run(31, 100, 2), run(62, 100, 3)],
      causes: ["visibility-expired 2/2"],
    },
    {
      name: "the first still runs, the second has ended",
      runs: [run(0, 100), run(31, 40), run(62, 70)],
      causes: ["visibility-expired 2/2"],
    },
    {
      name: "overlaps one that times out later: both were at the same work",
      runs: [run(0, 50, 1, { outcome: "timeout" }), run(31, 40)],
      causes: ["visibility-expired 1/1"],
    },
    {
      name: "overlaps one whose end is unknown but which wrote a line later",
      runs: [run(0, 50, 1, { outcome: "unknown" }), run(31, 40)],
      causes: ["visibility-expired 1/1"],
    },
    {
      name: "overlaps by less than two clocks differ",
      runs: [run(0, 31.08), run(31, 40)],
      causes: ["deleted-too-late 1/1"],
    },
    {
      name: "overlaps long before the timeout: given out twice at once",
      runs: [run(0, 50), run(5, 40)],
      causes: ["at-least-once 1/1"],
    },
    {
      name: "overlaps from nearly the same moment on, with a timeout that is not known",
      runs: [run(0, 50), run(0.4, 40)],
      options: { visibilityTimeoutSeconds: null },
      causes: ["at-least-once 1/1"],
    },
    {
      name: "overlaps long before the timeout, at two functions",
      runs: [run(0, 50), run(5, 40, null, { second: true })],
      options: { consumers: 2 },
      causes: ["several-consumers 1/1"],
    },
    {
      name: "overlaps soon, but throttled batches wait unseen",
      runs: [run(0, 50), run(5, 40)],
      options: { throttles: 9 },
      causes: ["visibility-expired 1/1"],
    },
    {
      name: "overlaps soon, but the batch had waited",
      runs: [run(0, 50), run(12, 40)],
      options: { batchingWindowSeconds: 20 },
      causes: ["visibility-expired 1/1"],
    },
    {
      name: "overlaps, timeout unreadable",
      runs: [run(0, 50), run(5, 40)],
      options: { visibilityTimeoutSeconds: null },
      causes: ["visibility-expired 1/1"],
    },

    {
      name: "the earlier one succeeded after the timeout",
      runs: [run(0, 35), run(36, 40)],
      causes: ["deleted-too-late 1/1"],
    },
    {
      name: "the earlier one ended just in time, but was deleted a moment too late",
      runs: [run(0, 29.9), run(30, 34)],
      causes: ["deleted-too-late 1/1"],
    },
    {
      name: "… which is no reason where the later one came long before",
      runs: [run(0, 29.9), run(5, 6)].map((one, n) => (n === 0 ? { ...one, endS: 4 } : one)),
      causes: ["at-least-once 1/1"],
    },
    {
      name: "with the batch's wait it was too late",
      runs: [run(0, 15), run(20, 30)],
      options: { batchingWindowSeconds: 20 },
      causes: ["deleted-too-late 1/1"],
    },
    {
      name: "… which RBIF makes ambiguous",
      runs: [run(0, 15), run(20, 30)],
      options: { batchingWindowSeconds: 20, reportBatchItemFailures: true },
      causes: ["unknown 1/0"],
    },
    {
      name: "… and a late start rules out",
      runs: [run(0, 15), run(600, 610)],
      options: { batchingWindowSeconds: 20 },
      causes: ["at-least-once 1/1"],
    },

    {
      name: "the earlier one timed out",
      runs: [run(0, 20, 1, { outcome: "timeout" }), run(31, 40, 2)],
      causes: ["function-timeout 1/0"],
    },
    {
      name: "the earlier one failed",
      runs: [run(0, 2, 1, { outcome: "error" }), run(31, 40, 2)],
      causes: ["function-error 1/0"],
    },
    {
      name: "it failed twice, then worked",
      runs: [run(0, 2, 1, { outcome: "error" }), run(31, 33, 2, { outcome: "error" }), run(62, 63, 3)],
      causes: ["function-error 2/0"],
    },
    {
      name: "the record was handed back",
      runs: [run(0, 2, 1), run(31, 33, 2)],
      options: { reportBatchItemFailures: true },
      causes: ["function-error 1/0"],
    },
    {
      name: "handed back, but much later than that",
      runs: [run(0, 2, 1), run(600, 601, 2)],
      options: { reportBatchItemFailures: true },
      causes: ["unknown 1/0"],
    },

    {
      name: "failed, and two receives were not invoked",
      runs: [run(0, 2, 1, { outcome: "error" }), run(95, 97, 4)],
      options: { throttles: 5 },
      causes: ["throttled 1/0"],
    },
    {
      name: "the same without Throttles",
      runs: [run(0, 2, 1, { outcome: "error" }), run(95, 97, 4)],
      causes: ["function-error 1/0"],
    },
    {
      name: "the same with a success before: it may have waited, throttled, and was deleted too late",
      runs: [run(0, 2, 1), run(95, 97, 4)],
      options: { throttles: 5 },
      causes: ["unknown 1/0"],
    },

    {
      name: "more receives than maxReceiveCount, where nothing else explains it",
      runs: [run(0, null, 1), run(400, 401, 2)],
      options: { maxReceiveCount: 1 },
      causes: ["dlq-redrive 1/0"],
    },
    {
      name: "the same without logged counts",
      runs: [run(0, 1, null, { outcome: "error" }), run(31, null), run(400, 401)],
      options: { maxReceiveCount: 2 },
      causes: ["dlq-redrive 1/0", "function-error 1/0"],
    },
    {
      name: "beyond the limit before and after it is not known",
      runs: [run(600, null, 4), run(900, 901, 5)],
      options: { maxReceiveCount: 3 },
      causes: ["dlq-redrive 1/0", "unknown 1/0"],
    },
    {
      name: "a failure explains one beyond the limit",
      runs: [run(0, 2, 1, { outcome: "error" }), run(400, 401, 2)],
      options: { maxReceiveCount: 1 },
      causes: ["function-error 1/0"],
    },
    {
      name: "a success too late explains one beyond the limit",
      runs: [run(0, 35, 1), run(36, 38, 2)],
      options: { maxReceiveCount: 1 },
      causes: ["deleted-too-late 1/1"],
    },

    {
      name: "another function had handled it",
      runs: [run(0, 2), run(40, 42, null, { second: true })],
      options: { consumers: 2 },
      causes: ["several-consumers 1/1"],
    },
    {
      name: "another function had it, but others it kept: the record may have failed there",
      runs: [
        run(0, 2),
        run(40, 42, null, { second: true }),
        { messages: { 2: 1, 3: 1 }, startS: 50, endS: 51 },
      ],
      options: { consumers: 2, reportBatchItemFailures: true },
      causes: ["function-error 1/0"],
    },
    {
      name: "another function, two deliveries ago",
      runs: [run(0, 2, null, { second: true }), run(31, 33), run(62, 63)],
      options: { consumers: 2, reportBatchItemFailures: true },
      causes: ["several-consumers 2/2"],
    },
    {
      name: "another function had failed on it: a retry",
      runs: [run(0, 2, null, { second: true, outcome: "error" }), run(31, 33)],
      options: { consumers: 2 },
      causes: ["function-error 1/0"],
    },
    {
      name: "another function had it too long",
      runs: [run(0, 35, null, { second: true }), run(36, 38)],
      options: { consumers: 2 },
      causes: ["deleted-too-late 1/1"],
    },

    {
      name: "succeeded in time and came again soon",
      runs: [run(0, 2), run(5, 6)],
      causes: ["at-least-once 1/1"],
    },
    {
      name: "succeeded in time and came again later",
      runs: [run(0, 2), run(300, 301)],
      causes: ["at-least-once 1/1"],
    },
    {
      name: "came soon, but throttled batches wait unseen",
      runs: [run(0, 2), run(5, 6)],
      options: { throttles: 3 },
      causes: ["unknown 1/0"],
    },
    {
      name: "succeeded, but only for want of a status, and errors are missing",
      runs: [run(0, 2, 1, { outcomeStated: false }), run(31, 33, 2)],
      options: { errors: 1 },
      causes: ["unknown 1/0"],
    },
    {
      name: "… which an early return rules out",
      runs: [run(0, 2, 1, { outcomeStated: false }), run(5, 6, 2)],
      options: { errors: 1 },
      causes: ["at-least-once 1/1"],
    },
    {
      name: "… and so does a failure seen elsewhere",
      runs: [
        run(0, 2, 1, { outcomeStated: false }),
        run(31, 33, 2),
        { messages: { 2: 1 }, startS: 0, endS: 1, outcome: "error" },
      ],
      options: { errors: 1 },
      causes: ["at-least-once 1/1"],
    },
    {
      name: "… but a lost REPORT does not: it may be of a success",
      runs: [
        run(0, 2, 1, { outcomeStated: false }),
        run(31, 33, 2),
        { messages: { 2: 1 }, startS: 0, endS: null },
      ],
      options: { errors: 1 },
      causes: ["unknown 1/0"],
    },
    {
      name: "ran past the timeout, has no status, and errors are missing",
      runs: [run(0, 31, 1, { outcomeStated: false }), run(33, 34, 2)],
      options: { errors: 1 },
      causes: ["unknown 1/0"],
    },
    {
      name: "ran until Lambda ended it at the function's timeout, but nothing says so",
      runs: [run(0, 60, 1, { outcomeStated: false }), run(61, 62, 2)],
      causes: ["unknown 1/0"],
    },
    {
      name: "how the earlier one ended was not logged",
      runs: [run(0, null), run(300, 301)],
      causes: ["unknown 1/0"],
    },
    {
      name: "… because it may end after the last line read",
      runs: [run(5395, null), run(5396, 5397)],
      causes: [],
    },
    {
      name: "succeeded, timeout unreadable",
      runs: [run(0, 2), run(31, 33)],
      options: { visibilityTimeoutSeconds: null },
      causes: ["unknown 1/0"],
    },
    {
      name: "as many errors are missing as silent successes came back: they were the errors",
      runs: range(0, 9).flatMap((n) => [
        { ...run(100 * n, 100 * n + 2, null, { outcomeStated: false }), messages: { [n]: null } },
        { ...run(100 * n + 31, 100 * n + 33), messages: { [n]: null } },
      ]),
      options: { errors: 10 },
      causes: ["function-error 10/0"],
    },
    {
      name: "… which other triggers' errors do not show",
      runs: range(0, 9).flatMap((n) => [
        { ...run(100 * n, 100 * n + 2, null, { outcomeStated: false }), messages: { [n]: null } },
        { ...run(100 * n + 31, 100 * n + 33), messages: { [n]: null } },
        { ...run(100 * n + 50, 100 * n + 51), messages: {} },
      ]),
      options: { errors: 10 },
      causes: ["unknown 10/0"],
    },
    {
      name: "one error is missing, and many more came back: it changes nothing",
      runs: range(0, 29).flatMap((n) => [
        { ...run(100 * n, 100 * n + 2, null, { outcomeStated: false }), messages: { [n]: null } },
        { ...run(100 * n + 31, 100 * n + 33), messages: { [n]: null } },
      ]),
      options: { errors: 1 },
      causes: ["at-least-once 30/30"],
    },
    { name: "once only", runs: [run(0, 2, 1)], causes: [] },
  ])("$name", ({ runs, options = {}, causes }) => {
    expect(causesOf(runs, options)).toEqual(causes);
  });
});

describe("a first delivery with a count above 1", () => {
  test.each<Case>([
    {
      name: "receives without invocations, and Throttles",
      runs: [run(600, 601, 3)],
      options: { throttles: 5 },
      causes: ["throttled 1/0"],
    },
    { name: "without Throttles it is not known", runs: [run(600, 601, 3)], causes: ["unknown 1/0"] },
    {
      name: "the earlier ones may lie before the window",
      runs: [run(-3590, -3589, 3)],
      options: { throttles: 5 },
      causes: [],
    },
    {
      name: "beyond maxReceiveCount it came back from the dead-letter queue with its id",
      runs: [run(600, 601, 6)],
      options: { maxReceiveCount: 5 },
      causes: ["dlq-redrive 1/0"],
    },
    {
      name: "… unless the earlier ones may lie before the window",
      runs: [run(-3590, -3589, 6)],
      options: { maxReceiveCount: 5 },
      causes: [],
    },
    {
      name: "… or the function was throttled",
      runs: [run(600, 601, 6)],
      options: { maxReceiveCount: 5, throttles: 3 },
      causes: ["throttled 1/0"],
    },
    {
      name: "timeout unreadable",
      runs: [run(600, 601, 3)],
      options: { visibilityTimeoutSeconds: null, throttles: 5 },
      causes: [],
    },
  ])("$name", ({ runs, options = {}, causes }) => {
    expect(causesOf(runs, options)).toEqual(causes);
  });

  test.each([
    { why: "rows were cut off", over: { truncated: true } },
    { why: "a resource was unreadable", over: { unreadable: [{ resource: QUEUE_ARN, reason: "denied" }] } },
  ])("proves no throttling when $why", ({ over }) => {
    expect(correlate([run(600, 601, 3)], { throttles: 5 }, over).causes[0]?.cause).toBe("unknown");
  });

  test("proves no throttling when another consumer's logs were not read, or name no message", () => {
    expect(causesOf([run(600, 601, 3)], { throttles: 5, consumers: 2 })).toEqual(["unknown 1/0"]);
    const silent: Run[] = [1, 2, 3].map((s) => ({ messages: {}, startS: s, endS: s + 0.5, second: true }));
    expect(causesOf([run(600, 601, 3), ...silent], { throttles: 5, consumers: 2 })).toEqual(["unknown 1/0"]);
  });
});

describe("a batch that failed", () => {
  const batch = (
    startS: number,
    messages: number[],
    outcome: Run["outcome"] = "success",
    blamed: number[] = [],
  ): Run => ({
    messages: Object.fromEntries(messages.map((m) => [m, null])),
    startS,
    endS: startS + 1,
    outcome,
    blamed,
  });

  /** Two hundred other messages, one every five seconds, that all succeed. */
  const others = range(0, 199).map((n) => batch(5 * n + 2, [10_000 + n]));
  /** The same five times over, with other messages, while everything else succeeds. */
  const often = (...runs: Run[]): Run[] => [
    ...others,
    ...range(0, 4).flatMap((time) =>
      runs.map(({ messages, startS, endS, ...rest }) => ({
        ...rest,
        messages: Object.fromEntries(
          Object.entries(messages).map(([id, count]) => [Number(id) + 1000 * time, count]),
        ),
        startS: startS + 150 * time,
        endS: (endS ?? 0) + 150 * time,
      })),
    ),
  ];

  test.each<Case>([
    {
      name: "one record keeps failing and never succeeds: the others were replayed for nothing",
      runs: often(batch(0, [1, 2, 3], "error"), batch(31, [1], "error"), batch(31, [2, 3])),
      causes: ["partial-batch-replay 10/10", "function-error 5/0"],
    },
    {
      name: "once is no proof: the function may have failed twice by chance",
      runs: [...others, batch(0, [1, 2, 3], "error"), batch(31, [1], "error"), batch(31, [2, 3])],
      causes: ["function-error 3/0"],
    },
    {
      name: "neither is often, where the function fails as often with new messages",
      runs: [
        ...often(batch(0, [1, 2, 3], "error"), batch(31, [1], "error"), batch(31, [2, 3])),
        ...range(0, 199).map((n) => batch(5 * n + 3, [20_000 + n], "error")),
      ],
      causes: ["function-error 15/0"],
    },
    {
      name: "replayed twice beside the poison record",
      runs: often(
        batch(0, [1, 2], "error"),
        batch(31, [1, 2], "error"),
        batch(62, [1], "error"),
        batch(62, [2]),
      ),
      causes: ["function-error 10/0", "partial-batch-replay 10/10"],
    },
    {
      name: "a record fails once more by itself, then succeeds",
      runs: often(batch(0, [1, 2], "error"), batch(31, [1], "error"), batch(31, [2]), batch(62, [1])),
      causes: ["function-error 10/0", "partial-batch-replay 5/5"],
    },
    {
      name: "both fail once more, each by itself",
      runs: [
        batch(0, [1, 2], "error"),
        batch(31, [1], "error"),
        batch(31, [2], "error"),
        batch(62, [1]),
        batch(62, [2]),
      ],
      causes: ["function-error 4/0"],
    },
    {
      name: "it fails again, but only beside a poison record: nobody is to blame",
      runs: often(
        batch(0, [1, 2], "error"),
        batch(31, [1, 9], "error"),
        batch(31, [2]),
        batch(62, [9], "error"),
        batch(62, [1]),
      ),
      causes: ["function-error 15/0", "partial-batch-replay 5/5"],
    },
    {
      name: "all succeed next time: an outage, and nothing tells them apart",
      runs: [batch(0, [1, 2], "error"), batch(31, [1, 2])],
      causes: ["function-error 2/0"],
    },
    {
      name: "everything failed for a while: who never came through then is no culprit",
      runs: [
        ...range(1, 8).flatMap((n) => [
          batch(n, [n, 100 + n], "error"),
          batch(40 + n, [n, 100 + n], "error"),
        ]),
        ...range(1, 8).map((n) => batch(80 + n, [n])),
      ],
      causes: ["function-error 24/0"],
    },
    {
      name: "… but one record in all those batches is",
      runs: [
        ...others,
        ...range(1, 8).map((n) => batch(40 * n, [n, 100], "error")),
        ...range(1, 8).map((n) => batch(400 + n, [n])),
      ],
      causes: ["partial-batch-replay 8/8", "function-error 7/0"],
    },
    {
      name: "they stay together and all fail to the end",
      runs: [batch(0, [1, 2], "error"), batch(31, [1, 2], "error"), batch(62, [1, 2], "error")],
      causes: ["function-error 4/0"],
    },
    {
      name: "the sibling is not seen again",
      runs: [batch(0, [1, 2], "error"), batch(31, [2])],
      causes: ["function-error 1/0"],
    },
    {
      name: "an error line names the record",
      runs: [batch(0, [1, 2], "error", [1]), batch(31, [1, 2])],
      causes: ["function-error 1/0", "partial-batch-replay 1/1"],
    },
    {
      name: "a function that names the record which failed names none: all failed",
      runs: [
        ...often(batch(0, [1, 2], "error"), batch(31, [1], "error"), batch(31, [2])),
        batch(900, [50, 51], "error", [50]),
      ],
      causes: ["function-error 10/0"],
    },
    {
      name: "with ReportBatchItemFailures a failed batch is a plain retry",
      runs: [batch(0, [1, 2, 3], "error"), batch(31, [1], "error"), batch(31, [2, 3])],
      options: { reportBatchItemFailures: true },
      causes: ["function-error 3/0"],
    },
  ])("$name", ({ runs, options = {}, causes }) => {
    expect(causesOf(runs, options)).toEqual(causes);
  });
});

describe("properties", () => {
  const runs = fc.array(
    fc.record({
      startS: fc.integer({ min: 0, max: 3000 }),
      lengthS: fc.integer({ min: 0, max: 120 }),
      outcome: fc.constantFrom("success", "error", "timeout", "unknown" as const),
      second: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const toRuns = (
    drawn: { startS: number; lengthS: number; outcome: Run["outcome"]; second: boolean }[],
  ): Run[] =>
    drawn.map(({ startS, lengthS, outcome, second }) =>
      run(startS, startS + lengthS, null, { ...(outcome && { outcome }), second }),
    );
  const options = fc.record({
    visibilityTimeoutSeconds: fc.integer({ min: 0, max: 200 }),
    batchingWindowSeconds: fc.integer({ min: 0, max: 60 }),
    reportBatchItemFailures: fc.boolean(),
    throttles: fc.integer({ min: 0, max: 1 }),
    consumers: fc.constant(2 as const),
  });

  test("without an overlap nothing is ever called visibility-expired", () => {
    void fc.assert(
      fc.property(runs, options, (drawn, o) => {
        let freeS = 0;
        const apart = toRuns(drawn).map((r) => {
          const startS = freeS + r.startS;
          freeS = startS + ((r.endS ?? 0) - r.startS);
          return { ...r, startS, endS: freeS };
        });
        expect(causesOf(apart, o).filter((cause) => cause.startsWith("visibility-expired"))).toEqual([]);
      }),
    );
  });

  test("every later delivery has at most one cause, and a duplicate is one of them", () => {
    void fc.assert(
      fc.property(runs, options, (drawn, o) => {
        const { causes } = correlate(toRuns(drawn), o);
        const redeliveries = causes.reduce((sum, c) => sum + c.redeliveries, 0);
        expect(redeliveries).toBeLessThanOrEqual(drawn.length - 1);
        for (const cause of causes) expect(cause.duplicates).toBeLessThanOrEqual(cause.redeliveries);
      }),
    );
  });

  test("a message whose every delivery failed, one after the other, is never a duplicate", () => {
    void fc.assert(
      fc.property(runs, options, (drawn, o) => {
        const failing = toRuns(drawn).map((r, n) => ({
          ...r,
          startS: 4000 * n + r.startS,
          endS: 4000 * n + (r.endS ?? 0),
          outcome: "error" as const,
        }));
        expect(correlate(failing, o).causes.reduce((sum, c) => sum + c.duplicates, 0)).toBe(0);
      }),
    );
  });
});
