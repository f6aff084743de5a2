import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { findRatioAnomaly, type RatioInput } from "../../../../core/detect/ratio/find-ratio-anomaly.ts";
import { DAY_MS, type HistoryHour, HOUR_MS } from "../../../../core/detect/ratio/history.ts";
import { WINDOW } from "../../../support/delivery-paths.ts";
import {
  flaggedDays,
  hoursBefore,
  judgeAt,
  type Life,
  noiseAt,
  normalAt,
} from "../../../support/ratio-history.ts";

/** Hours before the window, each with the ratio that `ratioAt` gives for its hour of the day. */
const history = (hours: number, ratioAt: (hourOfDay: number) => number, messages = 400) =>
  hoursBefore(WINDOW.startMs, hours / 24, {
    ratioAt: (timeMs) => ratioAt(new Date(timeMs).getUTCHours()),
    messagesAt: () => messages,
  });

const anomaly = (
  ratio: number,
  { history: hours = history(14 * 24, () => 1), ...over }: Partial<RatioFigures> = {},
) =>
  findRatioAnomaly({
    window: WINDOW,
    invocations: 1000 * ratio,
    messages: 1000,
    receivesPerMessage: null,
    ...over,
    history: { hours },
  });

type RatioFigures = Omit<RatioInput, "history"> & { readonly history: readonly HistoryHour[] };

