import { describe, expect, test } from "@jest/globals";
import { diagnosePath } from "../../../core/advise/diagnose-path.ts";
import type { Cause, CauseCount, PathDeliveries } from "../../../core/model/delivery.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import { Finding, PathVerdict } from "../../../core/model/finding.ts";
import {
  consumerOf,
  deliveriesOf,
  type Figures,
  FUNCTION_ARN,
  HEALTHY,
  measurementOf,
  pathOf,
  QUEUE_ARN,
  WINDOW_MINUTES,
} from "../../support/delivery-paths.ts";

const settings = { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 } as const;
const short = pathOf({ settings: { visibilityTimeoutSeconds: 20 } });
const drain = Array.from({ length: WINDOW_MINUTES }, (_, minute) => 2000 - (2000 * minute) / 179);
const unread = { resource: "/aws/lambda/charge-orders", reason: "access denied" };

const cause = (name: Cause, redeliveries: number, duplicates = redeliveries): CauseCount => ({
  cause: name,
  messages: redeliveries,
  redeliveries,
  duplicates,
});

interface Case {
  readonly path?: DeliveryPath;
  readonly figures?: Figures;
  /** Causes that complete logs prove; null = the logs were not read. */
  readonly causes?: readonly CauseCount[] | null;
  readonly coverage?: Partial<PathDeliveries["coverage"]>;
  readonly over?: Partial<PathDeliveries>;
}

function diagnose({ path = pathOf(), figures = {}, causes = [], coverage = {}, over = {} }: Case) {
  const diagnosis = diagnosePath({
    path,
    measurement: measurementOf(path, figures),
    deliveries: causes === null ? undefined : deliveriesOf(coverage, { causes: [...causes], ...over }),
    settings,
  });
  expect(PathVerdict.parse(diagnosis.verdict)).toEqual(diagnosis.verdict);
  expect(Finding.array().parse(diagnosis.findings)).toEqual(diagnosis.findings);
  expect(new Set(diagnosis.findings.map((finding) => finding.id)).size).toBe(diagnosis.findings.length);
  return diagnosis;
}

const outline = (input: Case) => {
  const { verdict, findings } = diagnose(input);
  return [
    verdict.verdict,
    ...findings.map((f) => [f.cause, f.evidence, f.severity, ...(f.plan ? ["plan"] : [])].join(" ")),
  ];
};

