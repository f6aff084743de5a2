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
async function turnsOf(calls: readonly string[], quotaShare = 1): Promise<number[]> {
  const turn = createTurns(quotaShare);
  const startMs = Date.now();
  const times: number[] = [];
  for (const call of calls) void turn(call).then(() => times.push(Date.now() - startMs));
  await jest.runAllTimersAsync();
  return times;
}

const times = <T>(count: number, ...of: T[]): T[] => Array.from({ length: count }, () => of).flat();

/** The most that lie in any second. */
function mostInASecond(turns: readonly number[]): number {
  return Math.max(
    ...turns.map((fromMs) => turns.filter((ms) => ms >= fromMs && ms < fromMs + SECOND_MS).length),
  );
}

describe("turns of calls", () => {
  test.each([
    { call: "lambda:ListFunctions", perSecond: 10 },
    { call: "lambda:GetFunctionConfiguration", perSecond: 10 },
    { call: "lambda:GetPolicy", perSecond: 10 },
    { call: "tag:GetResources", perSecond: 10 },
    { call: "sqs:ListQueueTags", perSecond: 20 },
  ])(
    "$call: $perSecond at once, and then evenly, so that no second has more",
    async ({ call, perSecond }) => {
      const turns = await turnsOf(times(100, call));
      const late = turns.slice(perSecond).map((_, index) => SECOND_MS + (index * SECOND_MS) / perSecond);
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
    expect(turns).toEqual([...times(11, 0), 1000, 1100, 1200, 1300, 1400]);
  });

  test("a sixth of it leaves one call every 600 ms", async () => {
    expect(await turnsOf(times(4, "lambda:GetFunctionConcurrency"), 1 / 6)).toEqual([0, 600, 1200, 1800]);
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
