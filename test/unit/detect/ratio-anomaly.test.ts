import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { findRatioAnomaly, type RatioInput } from "../../../core/detect/ratio-anomaly.ts";
import { WINDOW } from "../../support/delivery-paths.ts";

const HOUR_MS = 3_600_000;

/** Hours before the window, newest last, each with the ratio that `ratioAt` gives for its hour of the day. */
const history = (hours: number, ratioAt: (hourOfDay: number) => number, messages = 400) =>
  Array.from({ length: hours }, (_, index) => {
    const startMs = WINDOW.startMs - (hours - index) * HOUR_MS;
    return { startMs, messages, invocations: messages * ratioAt(new Date(startMs).getUTCHours()) };
  });

const anomaly = (ratio: number, over: Partial<RatioInput> = {}) =>
  findRatioAnomaly({
    window: WINDOW,
    invocations: 1000 * ratio,
    messages: 1000,
    history: history(14 * 24, () => 1),
    receivesPerMessage: null,
    ...over,
  });

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
    { hours: 6, basis: "all-hours", samples: 6 },
    { hours: 5, basis: "none", samples: 0 },
    { hours: 0, basis: "none", samples: 0 },
  ] as const)("with $hours hours of history the basis is $basis", ({ hours, basis, samples }) => {
    expect(anomaly(3, { history: history(hours, () => 1) })).toMatchObject({ basis, samples });
  });

  test("without a baseline nothing is anomalous", () => {
    expect(anomaly(9, { history: [] })).toMatchObject({ anomalous: false, zScore: null, invocationRatio: 9 });
  });

  test("nearly empty hours and hours of the window itself are no baseline", () => {
    const thin = history(14 * 24, () => 9, 5);
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
