import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createTurns } from "../../../aws/rates.ts";

const SECOND_MS = 1000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** When each of so many calls may leave, in ms from the first question. */
async function turnsOf(calls: readonly string[], quotaShare = 1, input?: unknown): Promise<number[]> {
  const turn = createTurns(quotaShare);
  const startMs = Date.now();
  const times: number[] = [];
  for (const call of calls) void turn(call, input).then(() => times.push(Date.now() - startMs));
  await jest.runAllTimersAsync();
  return times;
}

const times = <T>(count: number, ...of: T[]): T[] => Array.from({ length: count }, () => of).flat();

/** Timers count whole ms, so that the steps in a second are rounded up. */
const evenly = (index: number, perSecond: number): number =>
  Math.floor(index / perSecond) * SECOND_MS + (index % perSecond) * Math.ceil(SECOND_MS / perSecond);

/** The most that lie in any second. */
function mostInASecond(turns: readonly number[]): number {
  return Math.max(
    ...turns.map((fromMs) => turns.filter((ms) => ms >= fromMs && ms < fromMs + SECOND_MS).length),
  );
}

describe("turns of calls", () => {
  test.each([
    { call: "lambda:ListFunctions", perSecond: 12 },
    { call: "lambda:GetFunctionConfiguration", perSecond: 12 },
    { call: "lambda:GetPolicy", perSecond: 10 },
    { call: "tag:GetResources", perSecond: 10 },
    { call: "sqs:ListQueueTags", perSecond: 20 },
  ])(
    "$call: $perSecond at once, and then evenly, so that no second has more",
    async ({ call, perSecond }) => {
      const turns = await turnsOf(times(100, call));
      const late = turns.slice(perSecond).map((_, index) => SECOND_MS + evenly(index, perSecond));
      expect(turns).toEqual([...times(perSecond, 0), ...late]);
      expect(mostInASecond(turns)).toBe(perSecond);
    },
  );

  test("Lambda's listings and single questions share one rate; GetPolicy has its own", async () => {
    const shared = [
      "lambda:GetFunctionConcurrency",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:ListEventSourceMappings",
      "lambda:ListFunctions",
    ];
    const turns = await turnsOf([...times(3, ...shared), "lambda:GetPolicy"]);
    // Twelve of the fifteen, and GetPolicy.
    expect(turns).toEqual([...times(13, 0), 1000, 1084, 1168]);
  });

  test("a sixth of it leaves two calls a second", async () => {
    expect(await turnsOf(times(5, "lambda:GetFunctionConcurrency"), 1 / 6)).toEqual([0, 0, 1000, 1500, 2000]);
  });

  describe("GetMetricData", () => {
    const HOUR_MS = 3_600_000;
    const CALL = "cloudwatch:GetMetricData";
    const asked = (metrics: number, minutes: number, agoMs = 6 * HOUR_MS) => ({
      StartTime: new Date(Date.now() - agoMs),
      EndTime: new Date(Date.now() - agoMs + minutes * 60_000),
      MetricDataQueries: times(metrics, { Id: "q", MetricStat: { Period: 60 } }),
    });

    test.each([
      { name: "older points: 30 full calls a second", input: () => asked(100, 120), share: 1, inASecond: 30 },
      {
        name: "points of the last three hours weigh more: 13 calls a second",
        input: () => asked(100, 120, 2 * HOUR_MS),
        share: 1,
        inASecond: 13,
      },
      {
        name: "a twelfth of it: 2 calls a second",
        input: () => asked(100, 120),
        share: 1 / 12,
        inASecond: 2,
      },
      { name: "hardly any points: 40 calls a second", input: () => asked(1, 1), share: 1, inASecond: 40 },
    ])("$name", async ({ input, share, inASecond }) => {
      const turns = await turnsOf(times(100, CALL), share, input());
      expect(turns).toHaveLength(100);
      expect(mostInASecond(turns)).toBe(inASecond);
    });

    test.each([
      { name: "a share below one call", input: () => asked(100, 120, 2 * HOUR_MS), share: 1 / 1000 },
      { name: "a metric with more points than a second has", input: () => asked(1, 500_000), share: 1 },
    ])("$name: the call leaves all the same", async ({ input, share }) => {
      expect(await turnsOf([CALL], share, input())).toEqual([0]);
    });
  });

  test.each([
    { name: "a call that has no rate", calls: times(100, "sqs:GetQueueAttributes"), quotaShare: 1 },
    {
      name: "any call, with no limit",
      calls: times(100, "lambda:GetFunctionConfiguration"),
      quotaShare: Number.POSITIVE_INFINITY,
    },
  ])("$name leaves at once", async ({ calls, quotaShare }) => {
    expect(new Set(await turnsOf(calls, quotaShare))).toEqual(new Set([0]));
  });
});
