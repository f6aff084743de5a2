import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { correlateAsyncPath } from "../../../../core/correlate/async/correlate-async-path.ts";
import type { AsyncPath } from "../../../../core/model/async-path.ts";
import {
  asyncMeasurement,
  asyncPath,
  atMs,
  observed,
  type Run,
  THUMBNAILS,
  TOPIC,
} from "../../../support/async-paths.ts";

interface Given {
  readonly runs: readonly Run[];
  readonly errors?: number;
  readonly path?: AsyncPath;
}

function correlate({ runs, errors = 0, path = asyncPath() }: Given) {
  return correlateAsyncPath({
    path,
    measurement: asyncMeasurement({ errors }),
    observations: [observed(runs)],
    bytesScanned: 100,
    truncated: false,
    unreadable: [],
  });
}

const RULE = "arn:aws:events:eu-west-1:123456789012:rule/orders";
const rules = (...arns: (string | undefined)[]): AsyncPath =>
  asyncPath({
    targets: [
      {
        maximumRetryAttempts: 2,
        eventSources: arns.map((arn) => ({ kind: "eventbridge", ...(arn === undefined ? {} : { arn }) })),
      },
    ],
  });

/** Something late, so that what ends before it is known to have ended. */
const LATE: Run = { request: "late", at: 5000, events: ["sns:late"] };

describe("the same request id again", () => {
  const cases: { name: string; runs: Run[]; errors?: number; cause?: string; duplicates?: number }[] = [
    {
      name: "after an error is a retry",
      runs: [
        { request: "a", at: 0, outcome: "error" },
        { request: "a", at: 61 },
      ],
      errors: 1,
      cause: "async-retry",
      duplicates: 0,
    },
    {
      name: "after a timeout is a retry",
      runs: [
        { request: "a", at: 0, outcome: "timeout" },
        { request: "a", at: 70 },
      ],
      errors: 1,
      cause: "async-retry",
      duplicates: 0,
    },
    {
      name: "after a success was run twice",
      runs: [
        { request: "a", at: 0 },
        { request: "a", at: 20 },
      ],
      cause: "at-least-once",
      duplicates: 1,
    },
    {
      name: "while the first still runs was run twice",
      runs: [
        { request: "a", at: 0, seconds: 9 },
        { request: "a", at: 5 },
      ],
      cause: "at-least-once",
      duplicates: 1,
    },
    {
      name: "while the first still runs, which fails later, does no work twice",
      runs: [
        { request: "a", at: 0, seconds: 9, outcome: "error" },
        { request: "a", at: 5 },
      ],
      errors: 1,
      cause: "at-least-once",
      duplicates: 0,
    },
    {
      name: "after an end that nobody logged cannot be told",
      runs: [{ request: "a", at: 0, outcome: "unknown" }, { request: "a", at: 61 }, LATE],
      cause: "unknown",
      duplicates: 0,
    },
    {
      name: "after a REPORT without words cannot be told where errors are missing from the logs",
      runs: [
        { request: "a", at: 0, stated: false },
        { request: "a", at: 61 },
      ],
      errors: 1,
      cause: "unknown",
      duplicates: 0,
    },
    {
      name: "after a REPORT without words cannot be told where a lost one may have hidden a success, not an error",
      runs: [
        { request: "a", at: 0, stated: false },
        { request: "a", at: 61 },
        { request: "lost", at: 100, outcome: "unknown" },
        LATE,
      ],
      errors: 1,
      cause: "unknown",
      duplicates: 0,
    },
    {
      name: "after a REPORT without words was run twice where no error is missing",
      runs: [
        { request: "a", at: 0, stated: false },
        { request: "a", at: 61 },
      ],
      cause: "at-least-once",
      duplicates: 1,
    },
    {
      name: "after a run that may still go on is not judged yet",
      runs: [
        { request: "a", at: 0, outcome: "unknown" },
        { request: "a", at: 8 },
      ],
    },
    {
      name: "once is nothing",
      runs: [
        { request: "a", at: 0 },
        { request: "b", at: 1 },
      ],
    },
  ];
  test.each(cases)("$name", ({ runs, errors = 0, cause, duplicates }) => {
    const { causes } = correlate({ runs, errors });
    expect(causes).toEqual(cause === undefined ? [] : [{ cause, messages: 1, redeliveries: 1, duplicates }]);
  });

  test("three tries are two retries of one request, with all runs as the example", () => {
    const runs: Run[] = [0, 61, 182].map((at) => ({
      request: "a",
      at,
      outcome: at < 182 ? "error" : "success",
    }));
    const { causes, examples } = correlate({ runs, errors: 2 });
    expect(causes).toEqual([{ cause: "async-retry", messages: 1, redeliveries: 2, duplicates: 0 }]);
    expect(examples[0]).toMatchObject({ key: "a", cause: "async-retry" });
    expect(examples[0]?.deliveries.map(({ invocation }) => invocation.startedAtMs)).toEqual(
      [0, 61, 182].map(atMs),
    );
  });

  test("a first try before the window serves to know the retry, and is not counted itself", () => {
    const runs: Run[] = [
      { request: "a", at: -180, outcome: "error" },
      { request: "a", at: -120, outcome: "error" },
      { request: "a", at: 1 },
    ];
    const { causes, coverage } = correlate({ runs });
    expect(causes).toEqual([{ cause: "async-retry", messages: 1, redeliveries: 1, duplicates: 0 }]);
    expect(coverage).toMatchObject({ invocations: 1, messages: 1, deliveries: 1 });
  });
});