describe("findRatioAnomaly", () => {
  test.each([
    { name: "a steady 1.0 that jumps to 1.2", ratio: 1.2, usual: 1, anomalous: true },
    { name: "a service that always runs at 1.4", ratio: 1.4, usual: 1.4, anomalous: false },
    { name: "a perfectly steady path that moves by 0.1 %", ratio: 1.001, usual: 1, anomalous: false },
    { name: "a rise of 9 %", ratio: 1.09, usual: 1, anomalous: false },
    { name: "batches of ten that fall apart", ratio: 0.5, usual: 0.1, anomalous: true },
    { name: "a fall", ratio: 0.5, usual: 1, anomalous: false },
  ])("$name → anomalous: $anomalous", ({ ratio, usual, anomalous }) => {
    const result = anomaly(ratio, { history: history(14 * 24, () => usual) });
    expect(result).toMatchObject({
      anomalous,
      invocationRatio: ratio,
      baselineMedian: usual,
      basis: "same-hours",
    });
  });

  test("compares with the same hours of the day", () => {
    const daily = history(14 * 24, (hour) => (hour >= 12 && hour < 15 ? 1.4 : 1));
    expect(anomaly(1.4, { history: daily })).toMatchObject({ anomalous: false, samples: 14 * 3 });
    expect(anomaly(1.7, { history: daily })).toMatchObject({ anomalous: true, baselineMedian: 1.4 });
  });

  test("a few wild hours do not move the baseline", () => {
    const wild = history(14 * 24, () => 1).map((hour, index) =>
      index % 5 === 0 ? { ...hour, invocations: hour.messages * 8 } : hour,
    );
    expect(anomaly(1.3, { history: wild })).toMatchObject({ anomalous: true, baselineMedian: 1 });
  });

  test("a path that is always restless needs more than a steady one", () => {
    const restless = history(14 * 24, () => 1).map((hour, index) => ({
      ...hour,
      invocations: hour.messages * (1 + (index % 4) / 10),
    }));
    expect(anomaly(1.4, { history: restless }).anomalous).toBe(false);
    expect(anomaly(2.4, { history: restless }).anomalous).toBe(true);
  });

  test.each([
    { hours: 35 * 24, basis: "same-weekday-hours", samples: 5 * 3 },
    { hours: 28 * 24, basis: "same-weekday-hours", samples: 4 * 3 },
    { hours: 27 * 24, basis: "same-hours", samples: 27 * 3 },
    { hours: 4 * 24, basis: "same-hours", samples: 4 * 3 },
    { hours: 3 * 24, basis: "all-hours", samples: 72 },
    { hours: 6, basis: "all-hours", samples: 6 },
    { hours: 5, basis: "none", samples: 0 },
    { hours: 0, basis: "none", samples: 0 },
  ] as const)("with $hours hours of history the basis is $basis", ({ hours, basis, samples }) => {
    expect(anomaly(3, { history: history(hours, () => 1) })).toMatchObject({
      basis,
      samples,
      historyHours: hours,
      anomalous: basis !== "none",
    });
  });

  test.each([
    { days: 28, basis: "same-hours", samples: 28 },
    { days: 35, basis: "same-weekday-hours", samples: 5 },
  ])("a window within one hour has five hours alike: after $days days $basis", ({ days, basis, samples }) => {
    const window = { startMs: WINDOW.startMs, endMs: WINDOW.startMs + 10 * 60_000 };
    expect(anomaly(1, { window, history: history(days * 24, () => 1) })).toMatchObject({ basis, samples });
  });

  test("hours without any invocation do not spoil the others", () => {
    const mostly = history(14 * 24, (hour) => (hour < 12 ? 0 : 1));
    expect(anomaly(1.2, { history: mostly })).toMatchObject({ anomalous: true, baselineMedian: 1 });
  });

  test("where nobody asked for a history, nothing is said about it", () => {
    const input = { window: WINDOW, invocations: 5, messages: 1, receivesPerMessage: null };
    const result = findRatioAnomaly({ ...input, history: undefined });
    expect(result).not.toHaveProperty("historyHours");
    expect(result).toMatchObject({ basis: "none", invocationRatio: 5, anomalous: false });
  });

  test("a history that starts afresh says from when on", () => {
    const restarted = { hours: [], restartedMs: 7 * HOUR_MS };
    const input = { window: WINDOW, invocations: 5, messages: 1, receivesPerMessage: null };
    expect(findRatioAnomaly({ ...input, history: restarted })).toMatchObject({ restartedMs: 7 * HOUR_MS });
  });

  test("without a baseline nothing is anomalous", () => {
    expect(anomaly(9, { history: [] })).toMatchObject({ anomalous: false, zScore: null, invocationRatio: 9 });
  });

  test("nearly empty hours and hours of the window itself are no baseline", () => {
    const thin = history(14 * 24, () => 9, 9);
    const own = [0, 1, 2].map((h) => ({
      startMs: WINDOW.startMs + h * HOUR_MS,
      messages: 400,
      invocations: 4000,
    }));
    expect(anomaly(1, { history: [...thin, ...own] }).basis).toBe("none");
    expect(anomaly(1.5, { history: [...history(14 * 24, () => 1), ...own] }).samples).toBe(14 * 3);
  });

  test.each([
    { name: "no message left the queue", over: { messages: 0 } },
    { name: "messages unread", over: { messages: null } },
    { name: "invocations unread", over: { invocations: null } },
  ])("$name → no ratio", ({ over }) => {
    expect(anomaly(2, over)).toMatchObject({ invocationRatio: null, zScore: null, anomalous: false });
  });

  test("a history of no invocations gives no score", () => {
    expect(anomaly(2, { history: history(48, () => 0) })).toMatchObject({ zScore: null, anomalous: false });
  });

  test("a dozen messages are too few to alarm, however high the ratio of the hour", () => {
    expect(anomaly(1, { messages: 10, invocations: 14 }).anomalous).toBe(false);
  });

  test("where each delivery is one invocation, a rise that receives do not show is another trigger's", () => {
    expect(anomaly(1.5, { receivesPerMessage: 1.01 }).anomalous).toBe(false);
    expect(anomaly(1.5, { receivesPerMessage: 1.48 }).anomalous).toBe(true);
  });

  test("the order of the history does not matter", () => {
    const hours = history(35 * 24, (hour) => 1 + hour / 100);
    const shuffled = fc.shuffledSubarray([...hours], { minLength: hours.length });
    const expected = anomaly(1.3, { history: hours });
    expect(expected.drift).toBeDefined();
    fc.assert(
      fc.property(shuffled, (other) => {
        expect(anomaly(1.3, { history: other })).toStrictEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test("twice the traffic has the same ratio and baseline, and is judged no more mildly", () => {
    const hour = fc.record({
      messages: fc.integer({ min: 10, max: 5000 }),
      invocations: fc.integer({ min: 1, max: 9000 }),
    });
    fc.assert(
      fc.property(
        fc.array(hour, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.nat(9000),
        (hours, messages, invocations) => {
          const judge = (times: number) =>
            anomaly(0, {
              messages: times * messages,
              invocations: times * invocations,
              history: hours.map((one, index) => ({
                startMs: WINDOW.startMs - (index + 1) * HOUR_MS,
                messages: times * one.messages,
                invocations: times * one.invocations,
              })),
            });
          const [once, twice] = [judge(1), judge(2)];
          const { zScore, anomalous, ...same } = twice;
          expect(once).toMatchObject(same);
          expect(Math.abs(zScore ?? 0)).toBeGreaterThanOrEqual(Math.abs(once.zScore ?? 0));
          expect(anomalous || !once.anomalous).toBe(true);
        },
      ),
    );
  });

  test("never anomalous without a baseline", () => {
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.nat(1e6),
        fc.integer({ min: 1, max: 1000 }),
        (hours, invocations, messages) => {
          const result = anomaly(0, { invocations, messages, history: history(hours, () => 1) });
          expect(result).toMatchObject({ basis: "none", anomalous: false, baselineMedian: null });
        },
      ),
    );
  });

  test("the score never falls when invocations rise", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.integer({ min: 1, max: 5000 }), (a, b, messages) => {
        const score = (invocations: number) => anomaly(0, { invocations, messages }).zScore ?? 0;
        expect(score(Math.max(a, b))).toBeGreaterThanOrEqual(score(Math.min(a, b)));
      }),
    );
  });

  test("anomalous implies both a score of 3.5 and a rise of a tenth", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 10, noNaN: true }),
        fc.array(fc.double({ min: 0.05, max: 3, noNaN: true }), { minLength: 6, maxLength: 60 }),
        (ratio, ratios) => {
          const result = anomaly(ratio, {
            history: history(ratios.length, () => 1).map((hour, index) => ({
              ...hour,
              invocations: hour.messages * (ratios[index] ?? 1),
            })),
          });
          if (!result.anomalous) return;
          expect(result.zScore).toBeGreaterThanOrEqual(3.5);
          expect(ratio).toBeGreaterThanOrEqual(1.1 * (result.baselineMedian ?? 0) - 1e-9);
        },
      ),
    );
  });
});

