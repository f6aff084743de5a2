import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { QUOTAS, Quotas, TokenBucket } from "../../../bench/scan/quotas.ts";

const HOUR_MS = 3_600_000;

const call = (name: string, points = 0, reachMs = 0) => ({ name, points, reachMs });

describe("a token bucket", () => {
  test("lets one second's worth through at once, then one for each part of a second", () => {
    const bucket = new TokenBucket(10);
    const taken = Array.from({ length: 12 }, () => bucket.take(0));
    expect(taken.filter(Boolean)).toHaveLength(10);
    expect([bucket.take(99), bucket.take(100), bucket.take(100)]).toEqual([false, true, false]);
  });

  test("never lets more through than its rate and one second's worth", () => {
    const times = fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), times, (perSecond, unordered) => {
        const bucket = new TokenBucket(perSecond);
        const ordered = unordered.toSorted((a, b) => a - b);
        const taken = ordered.filter((timeMs) => bucket.take(timeMs));
        const lastedSeconds = ((taken.at(-1) ?? 0) - (taken[0] ?? 0)) / 1000;
        expect(taken.length).toBeLessThanOrEqual(perSecond * (1 + lastedSeconds) + 1e-6);
      }),
    );
  });

  test("a request larger than the bucket goes through when it is full, and the next ones pay for it", () => {
    const bucket = new TokenBucket(100);
    expect([bucket.take(0, 250), bucket.take(1_000), bucket.take(2_000)]).toEqual([true, false, true]);
  });
});

describe("the quotas", () => {
  test("Lambda's reads share one", () => {
    const quotas = new Quotas();
    const names = ["lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency"];
    const refused = Array.from({ length: 20 }, (_, index) => quotas.refusal(call(names[index % 2] ?? ""), 0));
    expect(refused.filter((quota) => quota !== undefined)).toHaveLength(5);
    expect(quotas.refusal(call("lambda:GetPolicy"), 0)).toBeUndefined();
  });

  test.each(QUOTAS)("$name: as many as $perSecond a second, and not one more", ({ calls, perSecond }) => {
    const quotas = new Quotas();
    const [name = ""] = calls;
    for (let index = 0; index < perSecond; index += 1) expect(quotas.refusal(call(name), 0)).toBeUndefined();
    expect(quotas.refusal(call(name), 0)?.calls).toContain(name);
  });

  test.each([
    {
      name: "recent points have one quota",
      reachMs: 2 * HOUR_MS,
      points: 180_000,
      next: 100_000,
      refused: true,
    },
    {
      name: "older points have a larger one",
      reachMs: 6 * HOUR_MS,
      points: 180_000,
      next: 100_000,
      refused: false,
    },
  ])("$name", ({ reachMs, points, next, refused }) => {
    const quotas = new Quotas();
    expect(quotas.refusal(call("cloudwatch:GetMetricData", points, reachMs), 0)).toBeUndefined();
    expect(quotas.refusal(call("cloudwatch:GetMetricData", next, reachMs), 0) !== undefined).toBe(refused);
  });

  test("what has no published quota is never refused", () => {
    const quotas = new Quotas();
    for (let index = 0; index < 5_000; index += 1) {
      expect(quotas.refusal(call("sqs:GetQueueAttributes"), 0)).toBeUndefined();
    }
  });
});