describe("the same event under another request id", () => {
  const twice = (event: string, first: Partial<Run> = {}): Run[] => [
    { request: "a", at: 0, events: [event], ...first },
    { request: "b", at: 30, events: [event] },
    LATE,
  ];
  const counted = (given: Given) =>
    correlate(given).causes.map(({ cause, duplicates }) => ({ cause, duplicates }));
  const AGAIN = [{ cause: "at-least-once", duplicates: 1 }];
  const UNKNOWN = [{ cause: "unknown", duplicates: 0 }];

  test.each<{ name: string; given: Given; expected: typeof AGAIN }>([
    {
      name: "after a success its source delivered it twice",
      given: { runs: twice("sns:1") },
      expected: AGAIN,
    },
    {
      name: "after failures alone is recovery: nothing is said",
      given: { runs: twice("sns:1", { outcome: "error" }), errors: 1 },
      expected: [],
    },
    {
      name: "after an end that nobody logged cannot be told",
      given: { runs: twice("sns:1", { outcome: "unknown" }) },
      expected: UNKNOWN,
    },
    {
      name: "of a source that the policy does not name cannot be told",
      given: { runs: twice("s3:1") },
      expected: UNKNOWN,
    },
    {
      name: "of one EventBridge rule was delivered twice",
      given: { runs: twice("eventbridge:1"), path: rules(RULE) },
      expected: AGAIN,
    },
    {
      name: "of two rules may match both",
      given: { runs: twice("eventbridge:1"), path: rules(RULE, `${RULE}-2`) },
      expected: UNKNOWN,
    },
    {
      name: "of a rule with a wildcard may match several",
      given: { runs: twice("eventbridge:1"), path: rules(`${RULE}*`) },
      expected: UNKNOWN,
    },
    {
      name: "of a rule that the policy does not name may match several",
      given: { runs: twice("eventbridge:1"), path: rules(undefined) },
      expected: UNKNOWN,
    },
    {
      name: "where function and alias are both targets may be meant",
      given: {
        runs: twice("sns:1"),
        path: asyncPath({ targets: [...asyncPath().targets, ...asyncPath().targets] }),
      },
      expected: UNKNOWN,
    },
    {
      name: "where nothing is known of the sources cannot be told",
      given: { runs: twice("sns:1"), path: asyncPath({ targets: [] }) },
      expected: UNKNOWN,
    },
  ])("$name", ({ given, expected }) => {
    expect(counted(given)).toEqual(expected);
  });

  test("the example shows the event's id without its kind, and both requests", () => {
    const [example] = correlate({ runs: twice("sns:1") }).examples;
    expect(example?.key).toBe("1");
    expect(example?.deliveries.map(({ invocation }) => invocation.requestId)).toEqual(["a", "b"]);
  });

  test("a retry of the second request is counted once, as a retry", () => {
    const runs: Run[] = [
      { request: "a", at: 0, events: ["sns:1"] },
      { request: "b", at: 10, outcome: "error", events: ["sns:1"] },
      { request: "b", at: 71, events: ["sns:1"] },
      LATE,
    ];
    expect(correlate({ runs, errors: 1 }).causes).toEqual([
      { cause: "async-retry", messages: 1, redeliveries: 1, duplicates: 0 },
      { cause: "at-least-once", messages: 1, redeliveries: 1, duplicates: 1 },
    ]);
  });

  test("the only event of the window, twice, may well be a wiring", () => {
    expect(counted({ runs: twice("sns:1").slice(0, 2) })).toEqual(UNKNOWN);
  });

  test("an id that many requests share is no event's", () => {
    const runs: Run[] = Array.from({ length: 6 }, (_, index) => ({
      request: `r${index}`,
      at: index * 10,
      events: ["sns:1"],
    }));
    const { causes, notes } = correlate({ runs: [...runs, LATE] });
    expect(causes).toEqual([]);
    expect(notes).toEqual(["1 event ids are no proof: more than 5 requests share each"]);
  });

  test("where most events come twice the function is wired twice, which is no accident", () => {
    const runs: Run[] = Array.from({ length: 24 }, (_, index) => ({
      request: `r${index}`,
      at: index * 10,
      events: [`sns:${Math.floor(index / 2)}`],
    }));
    const { causes, notes } = correlate({ runs });
    expect(causes).toEqual([{ cause: "unknown", messages: 12, redeliveries: 12, duplicates: 0 }]);
    expect(notes?.[0]).toMatch(
      /^12 of 12 event ids came in several requests: .* wired to their source twice/,
    );
  });
});

