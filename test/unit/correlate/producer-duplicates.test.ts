import { describe, expect, test } from "@jest/globals";
import { type Correlation, SNS_FIELD } from "../../../core/correlate/observations.ts";
import type { Window } from "../../../core/model/measurement.ts";
import { messageId, T0 } from "../../support/log-lines.ts";
import { causesOf, correlate, type Run } from "../../support/observed-deliveries.ts";

const carries = (message: number, value: string, field = "correlationId"): Correlation => ({
  messageId: messageId(message),
  field,
  value,
});
/** One healthy delivery each, ten seconds apart. */
const once = (...messages: number[]): Run[] =>
  messages.map((m) => ({ messages: { [m]: 1 }, startS: m * 10, endS: m * 10 + 1 }));
const failing = (message: number, startS: number, receiveCount: number): Run => ({
  messages: { [message]: receiveCount },
  startS,
  endS: startS + 1,
  outcome: "error",
});

const minutes = (from: number, to: number): Window => ({
  startMs: T0 + from * 60_000,
  endMs: T0 + to * 60_000,
});

describe("the same work under several message ids", () => {
  test.each<{
    name: string;
    runs: Run[];
    correlations: Correlation[];
    options?: Parameters<typeof correlate>[1];
    causes: string[];
  }>([
    {
      name: "sent twice",
      runs: once(1, 2),
      correlations: [carries(1, "c"), carries(2, "c")],
      causes: ["producer-duplicate 1/1"],
    },
    {
      name: "sent three times",
      runs: once(1, 2, 3),
      correlations: [1, 2, 3].map((m) => carries(m, "c")),
      causes: ["producer-duplicate 2/2"],
    },
    {
      name: "published twice upstream",
      runs: once(1, 2),
      correlations: [carries(1, "c", SNS_FIELD), carries(2, "c", SNS_FIELD)],
      causes: ["producer-duplicate 1/1"],
    },
    {
      name: "joined by two fields it counts once",
      runs: once(1, 2),
      correlations: [1, 2].flatMap((m) => [carries(m, "c"), carries(m, "d", "dedup")]),
      causes: ["producer-duplicate 1/1"],
    },
    {
      name: "joined in a chain",
      runs: once(1, 2, 3, 4),
      correlations: [
        carries(3, "x"),
        carries(4, "x"),
        carries(1, "y"),
        carries(2, "y"),
        carries(2, "z", "f"),
        carries(3, "z", "f"),
      ],
      causes: ["producer-duplicate 3/3"],
    },
    {
      name: "the same value in two fields is no match",
      runs: once(1, 2),
      correlations: [carries(1, "c"), carries(2, "c", "other")],
      causes: [],
    },
    { name: "different ids", runs: once(1, 2), correlations: [carries(1, "c"), carries(2, "d")], causes: [] },
    {
      name: "an id of a message that was never delivered",
      runs: once(1),
      correlations: [carries(1, "c"), carries(2, "c")],
      causes: [],
    },
    {
      name: "the same message twice is no producer's doing",
      runs: [...once(1), { messages: { 1: 2 }, startS: 12, endS: 13 }],
      correlations: [carries(1, "c")],
      causes: ["at-least-once 1/1"],
    },
    {
      name: "the second one fails: sent twice, done once",
      runs: [...once(1), failing(2, 20, 1)],
      correlations: [carries(1, "c"), carries(2, "c")],
      causes: ["producer-duplicate 1/0"],
    },
    {
      name: "sent again after it had failed: recovery",
      runs: [failing(1, 10, 1), ...once(2)],
      correlations: [carries(1, "c"), carries(2, "c")],
      causes: [],
    },
    {
      name: "back from the dead-letter queue under a new id",
      runs: [failing(1, 1, 1), failing(1, 35, 2), ...once(9)],
      correlations: [carries(1, "c"), carries(9, "c")],
      options: { maxReceiveCount: 2 },
      causes: ["dlq-redrive 1/0", "function-error 1/0"],
    },
    {
      name: "sent again, while nothing left the dead-letter queue",
      runs: [failing(1, 1, 1), failing(1, 35, 2), ...once(9)],
      correlations: [carries(1, "c"), carries(9, "c")],
      options: { maxReceiveCount: 2, deadLettersLeft: 0 },
      causes: ["function-error 1/0"],
    },
    {
      name: "back in the minutes when the dead-letter queue emptied",
      runs: [failing(1, 1, 1), failing(1, 35, 2), ...once(9)],
      correlations: [carries(1, "c"), carries(9, "c")],
      options: { maxReceiveCount: 2, deadLettersLeft: 5, deadLettersLeftDuring: minutes(1, 3) },
      causes: ["dlq-redrive 1/0", "function-error 1/0"],
    },
    {
      name: "sent again an hour before the dead-letter queue emptied",
      runs: [failing(1, 1, 1), failing(1, 35, 2), ...once(9)],
      correlations: [carries(1, "c"), carries(9, "c")],
      options: { maxReceiveCount: 2, deadLettersLeft: 5, deadLettersLeftDuring: minutes(60, 62) },
      causes: ["function-error 1/0"],
    },
    {
      name: "sent again before it can have been in the dead-letter queue",
      runs: [failing(1, 1, 1), failing(1, 35, 2), ...once(6)],
      correlations: [carries(1, "c"), carries(6, "c")],
      options: { maxReceiveCount: 2 },
      causes: ["function-error 1/0"],
    },
  ])("$name", ({ runs, correlations, options = {}, causes }) => {
    expect(causesOf(runs, { ...options, correlations })).toEqual(causes);
  });

  /** Message 1 received twice, the limit; then message 2 with the same correlation id. */
  const tried = (second: Partial<Run>): Run[] => [
    failing(1, 1, 1),
    { messages: { 1: 2 }, startS: 35, endS: 36, ...second },
    { messages: { 2: 1 }, startS: 200, endS: 201 },
  ];
  test.each<{ name: string; runs: Run[]; options?: Parameters<typeof correlate>[1]; cause: string }>([
    { name: "deleted in time", runs: tried({}), cause: "producer-duplicate 1/1" },
    { name: "deleted too late", runs: tried({ endS: 66 }), cause: "unknown 1/0" },
    {
      name: "perhaps too late, with its wait for the batch",
      runs: tried({ endS: 56 }),
      options: { batchingWindowSeconds: 15 },
      cause: "unknown 1/0",
    },
    { name: "how it ended was not logged", runs: tried({ outcome: "unknown" }), cause: "unknown 1/0" },
    {
      name: "perhaps handed back",
      runs: tried({}),
      options: { reportBatchItemFailures: true },
      cause: "unknown 1/0",
    },
    {
      name: "perhaps handed back, and messages left the dead-letter queue",
      runs: tried({}),
      options: { reportBatchItemFailures: true, deadLettersLeft: 4 },
      cause: "dlq-redrive 1/0",
    },
    {
      name: "handled, but failed at its last try",
      runs: tried({ outcome: "error" }).map((run, i) => (i === 0 ? { ...run, outcome: "success" } : run)),
      options: { deadLettersLeft: 1 },
      cause: "dlq-redrive 1/0",
    },
    {
      name: "the limit is above it",
      runs: tried({}),
      options: { reportBatchItemFailures: true, maxReceiveCount: 3 },
      cause: "producer-duplicate 1/1",
    },
    {
      name: "a dead-letter queue, whose counts began elsewhere",
      runs: tried({}),
      options: { reportBatchItemFailures: true, deadLetterQueue: true },
      cause: "producer-duplicate 1/1",
    },
  ])("after the last receive that the redrive policy allows: $name", ({ runs, options, cause }) => {
    const correlations = [carries(1, "c"), carries(2, "c")];
    expect(causesOf(runs, { maxReceiveCount: 2, correlations, ...options })).toContain(cause);
    const told = causesOf(runs, { maxReceiveCount: 2, correlations, ...options }).join();
    if (!cause.startsWith("producer")) expect(told).not.toContain("producer-duplicate");
  });

  test("sent twice and moved back once: each counts under its own cause", () => {
    const runs = [...once(1), failing(2, 20, 1), ...once(9)];
    const correlations = [1, 2, 9].map((m) => carries(m, "c"));
    expect(causesOf(runs, { correlations, maxReceiveCount: 1 })).toEqual([
      "dlq-redrive 1/0",
      "producer-duplicate 1/0",
    ]);
  });

  test("moved back, dead again, and moved back again", () => {
    const runs = [failing(1, 1, 1), failing(2, 100, 1), ...once(30)];
    const correlations = [1, 2, 30].map((m) => carries(m, "c"));
    expect(causesOf(runs, { correlations, maxReceiveCount: 1 })).toEqual(["dlq-redrive 2/0"]);
  });

  test("messages that start together keep a fixed order", () => {
    const together: Run[] = [2, 1].map((m) => ({ messages: { [m]: null }, startS: 0, endS: 1 }));
    const result = correlate(together, {
      correlations: [carries(2, "c"), carries(1, "c")],
      maxReceiveCount: 3,
    });
    expect(result.causes).toMatchObject([{ cause: "producer-duplicate", duplicates: 1 }]);
  });

  test("a message of which no receive count is known died after as many deliveries", () => {
    const dying = [0, 40].map((s): Run => ({ ...failing(1, s, 1), messages: { 1: null } }));
    const runs = [...dying, ...once(9)];
    const options = { correlations: [carries(1, "c"), carries(9, "c")], maxReceiveCount: 2 };
    expect(causesOf(runs, options)).toEqual(["dlq-redrive 1/0", "function-error 1/0"]);
  });

  test("joined groups go by their smallest id, whichever comes first", () => {
    const chain = [carries(1, "b"), carries(2, "b"), carries(2, "a", "f"), carries(3, "a", "f")];
    const other = [carries(1, "a"), carries(2, "a"), carries(2, "b", "f"), carries(3, "b", "f")];
    for (const correlations of [chain, other]) {
      expect(correlate(once(1, 2, 3), { correlations }).examples.map((e) => e.key)).toEqual(["a"]);
    }
  });

  test("the example shows the shared id and both messages in order", () => {
    const [example] = correlate(once(2, 1), {
      correlations: [carries(2, "c-1"), carries(1, "c-1")],
    }).examples;
    expect(example?.key).toBe("c-1");
    expect(example?.deliveries.map((d) => d.messageId)).toEqual([messageId(1), messageId(2)]);
  });

  test("before the window it is history", () => {
    const early = (m: number): Run => ({ messages: { [m]: 1 }, startS: -4000 + m, endS: -3999 + m });
    expect(causesOf([early(1), early(2)], { correlations: [carries(1, "c"), carries(2, "c")] })).toEqual([]);
  });
});

