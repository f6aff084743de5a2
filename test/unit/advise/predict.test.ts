import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { predictedSharePercent, predictTradeOffs } from "../../../core/advise/predict.ts";
import { DLQ_ARN, settingsOf } from "../../support/delivery-paths.ts";

const facts = {
  functionTimeoutSeconds: 60,
  batchingWindowSeconds: 0,
  maxDurationMs: 50_000,
  p99DurationMs: 40_000,
};

describe("predictedSharePercent", () => {
  test.each([
    { name: "below the p99 nothing is known", timeout: 39, over: {}, expected: null },
    { name: "at the p99 one percent", timeout: 40, over: {}, expected: 1 },
    { name: "half way to the longest run", timeout: 45, over: {}, expected: 0.5 },
    { name: "from the longest run on none", timeout: 50, over: {}, expected: 0 },
    {
      name: "the batching window counts on top",
      timeout: 50,
      over: { batchingWindowSeconds: 5 },
      expected: 0.5,
    },
    {
      name: "no run passes the function timeout",
      timeout: 60,
      over: { maxDurationMs: null, p99DurationMs: null },
      expected: 0,
    },
    { name: "no durations", timeout: 30, over: { maxDurationMs: null, p99DurationMs: null }, expected: null },
    { name: "no p99", timeout: 30, over: { p99DurationMs: null }, expected: null },
    { name: "all runs alike", timeout: 49, over: { p99DurationMs: 50_000 }, expected: null },
  ])("$name", ({ timeout, over, expected }) => {
    expect(predictedSharePercent(timeout, { ...facts, ...over })).toBe(expected);
  });

  test("lies between 0 and 1 % and never rises with the timeout", () => {
    const seconds = fc.integer({ min: 0, max: 43_200 });
    const durations = fc.tuple(fc.nat(900_000), fc.nat(900_000));
    fc.assert(
      fc.property(seconds, seconds, durations, fc.nat(300), (a, b, [c, d], batchingWindowSeconds) => {
        const share = (timeout: number) =>
          predictedSharePercent(timeout, {
            functionTimeoutSeconds: 900,
            batchingWindowSeconds,
            maxDurationMs: Math.max(c, d),
            p99DurationMs: Math.min(c, d),
          });
        const [short, long] = [share(Math.min(a, b)), share(Math.max(a, b))];
        expect(long ?? 1).toBeLessThanOrEqual(short ?? 1);
        expect(long ?? 0).toBeGreaterThanOrEqual(0);
        expect(short ?? 0).toBeLessThanOrEqual(1);
        if (long === null) expect(short).toBeNull();
      }),
    );
  });
});

describe("predictTradeOffs", () => {
  const settings = settingsOf({ visibilityTimeoutSeconds: 30, messageRetentionSeconds: 1000 });

  test("shows what gets better and what gets worse", () => {
    expect(predictTradeOffs({ settings, exposure: facts, toSeconds: 360, observedSharePercent: 12 })).toEqual(
      {
        duplicateSharePercent: { before: 12, after: 0 },
        retryDelaySeconds: { before: 30, after: 360 },
        timeToDeadLetterSeconds: { before: 150, after: 1800 },
        messageRetentionSeconds: 1000,
        outlivesRetention: true,
        fifoGroupBlockedSeconds: null,
      },
    );
  });

  test("falls back on the durations where no duplicate was counted", () => {
    const tradeOffs = predictTradeOffs({
      settings: { ...settings, visibilityTimeoutSeconds: 45 },
      exposure: facts,
      toSeconds: 48,
      observedSharePercent: null,
    });
    expect(tradeOffs.duplicateSharePercent.before).toBe(0.5);
    expect(tradeOffs.duplicateSharePercent.after).toBeCloseTo(0.2);
  });

  test("FIFO: a failed message blocks its group for as long as the timeout", () => {
    const tradeOffs = predictTradeOffs({
      settings: { ...settings, fifo: true, redrive: { deadLetterTargetArn: DLQ_ARN, maxReceiveCount: 2 } },
      exposure: facts,
      toSeconds: 78,
      observedSharePercent: 1,
    });
    expect(tradeOffs).toMatchObject({
      fifoGroupBlockedSeconds: { before: 30, after: 78 },
      outlivesRetention: false,
    });
  });

  test("without a dead-letter queue nothing leads there", () => {
    const { redrive: _, ...without } = settings;
    expect(
      predictTradeOffs({ settings: without, exposure: facts, toSeconds: 360, observedSharePercent: 1 }),
    ).toMatchObject({ timeToDeadLetterSeconds: { before: null, after: null }, outlivesRetention: false });
  });
});
