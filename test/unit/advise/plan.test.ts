import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { canonicalJson, hashOf } from "../../../core/advise/canonical-json.ts";
import { makePlan, type PlanInput } from "../../../core/advise/plan.ts";
import { Cause } from "../../../core/model/delivery.ts";
import { Plan } from "../../../core/model/plan.ts";
import { consumerOf, measurementOf, pathOf, QUEUE_ARN } from "../../support/delivery-paths.ts";

const short = pathOf({ settings: { visibilityTimeoutSeconds: 20 } });
const problem = { resource: "r", reason: "denied" };

const planOf = (over: Partial<PlanInput> = {}) => {
  const path = over.path ?? short;
  return makePlan({
    path,
    measurement: measurementOf(path, { "max-duration": 25_000 }),
    settings: { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 },
    cause: "visibility-expired",
    evidence: "proven",
    observedSharePercent: 10,
    logsUnreadable: false,
    ...over,
  });
};

describe("makePlan", () => {
  test("under a cap, the runs that would still outlast it are predicted; they are no part of the hash (I3)", () => {
    const capped = { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 25 } as const;
    const runTimes = {
      deliveries: 100,
      untimed: 0,
      bySeconds: [
        [5, 90],
        [28, 10],
      ] satisfies [number, number][],
    };
    const plan = planOf({ settings: capped, runTimes });
    expect(plan?.tradeOffs.duplicateSharePercent).toEqual({
      before: 10,
      after: expect.closeTo(11.11),
    });
    expect(plan?.hash).toBe(planOf({ settings: capped })?.hash);
  });

  test("proposes the exact change, with a hash", () => {
    const plan = planOf();
    expect(plan).toMatchObject({ queueArn: QUEUE_ARN, from: 20, to: 180, policy: "aws" });
    expect(plan?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(Plan.parse(plan)).toEqual(plan);
  });

  test.each(Cause.options)("%s: a plan only for work that outlasts the timeout", (cause) => {
    const expected = cause === "visibility-expired" || cause === "deleted-too-late";
    expect(planOf({ cause }) !== undefined).toBe(expected);
  });

  test.each([
    { evidence: "proven", maxMs: 5000, expected: true },
    { evidence: "measured", maxMs: 25_000, expected: true },
    { evidence: "measured", maxMs: 5000, expected: false },
    { evidence: "exposed", maxMs: 25_000, expected: false },
    { evidence: "advisory", maxMs: 25_000, expected: false },
  ] as const)("$evidence with runs up to $maxMs ms → $expected", ({ evidence, maxMs, expected }) => {
    const measurement = measurementOf(short, { "max-duration": maxMs });
    expect(planOf({ evidence, measurement }) !== undefined).toBe(expected);
  });

  test.each<{ name: string; over: Partial<PlanInput> }>([
    { name: "something on the path is unreadable", over: { path: { ...short, unreadable: [problem] } } },
    { name: "a metric is unreadable", over: { measurement: measurementOf(short, { throttles: "error" }) } },
    { name: "a log group is unreadable", over: { logsUnreadable: true } },
    {
      name: "a polling function is unreadable",
      over: { path: { ...short, consumers: [...short.consumers, consumerOf({ uuid: "b" }, null)] } },
    },
    {
      name: "the settings are unreadable",
      over: { path: pathOf({ settings: null }), measurement: measurementOf(short) },
    },
    {
      name: "the queue is another account's",
      over: { path: { ...short, foreign: true }, measurement: measurementOf(short) },
    },
    {
      name: "no mapping polls",
      over: { path: { ...short, consumers: [consumerOf({ state: "Disabled" })] } },
    },
    { name: "the timeout is long enough", over: { path: pathOf() } },
    {
      name: "the cap leaves no room",
      over: { settings: { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 20 } },
    },
  ])("nothing where $name (I2, I8)", ({ over }) => {
    expect(planOf()).toBeDefined();
    expect(planOf(over)).toBeUndefined();
  });
});

describe("the hash of a plan (I3)", () => {
  const [consumer] = short.consumers;
  const other = consumerOf({ uuid: "00000000-other" });

  test.each<{ name: string; path: typeof short }>([
    { name: "visibility timeout", path: pathOf({ settings: { visibilityTimeoutSeconds: 21 } }) },
    {
      name: "retention",
      path: pathOf({ settings: { visibilityTimeoutSeconds: 20, messageRetentionSeconds: 60 } }),
    },
    {
      name: "redrive",
      path: pathOf({
        settings: { visibilityTimeoutSeconds: 20, redrive: { deadLetterTargetArn: "x", maxReceiveCount: 5 } },
      }),
    },
    { name: "queue", path: { ...short, queueArn: `${QUEUE_ARN}-2` } },
    { name: "function timeout", path: { ...short, consumers: [consumerOf({}, { timeoutSeconds: 31 })] } },
    {
      name: "batching window",
      path: { ...short, consumers: [consumerOf({ maximumBatchingWindowSeconds: 1 })] },
    },
    { name: "batch size", path: { ...short, consumers: [consumerOf({ batchSize: 5 })] } },
    { name: "function", path: { ...short, consumers: [consumerOf({ functionArn: "x" })] } },
    { name: "state", path: { ...short, consumers: [consumerOf({ state: "Updating" })] } },
    { name: "one mapping more", path: { ...short, consumers: [...short.consumers, other] } },
  ])("changes with: $name", ({ path }) => {
    expect(planOf({ path, measurement: measurementOf(path) })?.hash).not.toBe(planOf()?.hash);
  });

  test("does not change with what was observed, nor with the order of mappings or disabled ones", () => {
    const hash = planOf()?.hash;
    expect(planOf({ observedSharePercent: 3, measurement: measurementOf(short, { sent: 5 }) })?.hash).toBe(
      hash,
    );
    const disabled = consumerOf({ uuid: "z", state: "Disabled" });
    expect(planOf({ path: { ...short, consumers: [...short.consumers, disabled] } })?.hash).toBe(hash);
    const inOrder = (consumers: (typeof other)[]) => planOf({ path: { ...short, consumers } })?.hash;
    expect(consumer).toBeDefined();
    expect(inOrder([consumerOf(), other])).toBe(inOrder([other, consumerOf()]));
  });

  test("canonical JSON is the same for every order of keys, and differs for different values", () => {
    const shuffled = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shuffled)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, shuffled(inner)]),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(hashOf(shuffled(value))).toBe(hashOf(value));
        expect(hashOf([value])).not.toBe(hashOf(value));
      }),
    );
    expect(canonicalJson({ b: 1, a: { d: [2, 1], c: null }, e: undefined })).toBe(
      '{"a":{"c":null,"d":[2,1]},"b":1}',
    );
  });
});