describe("what the logs allowed to see", () => {
  test("names the function, and adds up requests and runs", () => {
    const deliveries = correlate({
      runs: [
        { request: "a", at: 0, outcome: "error", events: ["sns:1"] },
        { request: "a", at: 60, events: ["sns:1"] },
        { request: "b", at: 70 },
      ],
      errors: 1,
    });
    expect(deliveries).toMatchObject({
      functionArn: THUMBNAILS,
      coverage: {
        logged: "ids",
        invocations: 3,
        messages: 2,
        deliveries: 3,
        bytesScanned: 100,
        truncated: false,
      },
      unreadable: [],
    });
  });

  test.each([
    { name: "no event ids", observations: [observed([{ request: "a", at: 0 }])], logged: "nothing" },
    { name: "no logs", observations: [], logged: "not-read" },
  ])("$name", ({ observations, logged }) => {
    const { coverage } = correlateAsyncPath({
      path: asyncPath(),
      measurement: asyncMeasurement(),
      observations,
      bytesScanned: 0,
      truncated: false,
      unreadable: [],
    });
    expect(coverage.logged).toBe(logged);
  });
});

const run = fc.record({
  request: fc.constantFrom("a", "b", "c", "d"),
  at: fc.integer({ min: -300, max: 3000 }),
  seconds: fc.integer({ min: 0, max: 10 }),
  outcome: fc.constantFrom("success", "error", "timeout", "unknown"),
  events: fc.subarray(["sns:1", "sns:2", "s3:3"]),
} as const);

test("property: the order of the invocations does not matter, and nothing is counted more often than it ran", () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 12 }), (runs) => {
      const forwards = correlate({ runs, path: rules(TOPIC) });
      expect(correlate({ runs: [...runs].reverse(), path: rules(TOPIC) })).toEqual(forwards);
      const sameRequest = forwards.causes.find(({ cause }) => cause === "async-retry")?.redeliveries ?? 0;
      expect(sameRequest).toBeLessThanOrEqual(runs.length);
      for (const { redeliveries, duplicates } of forwards.causes) {
        expect(duplicates).toBeLessThanOrEqual(redeliveries);
      }
    }),
  );
});
