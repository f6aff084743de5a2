import { describe, expect, test } from "@jest/globals";
import { createLogReader } from "../../../core/correlate/log-reader.ts";
import { correlatePath } from "../../../core/correlate/path-deliveries.ts";
import { PathDeliveries } from "../../../core/model/delivery.ts";
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
  T0,
} from "../../support/log-lines.ts";
import {
  causesOf,
  correlate,
  LAST,
  measurementOf,
  observe,
  pathOf,
  type Run,
} from "../../support/observed-deliveries.ts";

/** A message delivered twice, the second while the first runs until `endS`. */
const overlapping = (message: number, endS: number, startS = 0): Run[] => [
  { messages: { [message]: 1 }, startS, endS: startS + endS },
  { messages: { [message]: 2 }, startS: startS + 31, endS: startS + 32 },
];

describe("coverage", () => {
  const coverage = (runs: readonly Run[] | null) =>
    correlatePath({
      path: pathOf(),
      measurement: measurementOf(),
      observations: runs ? observe(runs) : [],
      bytesScanned: 77,
      truncated: true,
      unreadable: [],
    }).coverage;

  test.each([
    { name: "not read", runs: null, logged: "not-read", maxReceiveCount: null },
    {
      name: "nothing logged",
      runs: [{ messages: {}, startS: 0, endS: 1 }],
      logged: "nothing",
      maxReceiveCount: null,
    },
    {
      name: "ids only",
      runs: [{ messages: { 1: null }, startS: 0, endS: 1 }],
      logged: "ids",
      maxReceiveCount: null,
    },
    { name: "ids and counts", runs: overlapping(1, 40), logged: "ids-and-receive-count", maxReceiveCount: 2 },
  ])("$name", ({ runs, logged, maxReceiveCount }) => {
    expect(coverage(runs)).toMatchObject({ logged, maxReceiveCount, bytesScanned: 77, truncated: true });
  });

  test("counts only what starts inside the window", () => {
    const before: Run = { messages: { 1: 1, 2: 1 }, startS: -3700, endS: -3500 };
    expect(coverage([before, { messages: { 1: 2, 3: 1 }, startS: 0, endS: 1 }])).toMatchObject({
      invocations: 1,
      messages: 2,
      deliveries: 2,
    });
  });
});

describe("correlatePath", () => {
  test("gives a document that its schema accepts, with what was unreadable", () => {
    const unreadable = [{ resource: QUEUE_ARN, reason: "access denied" }];
    const result = correlate(overlapping(1, 40), {}, { unreadable });
    expect(PathDeliveries.parse(result)).toEqual(result);
    expect(result.unreadable).toEqual(unreadable);
    expect(result).not.toHaveProperty("notes");
  });

  test("an example names both invocations with their times, and nothing internal", () => {
    expect(correlate(overlapping(1, 40)).examples).toEqual([
      {
        key: messageId(1),
        cause: "visibility-expired",
        deliveries: [
          {
            messageId: messageId(1),
            receiveCount: 1,
            invocation: expect.objectContaining({
              requestId: requestId(0),
              startedAtMs: T0,
              endedAtMs: T0 + 40_000,
              outcome: "success",
            }),
          },
          {
            messageId: messageId(1),
            receiveCount: 2,
            invocation: expect.objectContaining({ requestId: requestId(1), startedAtMs: T0 + 31_000 }),
          },
        ],
      },
    ]);
    expect(JSON.stringify(correlate(overlapping(1, 40)).examples)).not.toContain("logStream");
  });

  test("at most five examples a cause: complete ones, short ones, then the longest overlap", () => {
    const runs = [
      ...overlapping(1, 35),
      ...overlapping(2, 50),
      ...overlapping(3, 40),
      ...overlapping(4, 90), // … and a third delivery
      { messages: { 4: 3 }, startS: 62, endS: 63 },
      { messages: { 5: 1 }, startS: 0, endS: 99, outcome: "unknown" as const },
      { messages: { 5: 2 }, startS: 31, endS: 32 },
      ...overlapping(6, 40),
    ];
    const { examples, causes } = correlate(runs);
    expect(examples.map((e) => e.key)).toEqual([2, 3, 6, 1, 4].map(messageId));
    expect(causes).toEqual([{ cause: "visibility-expired", messages: 6, redeliveries: 7, duplicates: 7 }]);
  });

  test("an example shows at most ten deliveries of a message that loops", () => {
    const loop = Array.from(
      { length: 15 },
      (_, i): Run => ({ messages: { 1: i + 1 }, startS: i * 31, endS: i * 31 + 1, outcome: "error" }),
    );
    expect(correlate(loop).examples[0]?.deliveries).toHaveLength(10);
  });

  test("deliveries before the window serve as earlier ones only", () => {
    const runs: Run[] = [
      { messages: { 1: 1 }, startS: -3660, endS: -3610 },
      { messages: { 1: 2 }, startS: -3629, endS: -3620 },
      { messages: { 1: 3 }, startS: -3598, endS: -3590 },
    ];
    expect(causesOf(runs)).toEqual(
      ["deleted-too-late 1/1"].filter(() => false).concat(["at-least-once 1/1"]),
    );
  });

  test("a function observed twice is counted once", () => {
    const observations = observe(overlapping(1, 40));
    const twice = correlate([], {}, { observations: [...observations, ...observations] });
    expect(twice.causes).toEqual([
      { cause: "visibility-expired", messages: 1, redeliveries: 1, duplicates: 1 },
    ]);
    expect(twice.coverage.invocations).toBe(2);
  });

  test("a function that the path does not name is judged without settings of its own", () => {
    const runs: Run[] = [
      { messages: { 1: 1 }, startS: 0, endS: 1, second: true },
      { messages: { 1: 2 }, startS: 31, endS: 32, second: true },
    ];
    expect(causesOf(runs, { reportBatchItemFailures: true })).toEqual(["at-least-once 1/1"]);
  });

  test.each([
    { state: "Updating", cause: "unknown" },
    { state: "Disabled", cause: "throttled" },
  ])("a second consumer whose logs were not read: $state", ({ state, cause }) => {
    const path = pathOf({ consumers: 2 });
    const [first, second] = path.consumers;
    if (!first || !second) throw new Error("expected two consumers");
    const consumers = [first, { ...second, mapping: { ...second.mapping, state } }];
    const runs: Run[] = [{ messages: { 1: 3 }, startS: 900, endS: 901 }];
    expect(correlate(runs, { throttles: 1 }, { path: { ...path, consumers } }).causes[0]?.cause).toBe(cause);
  });

  test("settings of a function that could not be described are found by its mapping", () => {
    const handedBack: Run[] = [
      { messages: { 1: 1 }, startS: 0, endS: 1 },
      { messages: { 1: 2 }, startS: 31, endS: 32 },
    ];
    expect(causesOf(handedBack, { functionKnown: false, reportBatchItemFailures: true })).toEqual([
      "function-error 1/0",
    ]);
    expect(
      causesOf([{ messages: { 1: 3 }, startS: 900, endS: 901 }], { functionKnown: false, throttles: 2 }),
    ).toEqual(["throttled 1/0"]);
  });
});