describe("ids that are no proof", () => {
  test("one id on more than five messages names a job or a trace", () => {
    const six = [1, 2, 3, 4, 5, 6];
    const { causes, notes } = correlate(once(...six), { correlations: six.map((m) => carries(m, "job")) });
    expect(causes).toEqual([]);
    expect(notes).toEqual(["1 ids of correlationId are no proof: more than 5 messages share each"]);
  });

  /** `pairs` ids on two messages each, `singles` ids on one. */
  const shared = (pairs: number, singles: number, field?: string): Correlation[] =>
    Array.from({ length: 2 * pairs + singles }, (_, i) =>
      carries(i + 1, i < 2 * pairs ? `pair-${i >> 1}` : `single-${i}`, field),
    );
  const messages = (count: number) => once(...Array.from({ length: count }, (_, i) => i + 1));

  test("a field most of whose ids are shared names a workflow", () => {
    const { causes, notes } = correlate(messages(16), { correlations: shared(6, 4) });
    expect(causes).toEqual([]);
    expect(notes).toEqual(["correlationId is no proof here: 6 of its 10 ids are shared by several messages"]);
  });

  test.each([
    { name: "half of them shared", pairs: 5, singles: 5 },
    { name: "too few to judge", pairs: 6, singles: 3 },
    { name: "a topic subscribed twice shares all of them", pairs: 10, singles: 0, field: SNS_FIELD },
  ])("$name: still proof, without a note", ({ pairs, singles, field }) => {
    const result = correlate(messages(2 * pairs + singles), { correlations: shared(pairs, singles, field) });
    expect(result.causes).toMatchObject([
      { cause: "producer-duplicate", messages: pairs, duplicates: pairs },
    ]);
    expect(result.notes).toBeUndefined();
  });
});