describe("diagnosePath: quiet paths have no finding above advisory and no plan", () => {
  const threeConsumers = [1, 2, 3].map((n) =>
    consumerOf({ uuid: `${n}` }, { arn: `${FUNCTION_ARN}-${n}`, name: `charge-${n}` }),
  );
  const idle: Figures = { sent: 0, received: 0, deleted: 0, invocations: 0 };
  const quiet: readonly (Case & { readonly name: string; readonly expected: readonly string[] })[] = [
    { name: "healthy", expected: ["healthy"] },
    { name: "healthy, logs not read", causes: null, expected: ["healthy"] },
    { name: "other triggers", figures: { invocations: 1400 }, expected: ["healthy"] },
    { name: "small batches", figures: { invocations: 700 }, expected: ["healthy"] },
    {
      name: "a draining backlog",
      figures: { received: 3000, deleted: 3000, invocations: 3000, visible: drain },
      expected: ["healthy"],
    },
    { name: "idle with bad settings", path: short, figures: idle, causes: null, expected: ["healthy"] },
    {
      name: "a disabled mapping",
      path: pathOf({
        settings: { visibilityTimeoutSeconds: 1 },
        consumers: [consumerOf({ state: "Disabled" })],
      }),
      expected: ["healthy"],
    },
    { name: "healthy FIFO", path: pathOf({ settings: { fifo: true } }), expected: ["healthy"] },
    {
      name: "another account's queue",
      path: pathOf({ foreign: true, settings: null }),
      causes: null,
      expected: ["unknown"],
    },
    {
      name: "three consumers",
      path: pathOf({ consumers: threeConsumers }),
      figures: { invocations: 333 },
      expected: ["healthy"],
    },
    {
      name: "below AWS's advice",
      path: pathOf({ settings: { visibilityTimeoutSeconds: 60 } }),
      expected: ["healthy", "visibility-expired advisory low"],
    },
    {
      name: "two redeliveries at the edges that nothing explains",
      causes: [cause("unknown", 2, 0)],
      expected: ["healthy"],
    },
  ];
  test.each(quiet)("$name", ({ expected, ...input }) => {
    expect(outline(input)).toEqual(expected);
  });

  test.each([
    { name: "idle", input: { path: short, figures: idle, causes: null }, note: /^no traffic in the window$/ },
    {
      name: "disabled",
      input: { path: pathOf({ consumers: [consumerOf({ state: "Disabled" })] }) },
      note: /no enabled mapping/,
    },
    { name: "foreign", input: { path: pathOf({ foreign: true, settings: null }) }, note: /another account/ },
    {
      name: "unreadable",
      input: { path: pathOf({ settings: null, unreadable: [unread] }), causes: null },
      note: /could not be read: access denied/,
    },
    {
      name: "unreadable for no stated reason",
      input: { path: pathOf({ settings: null }), causes: null },
      note: /^the queue could not be read$/,
    },
  ])("$name paths say so", ({ input, note }) => {
    const { verdict, findings } = diagnose(input);
    expect(verdict.note).toMatch(note);
    expect(findings).toEqual([]);
  });
});

describe("diagnosePath: a queue whose settings are not known", () => {
  const path = pathOf({ settings: null });

  test("is judged by its logs, with no numbers advised and no plan", () => {
    const { verdict, findings } = diagnose({ path, causes: [cause("visibility-expired", 120)] });
    expect(verdict.verdict).toBe("duplicating");
    expect(findings).toMatchObject([{ cause: "visibility-expired", evidence: "proven" }]);
    const [raise] = findings[0]?.advice ?? [];
    expect(raise).toMatchObject({ kind: "raise-visibility-timeout" });
    expect(raise?.summary).toMatch(/Neither number is known here/);
    expect(raise?.patch).toBeUndefined();
    expect(findings[0]?.plan).toBeUndefined();
  });

  test("is advised nothing that depends on its redrive policy", () => {
    const { findings } = diagnose({ path, causes: [cause("function-error", 120, 0)] });
    expect(findings[0]?.advice.map(({ kind }) => kind)).not.toContain("max-receive-count");
  });

  test("is a FIFO queue if its name says so", () => {
    const fifo = pathOf({ settings: null, queueName: "orders.fifo" });
    const summaryOf = (one: DeliveryPath) =>
      diagnose({ path: one, causes: [cause("producer-duplicate", 120)] }).findings[0]?.advice.find(
        ({ kind }) => kind === "fifo-deduplication-id",
      )?.summary;
    expect(summaryOf(fifo)).toMatch(/^Send a/);
    expect(summaryOf(path)).toMatch(/^Use a FIFO queue/);
  });
});

