import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { duplicatesPercent, predictedSharePercent, predictTradeOffs } from "../../../core/advise/predict.ts";
import type { RunTimes } from "../../../core/model/delivery.ts";
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

  const runTimes = {
    deliveries: 200,
    untimed: 4,
    bySeconds: [
      [5, 180],
      [30, 10],
      [31, 6],
      [50, 4],
    ],
  } satisfies RunTimes;

  test.each([
    { name: "runs of exactly the timeout do not outlast it", timeout: 30, over: {}, expected: 5 },
    { name: "one second less and they do", timeout: 29, over: {}, expected: 10 },
    { name: "the longest run", timeout: 50, over: {}, expected: 0 },
    {
      name: "the batching window counts on top",
      timeout: 40,
      over: { batchingWindowSeconds: 10 },
      expected: 5,
    },
    {
      name: "no run passes the function timeout",
      timeout: 60,
      over: { batchingWindowSeconds: 0 },
      expected: 0,
    },
    {
      name: "too many runs without an end: Duration decides",
      timeout: 45,
      over: { runTimes: { ...runTimes, untimed: 5 } },
      expected: 0.5,
    },
    {
      name: "no runs in the logs: Duration decides",
      timeout: 45,
      over: { runTimes: { deliveries: 0, untimed: 0, bySeconds: [] } },
      expected: 0.5,
    },
  ])("from the runs in the logs: $name", ({ timeout, over, expected }) => {
    expect(predictedSharePercent(timeout, { ...facts, runTimes, ...over })).toBe(expected);
  });

  test("from any runs: the share that really is longer, never rising with the timeout, the same for twice the runs", () => {
    const runs = fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(runs, fc.nat(900), fc.nat(900), fc.nat(300), (runsMs, a, b, batchingWindowSeconds) => {
        const seconds = Map.groupBy(runsMs, (runMs) => Math.ceil(runMs / 1000));
        const bySeconds = [...seconds].map(([second, of]): [number, number] => [second, of.length]);
        const share = (timeout: number, times = 1) =>
          predictedSharePercent(timeout, {
            functionTimeoutSeconds: 901,
            batchingWindowSeconds,
            maxDurationMs: null,
            p99DurationMs: null,
            runTimes: {
              deliveries: times * runsMs.length,
              untimed: 0,
              bySeconds: bySeconds.map(([second, count]) => [second, times * count]),
            },
          });
        const longer = runsMs.filter((runMs) => runMs / 1000 + batchingWindowSeconds > a).length;
        expect(share(a)).toBeCloseTo((100 * longer) / runsMs.length);
        expect(share(Math.max(a, b))).toBeLessThanOrEqual(share(Math.min(a, b)) ?? 0);
        expect(share(a, 2)).toBe(share(a));
      }),
    );
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

describe("duplicatesPercent", () => {
  test.each([
    { share: 0, tries: 5, expected: 0 },
    { share: 10, tries: 2, expected: 10 },
    { share: 10, tries: 4, expected: 11.1 },
    { share: 50, tries: 1000, expected: 100 },
    { share: 100, tries: 5, expected: 400 },
    { share: 100, tries: 0, expected: 0 },
  ])("$share % in at most $tries tries → $expected for a hundred messages", ({ share, tries, expected }) => {
    expect(duplicatesPercent(share, tries)).toBeCloseTo(expected, 10);
  });

  test("never below the share but for a single try, never above one duplicate for each further try", () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(percent, fc.integer({ min: 2, max: 1000 }), (share, tries) => {
        const duplicates = duplicatesPercent(share, tries);
        expect(duplicates).toBeGreaterThanOrEqual(share - 1e-9);
        expect(duplicates).toBeLessThanOrEqual(100 * (tries - 1) + 1e-9);
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
    expect(tradeOffs.duplicateSharePercent.before).toBeCloseTo(0.5 + 0.0025);
    expect(tradeOffs.duplicateSharePercent.after).toBeCloseTo(0.2 + 0.0004);
  });

  test("without a dead-letter queue tries go on until the retention ends", () => {
    const { redrive: _, ...without } = {
      ...settings,
      visibilityTimeoutSeconds: 10,
      messageRetentionSeconds: 35,
    };
    const runTimes = {
      deliveries: 2,
      untimed: 0,
      bySeconds: [
        [5, 1],
        [50, 1],
      ] satisfies [number, number][],
    };
    const { duplicateSharePercent } = predictTradeOffs({
      settings: without,
      exposure: { ...facts, runTimes },
      toSeconds: 20,
      observedSharePercent: null,
    });
    expect(duplicateSharePercent).toEqual({ before: 75, after: 0 });
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