describe("from lines to causes", () => {
  const over = { logFormat: "JSON" as const };
  const app = (offsetMs: number, request: number, message: string) =>
    at(
      offsetMs,
      JSON.stringify({ timestamp: iso(offsetMs), level: "INFO", requestId: requestId(request), message }),
      `${STREAM}${request}`,
    );
  const read = (lines: readonly LogLine[]) => {
    const settings = { correlationFields: [], messageIdPatterns: [] };
    const reader = createLogReader({ functionArn: FUNCTION_ARN, settings, queueArn: QUEUE_ARN, ...over });
    reader.read(lines);
    return [reader.finish(), ...observe([LAST])];
  };
  const event = sqsEvent({ messageId: messageId(1) });

  test("without START and REPORT, a line written after the other's first one proves the overlap", () => {
    const observations = read([
      app(0, 1, event),
      app(31_000, 2, event),
      app(40_000, 1, "charged"),
      app(41_000, 2, "charged"),
    ]);
    const { causes, examples } = correlate([], {}, { observations });
    expect(causes).toMatchObject([{ cause: "visibility-expired", duplicates: 1 }]);
    const invocation = examples[0]?.deliveries[0]?.invocation;
    expect(invocation).toMatchObject({ outcome: "unknown", timesFromLines: true });
    expect((invocation?.endedAtMs ?? 0) - (invocation?.startedAtMs ?? 0)).toBe(40_000);
  });

  test("… and without such a line it is not known", () => {
    const observations = read([app(0, 1, event), app(31_000, 2, event)]);
    expect(correlate([], {}, { observations }).causes).toMatchObject([{ cause: "unknown", duplicates: 0 }]);
  });
});

describe("asynchronous retries", () => {
  const attempt = (startS: number, outcome: Run["outcome"], messages: Run["messages"] = {}): Run => ({
    messages,
    startS,
    endS: startS + 1,
    ...(outcome && { outcome }),
    requestId: requestId(77),
  });

  test.each([
    {
      name: "after failures",
      outcomes: ["error", "timeout", "success"] as const,
      causes: ["async-retry 2/0"],
    },
    {
      name: "after a success the work was done again",
      outcomes: ["success", "success"] as const,
      causes: ["async-retry 1/1"],
    },
  ])("$name", ({ outcomes, causes }) => {
    expect(causesOf(outcomes.map((outcome, i) => attempt(i * 60, outcome)))).toEqual(causes);
  });

  test("they are no SQS deliveries, whatever ids they log", () => {
    const { causes, examples, coverage } = correlate([
      attempt(0, "error", { 1: 1 }),
      attempt(60, "success", { 1: 1 }),
    ]);
    expect(causes.map((c) => c.cause)).toEqual(["async-retry"]);
    expect(examples[0]).toMatchObject({ key: requestId(77), cause: "async-retry" });
    expect(coverage.deliveries).toBe(1);
  });

  test("before the window they are history", () => {
    expect(causesOf([attempt(-3800, "error"), attempt(-3740, "success")])).toEqual([]);
  });
});

describe("a dead-letter queue with a consumer of its own", () => {
  const arrived = (startS: number, receiveCount: number, outcome: Run["outcome"] = "success"): Run => ({
    messages: { 1: receiveCount },
    startS,
    endS: startS + 1,
    outcome,
  });

  test.each<{ name: string; runs: Run[]; throttles?: number; causes: string[] }>([
    { name: "a first delivery counts on from the source queue", runs: [arrived(600, 6)], causes: [] },
    { name: "also while the function is throttled", runs: [arrived(600, 6)], throttles: 9, causes: [] },
    {
      name: "its failures are retried like any other",
      runs: [arrived(600, 6, "error"), arrived(640, 7)],
      causes: ["function-error 1/0"],
    },
    {
      name: "what cannot be told is not called a redrive for its count",
      runs: [arrived(600, 2, "unknown"), arrived(640, 3)],
      causes: ["unknown 1/0"],
    },
  ])("$name", ({ runs, throttles = 0, causes }) => {
    expect(causesOf(runs, { deadLetterQueue: true, maxReceiveCount: 2, throttles })).toEqual(causes);
  });

  test("the counts are reported as logged", () => {
    expect(correlate([arrived(600, 6)], { deadLetterQueue: true }).coverage.maxReceiveCount).toBe(6);
  });
});