describe("diagnosePath: what the logs prove", () => {
  const fast = { "max-duration": 9000 };
  const slow = { "max-duration": 25_000, "p99-duration": 24_000 };
  test.each<Case & { name: string; expected: string[] }>([
    {
      name: "visibility-expired",
      path: short,
      figures: slow,
      causes: [cause("visibility-expired", 120)],
      expected: ["duplicating", "visibility-expired proven critical plan"],
    },
    {
      name: "deleted-too-late",
      path: short,
      figures: slow,
      causes: [cause("deleted-too-late", 20)],
      expected: ["duplicating", "deleted-too-late proven high plan"],
    },
    {
      name: "both: one queue, one plan",
      path: short,
      figures: slow,
      causes: [cause("deleted-too-late", 20), cause("visibility-expired", 90)],
      expected: ["duplicating", "visibility-expired proven critical plan", "deleted-too-late proven high"],
    },
    {
      name: "function-timeout",
      causes: [cause("function-timeout", 30, 0)],
      expected: ["retrying", "function-timeout proven high"],
    },
    {
      name: "function-error",
      figures: { received: 1090, errors: 90 },
      causes: [cause("function-error", 90, 0)],
      expected: ["retrying", "function-error proven medium"],
    },
    {
      name: "partial-batch-replay beside the error that caused it",
      causes: [cause("partial-batch-replay", 80), cause("function-error", 20, 0)],
      expected: ["duplicating", "partial-batch-replay proven critical", "function-error proven low"],
    },
    {
      name: "throttled",
      figures: { received: 2000, throttles: 900 },
      causes: [cause("throttled", 300, 0)],
      expected: ["retrying", "throttled proven medium"],
    },
    {
      name: "dlq-redrive",
      causes: [cause("dlq-redrive", 40, 0)],
      expected: ["retrying", "dlq-redrive proven low"],
    },
    {
      name: "several-consumers",
      causes: [cause("several-consumers", 30)],
      expected: ["duplicating", "several-consumers proven high"],
    },
    {
      name: "producer-duplicate",
      causes: [cause("producer-duplicate", 60)],
      expected: ["duplicating", "producer-duplicate proven critical"],
    },
    {
      name: "async-retry",
      causes: [cause("async-retry", 15, 0)],
      expected: ["retrying", "async-retry proven medium"],
    },
    {
      name: "at-least-once",
      causes: [cause("at-least-once", 3)],
      expected: ["duplicating", "at-least-once proven low"],
    },
    { name: "unknown", causes: [cause("unknown", 30, 0)], expected: ["unknown", "unknown measured medium"] },
    {
      name: "a few strays beside a retry storm",
      causes: [cause("function-error", 400, 0), cause("at-least-once", 2), cause("visibility-expired", 3)],
      expected: [
        "retrying",
        "function-error proven medium",
        "visibility-expired proven low",
        "at-least-once proven low",
      ],
    },
    {
      name: "a rare overlap that the settings allow is no stray, but a longer timeout would slow far more retries",
      path: short,
      figures: fast,
      causes: [cause("function-error", 400, 0), cause("visibility-expired", 3)],
      expected: ["duplicating", "function-error proven medium", "visibility-expired proven medium"],
    },
    {
      name: "what cannot be told may all be retries",
      path: short,
      figures: fast,
      causes: [cause("visibility-expired", 40), cause("function-error", 30, 0), cause("unknown", 15, 0)],
      expected: [
        "duplicating",
        "visibility-expired proven high",
        "function-error proven low",
        "unknown measured medium",
      ],
    },
    {
      name: "as many overlaps as retries are worth the plan, and so are they beside throttled ones",
      path: short,
      figures: fast,
      causes: [
        cause("throttled", 900, 0),
        cause("function-error", 40, 0),
        cause("visibility-expired", 30),
        cause("deleted-too-late", 10),
      ],
      expected: [
        "duplicating",
        "throttled proven medium",
        "function-error proven low",
        "visibility-expired proven high plan",
        "deleted-too-late proven high",
      ],
    },
    {
      name: "retries on a queue whose settings allow duplicates",
      path: short,
      figures: fast,
      causes: [cause("function-error", 90, 0)],
      expected: ["at-risk", "function-error proven medium", "visibility-expired exposed medium"],
    },
    {
      name: "an overlap that a longer timeout cannot cure: already as advised",
      path: pathOf(),
      causes: [cause("visibility-expired", 90)],
      expected: ["duplicating", "visibility-expired proven critical"],
    },
  ])("$name", ({ expected, ...input }) => {
    expect(outline(input)).toEqual(expected);
  });

  test("counts, examples and owner reach the finding", () => {
    const path = pathOf({
      settings: { visibilityTimeoutSeconds: 20, owner: { stackName: "shop", logicalId: "Orders" } },
    });
    const delivery = (messageId: string, requestId: string, startedAtMs: number | null) => ({
      messageId,
      receiveCount: 1,
      invocation: {
        requestId,
        functionArn: FUNCTION_ARN,
        startedAtMs,
        endedAtMs: null,
        outcome: "unknown" as const,
      },
    });
    const example = (key: string, name: Cause) => ({
      key,
      cause: name,
      deliveries: [delivery("m1", "r1", 0), delivery("m2", "r2", null)],
    });
    const { findings } = diagnose({
      path,
      causes: [{ cause: "visibility-expired", messages: 12, redeliveries: 14, duplicates: 14 }],
      coverage: { messages: 400, maxReceiveCount: 4 },
      over: { examples: [example("m1", "visibility-expired"), example("x", "throttled")] },
    });
    expect(findings[0]).toMatchObject({
      queueArn: QUEUE_ARN,
      functionArns: [FUNCTION_ARN],
      counts: { messages: 12, deliveries: 26, duplicateSharePercent: 3.5 },
      metrics: { maxReceiveCount: 4, backlogChange: 0 },
      owner: { stackName: "shop", logicalId: "Orders" },
      examples: [
        {
          messageId: "m1",
          deliveries: [
            { requestId: "r1", startedAt: "1970-01-01T00:00:00.000Z", endedAt: null, outcome: "unknown" },
            { requestId: "r2", startedAt: null, messageId: "m2" },
          ],
        },
      ],
    });
    expect(findings[0]?.examples).toHaveLength(1);
    expect(findings[0]?.examples[0]?.deliveries[0]).not.toHaveProperty("messageId");
    expect(findings[0]?.metrics.receivesPerMessage).toBeCloseTo(1);
    expect(findings[0]?.plan?.tradeOffs.duplicateSharePercent).toEqual({ before: 3.5, after: 0 });
  });

  test("a sampled receive count is the highest where the logs hold none", () => {
    const path = short;
    const samples = [{ queueArn: QUEUE_ARN, messages: 2, maxReceiveCount: 7 }];
    const measurement = { ...measurementOf(path), samples };
    const { findings } = diagnosePath({ path, measurement, deliveries: undefined, settings });
    expect(findings[0]?.metrics.maxReceiveCount).toBe(7);
  });

  test("causes without a message count have no share", () => {
    const { findings } = diagnose({ causes: [cause("throttled", 9, 0)], coverage: { messages: 0 } });
    expect(findings[0]?.counts.duplicateSharePercent).toBeNull();
  });

  test("where most redeliveries would only be slowed, nobody is told to raise the timeout", () => {
    const causes = [cause("function-error", 90, 0), cause("visibility-expired", 60)];
    const { findings } = diagnose({ path: short, figures: { "max-duration": 25_000 }, causes });
    const overlap = findings.find((finding) => finding.cause === "visibility-expired");
    expect(overlap).not.toHaveProperty("plan");
    expect(overlap?.advice.map(({ kind }) => kind)).toEqual([
      "conditional-write",
      "sql-on-conflict",
      "powertools-idempotency",
    ]);
    expect(overlap?.facts.at(-1)).toMatch(/^No change is proposed as long as most redeliveries/);
  });

  test.each([
    { name: "hold every message: their runs predict", messages: 1000, after: 11.11 },
    { name: "hold a part: Lambda's durations do", messages: 100, after: 0 },
  ])("logs that $name", ({ messages, after }) => {
    const deliveries = deliveriesOf(
      { messages },
      {
        causes: [cause("visibility-expired", 50)],
        runTimes: {
          deliveries: 100,
          untimed: 0,
          bySeconds: [
            [5, 90],
            [28, 10],
          ],
        },
      },
    );
    const { findings } = diagnosePath({
      path: short,
      measurement: measurementOf(short, { "max-duration": 25_000, "p99-duration": 24_000 }),
      deliveries,
      settings: { ...settings, maxVisibilityTimeoutSeconds: 25 },
    });
    expect(findings[0]?.plan?.tradeOffs.duplicateSharePercent.after).toBeCloseTo(after);
  });

  test.each<{ name: string; input: Case }>([
    { name: "a metric", input: { figures: { ...slow, sent: "forbidden" } } },
    { name: "part of the logs", input: { over: { unreadable: [unread] } } },
    { name: "something of the queue", input: { path: { ...short, unreadable: [unread] } } },
  ])("proven, but $name is unreadable: no plan, and the reason in the text (I8)", ({ input }) => {
    const { verdict, findings } = diagnose({
      path: short,
      figures: slow,
      causes: [cause("visibility-expired", 90)],
      ...input,
    });
    expect(verdict.verdict).toBe("duplicating");
    expect(findings[0]?.evidence).toBe("proven");
    expect(findings[0]).not.toHaveProperty("plan");
    expect(findings[0]?.explanation).toMatch(/No change is proposed as long as .+ cannot be read/);
  });
});