describe("a path's life with five weeks of history", () => {
  const START_MS = WINDOW.startMs;
  /** -10 % … +10 %. */
  const restless = (timeMs: number) => noiseAt(timeMs / HOUR_MS) / 10;
  const days = (flag: "jump" | "drift" | "-", count: number) => new Array<string>(count).fill(flag);

  test("a level shift is flagged when it comes, for 32 days, and then is the new usual", () => {
    const life: Life = { ratioAt: (timeMs) => (timeMs >= START_MS ? 1.2 : 1) };
    expect(flaggedDays(START_MS - 2 * DAY_MS, 40, life)).toEqual([
      ...days("-", 2),
      ...days("jump", 21),
      ...days("drift", 11),
      ...days("-", 6),
    ]);
  });

  test("a slow drift from 1.0 to 1.3 over four weeks does not take its baseline along", () => {
    const life: Life = {
      ratioAt: (timeMs) =>
        1 + restless(timeMs) / 10 + 0.3 * Math.min(1, Math.max(0, (timeMs - START_MS) / (28 * DAY_MS))),
    };
    const flags = flaggedDays(START_MS, 80, life);
    expect(flags.slice(0, 7)).toEqual(days("-", 7));
    expect(flags.slice(14, 45)).not.toContain("-");
    expect(flags.slice(28, 45)).toContain("drift");
    expect(flags.slice(70)).toEqual(days("-", 10));
    const { drift } = judgeAt(START_MS + 28 * DAY_MS, 35, life);
    // The last week lies at 1.26 in the mean, the oldest at 1.0.
    expect(drift?.growth).toBeCloseTo(1.26, 1);
    expect(drift).toMatchObject({ pairs: 168, sinceMs: START_MS - 7 * DAY_MS });
  });

  test("growth is what the last week is a multiple of, whatever the hours of the week are like", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 5, noNaN: true }), fc.integer(), (factor, seed) => {
        fc.pre(Math.abs(factor - 1.07) > 1e-6);
        const life: Life = {
          ratioAt: (timeMs) =>
            (1 + ((((seed % 97) + timeMs / HOUR_MS) % 168) + 97) / 100) *
            (timeMs >= START_MS - 7 * DAY_MS ? factor : 1),
        };
        const { drift } = judgeAt(START_MS, 35, life);
        expect(drift?.growth).toBeCloseTo(factor, 9);
        expect((drift?.zScore ?? 0) >= 3.5).toBe(factor >= 1 + 3.5 * 0.02);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    { days: 21, known: true },
    { days: 20.9, known: false },
  ])("with $days days of history a drift is looked for: $known", ({ days, known }) => {
    expect(judgeAt(START_MS, days, { ratioAt: () => 1 }).drift !== undefined).toBe(known);
  });

  test("a growth of 8 % is none to tell of, however high the window", () => {
    const weekOf = (timeMs: number) => Math.floor((START_MS - 1 - timeMs) / (7 * DAY_MS));
    const life: Life = { ratioAt: (timeMs) => (timeMs >= START_MS ? 1.11 : 1.08 - 0.02 * weekOf(timeMs)) };
    const result = judgeAt(START_MS, 35, life);
    expect(result.drift).toMatchObject({ growth: expect.closeTo(1.08, 9), oldestMedian: 1 });
    expect(result).toMatchObject({ anomalous: false });
    expect(result.drift?.zScore).toBeGreaterThan(3.5);
  });

  test("a window at a weekend is held against the weekend of the oldest week", () => {
    const saturdayMs = START_MS + 5 * DAY_MS;
    const life: Life = { ratioAt: (timeMs) => ([0, 6].includes(new Date(timeMs).getUTCDay()) ? 1.4 : 1) };
    expect(judgeAt(saturdayMs, 35, life).drift).toMatchObject({ oldestMedian: 1.4, growth: 1 });
  });

  test("an hour of the week that the oldest week did not have is held against all of that week", () => {
    const life: Life = {
      ratioAt: (timeMs) => (timeMs >= START_MS - 14 * DAY_MS ? 1.3 : 1),
      messagesAt: (timeMs) =>
        timeMs < START_MS - 27 * DAY_MS && new Date(timeMs).getUTCHours() >= 12 ? 0 : 400,
    };
    const { drift } = judgeAt(START_MS, 35, life);
    expect(drift).toMatchObject({ oldestMedian: 1, pairs: 84 });
  });

  test("a day's worth of hours of the week in common is needed", () => {
    const inCommon = (hours: number): Life => ({
      ratioAt: () => 1,
      messagesAt: (timeMs) =>
        timeMs < START_MS - 28 * DAY_MS && timeMs >= START_MS - (35 * 24 - hours) * HOUR_MS ? 0 : 400,
    });
    expect(judgeAt(START_MS, 35, inCommon(24)).drift).toMatchObject({ pairs: 24 });
    expect(judgeAt(START_MS, 35, inCommon(23)).drift).toBeUndefined();
  });

  test("a drift that was mended is none any more, though the last week still shows it", () => {
    const mendedMs = START_MS + 30 * DAY_MS;
    const life: Life = {
      ratioAt: (timeMs) =>
        timeMs >= mendedMs ? 1 : 1 + 0.3 * Math.min(1, Math.max(0, (timeMs - START_MS) / (28 * DAY_MS))),
    };
    const result = judgeAt(mendedMs, 35, life);
    expect(result.drift?.growth).toBeGreaterThan(1.2);
    expect(result.anomalous).toBe(false);
  });

  test.each<{ name: string; life: Life }>([
    {
      name: "a burst of traffic at the same ratio",
      life: {
        ratioAt: () => 0.5,
        messagesAt: (timeMs) => (timeMs >= START_MS && timeMs < START_MS + DAY_MS ? 40_000 : 400),
      },
    },
    {
      name: "a burst that fills the batches",
      life: {
        ratioAt: (timeMs) => (timeMs >= START_MS && timeMs < START_MS + DAY_MS ? 0.1 : 1),
        messagesAt: (timeMs) => (timeMs >= START_MS && timeMs < START_MS + DAY_MS ? 40_000 : 400),
      },
    },
    {
      name: "1.4 every weekend",
      life: { ratioAt: (timeMs) => ([0, 6].includes(new Date(timeMs).getUTCDay()) ? 1.4 : 1) },
    },
    {
      name: "1.4 every night",
      life: { ratioAt: (timeMs) => (new Date(timeMs).getUTCHours() < 6 ? 1.4 : 1) },
    },
    { name: "a restless path", life: { ratioAt: (timeMs) => 1 + restless(timeMs) } },
    {
      name: "traffic in office hours only",
      life: {
        ratioAt: (timeMs) => 1 + restless(timeMs),
        messagesAt: (timeMs) => (new Date(timeMs).getUTCHours() < 8 ? 0 : 400),
      },
    },
  ])("$name is no anomaly on any of forty days", ({ life }) => {
    expect(flaggedDays(START_MS - DAY_MS, 40, life)).toEqual(days("-", 40));
  });

  test("1.4 on a Monday is one, where it is usual at weekends only", () => {
    const weekend = (timeMs: number) => [0, 6].includes(new Date(timeMs).getUTCDay());
    const life: Life = { ratioAt: (timeMs) => (weekend(timeMs) || timeMs >= START_MS ? 1.4 : 1) };
    expect(new Date(START_MS).getUTCDay()).toBe(1);
    expect(judgeAt(START_MS, 35, life)).toMatchObject({ anomaly: "jump", basis: "same-weekday-hours" });
  });

  test.each([
    { days: 35, basis: "same-weekday-hours", samples: 5, everyMs: 7 * DAY_MS },
    { days: 6, basis: "same-hours", samples: 6, everyMs: DAY_MS },
  ])(
    "$basis that happen to agree are no steady path where others scatter",
    ({ days: of, basis, samples, everyMs }) => {
      const window = { startMs: START_MS, endMs: START_MS + HOUR_MS };
      const judge = (scatter: number) =>
        anomaly(1.25, {
          window,
          history: hoursBefore(START_MS, of, {
            ratioAt: (timeMs) => ((START_MS - timeMs) % everyMs === 0 ? 1 : 1 + scatter * restless(timeMs)),
          }),
        });
      expect(judge(0)).toMatchObject({ basis, samples, baselineMad: 0, anomalous: true });
      expect(judge(2)).toMatchObject({ basis, samples, baselineMad: 0, anomalous: false });
    },
  );

  test("a path whose days differ by a tenth is flagged on one of a hundred days at most", () => {
    const life: Life = {
      ratioAt: (timeMs) =>
        1 + 0.1 * normalAt(Math.floor(timeMs / DAY_MS)) + 0.03 * normalAt(1e6 + timeMs / HOUR_MS),
    };
    const flags = flaggedDays(START_MS, 300, life).filter((flag) => flag !== "-");
    expect(flags.length).toBeLessThanOrEqual(3);
  });

  test("two days of incident are flagged, and not learned as usual", () => {
    const life: Life = {
      ratioAt: (timeMs) => (timeMs >= START_MS && timeMs < START_MS + 2 * DAY_MS ? 2 : 1),
    };
    expect(flaggedDays(START_MS - DAY_MS, 40, life)).toEqual(["-", ...days("jump", 2), ...days("-", 37)]);
  });
});