describe("diagnosePath: what only the numbers say", () => {
  const doubled: Figures = { received: 1200, deleted: 1200, invocations: 1200 };
  const slow = { "max-duration": 25_000, "p99-duration": 24_000 };
  const silent: Partial<PathDeliveries["coverage"]> = { logged: "nothing", messages: 0, deliveries: 0 };
  const fifo = pathOf({ settings: { visibilityTimeoutSeconds: 20, fifo: true } });
  test.each<Case & { name: string; expected: string[] }>([
    {
      name: "excess deletes and runs beyond the timeout, no ids logged",
      path: short,
      figures: { ...doubled, ...slow },
      coverage: silent,
      expected: ["duplicating", "visibility-expired measured high plan"],
    },
    {
      name: "the same with the logs not read",
      path: short,
      figures: { ...doubled, ...slow },
      causes: null,
      expected: ["duplicating", "visibility-expired measured high plan"],
    },
    {
      name: "excess deletes with runs inside the timeout: unknown, and the exposure beside it",
      path: short,
      figures: doubled,
      coverage: silent,
      expected: ["duplicating", "unknown measured medium", "visibility-expired exposed medium"],
    },
    {
      name: "excess deletes on good settings",
      figures: doubled,
      coverage: silent,
      expected: ["duplicating", "unknown measured medium"],
    },
    {
      name: "excess receives with throttles",
      figures: { received: 1300, throttles: 300, errors: 2 },
      coverage: silent,
      expected: ["retrying", "throttled measured medium"],
    },
    {
      name: "excess receives with errors",
      figures: { received: 1040, errors: 300, throttles: 2 },
      coverage: silent,
      expected: ["retrying", "function-error measured low"],
    },
    {
      name: "excess receives with neither",
      figures: { received: 1300 },
      coverage: silent,
      expected: ["unknown", "unknown measured medium"],
    },
    {
      name: "FIFO: a late delete fails, so duplicates show as receives",
      path: fifo,
      figures: { ...slow, received: 1300 },
      coverage: silent,
      expected: ["duplicating", "visibility-expired measured high plan"],
    },
    {
      name: "FIFO with unread errors is not guessed at",
      path: fifo,
      figures: { ...slow, received: 1300, errors: "error" },
      coverage: silent,
      expected: ["at-risk", "unknown measured medium", "visibility-expired exposed medium"],
    },
    {
      name: "complete logs that show each message once outweigh the counters",
      path: short,
      figures: { ...doubled, ...slow },
      expected: ["at-risk", "visibility-expired exposed medium"],
    },
    { name: "complete logs on good settings", figures: doubled, expected: ["healthy"] },
    {
      name: "logs of a part of the messages do not",
      figures: doubled,
      coverage: { messages: 300 },
      expected: ["duplicating", "unknown measured medium"],
    },
    {
      name: "logs that were cut off do not",
      figures: doubled,
      coverage: { truncated: true },
      expected: ["duplicating", "unknown measured medium"],
    },
    {
      name: "logs that could not be read do not",
      figures: doubled,
      over: { unreadable: [unread] },
      expected: ["duplicating", "unknown measured medium"],
    },
    {
      name: "duplicates that incomplete logs prove are not said twice",
      figures: doubled,
      coverage: { messages: 300 },
      causes: [cause("partial-batch-replay", 50)],
      expected: ["duplicating", "partial-batch-replay proven critical"],
    },
    {
      name: "retries that incomplete logs prove explain no excess deletes",
      figures: doubled,
      coverage: { messages: 300 },
      causes: [cause("function-error", 50, 0)],
      expected: ["duplicating", "function-error proven medium", "unknown measured medium"],
    },
    {
      name: "unexplained redeliveries and unexplained deletes are one finding, by its stronger half",
      figures: doubled,
      coverage: { messages: 300 },
      causes: [cause("unknown", 50, 0)],
      expected: ["duplicating", "unknown measured medium"],
    },
    {
      name: "durations beyond the timeout alone",
      path: short,
      figures: slow,
      causes: null,
      expected: ["at-risk", "visibility-expired exposed medium"],
    },
    {
      name: "unread counters: settings are advice only",
      path: short,
      figures: { sent: "error", received: "error", deleted: "error" },
      causes: null,
      expected: ["unknown", "visibility-expired advisory low"],
    },
    {
      name: "unread counters, but traffic in the logs",
      path: short,
      figures: { sent: "error", received: "error", deleted: "error" },
      expected: ["at-risk", "visibility-expired exposed medium"],
    },
    {
      name: "unread counters, clean logs and good settings",
      figures: { sent: "error" },
      expected: ["healthy"],
    },
  ])("$name", ({ expected, ...input }) => {
    expect(outline(input)).toEqual(expected);
  });

  test.each<{ name: string; input: Case; note: RegExp | undefined }>([
    {
      name: "counters against logs",
      input: { figures: doubled },
      note: /200 more deletes than messages, but the logs show 1000 messages and no work done twice/,
    },
    {
      name: "suspected, logs not read",
      input: { figures: doubled, causes: null },
      note: /^the logs were not read$/,
    },
    {
      name: "suspected, reading switched off",
      input: { figures: doubled, coverage: { ...silent, logged: "not-read" } },
      note: /^the logs were not read$/,
    },
    { name: "suspected, no ids", input: { figures: doubled, coverage: silent }, note: /log no message ids/ },
    { name: "cut off", input: { coverage: { truncated: true } }, note: /counts are lower bounds/ },
    { name: "denied", input: { over: { unreadable: [unread, unread] } }, note: /^access denied$/ },
    { name: "not suspected, not read", input: { causes: null }, note: undefined },
    { name: "only the logs spoke", input: { figures: { sent: "error" } }, note: /from the logs alone/ },
    {
      name: "nothing spoke",
      input: { figures: { sent: "error" }, causes: null },
      note: /metrics could not be read/,
    },
  ])("the note says what keeps the verdict from being stronger: $name", ({ input, note }) => {
    const found = diagnose(input).verdict.note;
    if (note === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(note);
  });

  test("an estimate is rounded and carries its share", () => {
    const { findings } = diagnose({
      figures: { ...HEALTHY, received: 1200.4, deleted: 1200.4 },
      coverage: silent,
    });
    expect(findings[0]?.counts).toMatchObject({ messages: 200, deliveries: null });
    expect(findings[0]?.counts.duplicateSharePercent).toBeCloseTo(20.04);
    expect(findings[0]?.advice[0]?.kind).toBe("log-message-id");
  });
});
