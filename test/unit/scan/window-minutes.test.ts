import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Window } from "../../../core/model/measurement.ts";
import type { MetricRequest, MetricSeries } from "../../../core/ports.ts";
import { edgesOf, periodOf, toMinutes, withEdges } from "../../../core/scan/window-minutes.ts";

const START_MS = Date.UTC(2026, 10, 23, 12, 7);
const MINUTE_MS = 60_000;

const windowOf = (minutes: number): Window => ({
  startMs: START_MS,
  endMs: START_MS + minutes * MINUTE_MS,
});

const seriesOf = (periodSeconds: number, ...values: (number | null)[]): MetricSeries => ({
  values,
  periodSeconds,
  status: "complete",
});

const sum = (values: MetricSeries["values"]): number =>
  values.reduce<number>((all, one) => all + (one ?? 0), 0);

describe("how far apart points are read", () => {
  test.each([
    { minutes: 15, seconds: 60 },
    { minutes: 180, seconds: 60 },
    { minutes: 360, seconds: 60 },
    { minutes: 361, seconds: 300 },
    { minutes: 1440, seconds: 300 },
    { minutes: 1800, seconds: 300 },
    { minutes: 1801, seconds: 3600 },
    { minutes: 10_080, seconds: 3600 },
    { minutes: 21_600, seconds: 3600 },
  ])("$minutes minutes: $seconds s", ({ minutes, seconds }) => {
    expect(periodOf(windowOf(minutes))).toBe(seconds);
    expect((minutes * 60) / seconds).toBeLessThanOrEqual(360);
  });
});

describe("points a minute", () => {
  test("what was read by the minute is left as it is", () => {
    const series = seriesOf(60, 1, null, 0.5);
    expect(toMinutes(series, "Sum", windowOf(3))).toBe(series);
  });

  test.each<{ stat: MetricRequest["stat"]; values: readonly (number | null)[] }>([
    { stat: "Sum", values: [1, 1, 2, 1, 2, null, null, null, null, null, 1, 2] },
    { stat: "SampleCount", values: [1, 1, 2, 1, 2, null, null, null, null, null, 1, 2] },
    ...(["Average", "Maximum", "Minimum", "p50", "p90", "p99"] as const).map((stat) => ({
      stat,
      values: [7, 7, 7, 7, 7, null, null, null, null, null, 3, 3],
    })),
  ])("$stat of five minutes, a gap, and a last period that the window cuts off", ({ stat, values }) => {
    expect(toMinutes(seriesOf(300, 7, null, 3), stat, windowOf(12))).toStrictEqual(seriesOf(60, ...values));
  });

  test("what could not be read stays so (I8)", () => {
    const series: MetricSeries = { ...seriesOf(300, 7, 0), status: "partial", reason: "cut off" };
    expect(toMinutes(series, "Sum", windowOf(10))).toMatchObject({ status: "partial", reason: "cut off" });
  });

  test("counts add up to what was counted, minutes differ by one at most, and gaps are the same minutes", () => {
    const counts = fc.array(fc.option(fc.nat(1_000_000_000)), { minLength: 1, maxLength: 40 });
    const periods = fc.constantFrom(300, 3600);
    fc.assert(
      fc.property(counts, periods, fc.nat(59), (values, periodSeconds, cutOff) => {
        const length = periodSeconds / 60;
        const minutes = values.length * length - (cutOff % length);
        const { values: points } = toMinutes(seriesOf(periodSeconds, ...values), "Sum", windowOf(minutes));
        expect(points).toHaveLength(minutes);
        for (const [period, count] of values.entries()) {
          const ofPeriod = points.slice(period * length, (period + 1) * length);
          expect(new Set(ofPeriod.map((point) => point === null))).toEqual(new Set([count === null]));
          expect(sum(ofPeriod)).toBe(count ?? 0);
          const shares = ofPeriod.map((point) => point ?? 0);
          expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe("the edges of a window", () => {
  test("are its first and its last five minutes", () => {
    const at = (minute: number) => START_MS + minute * MINUTE_MS;
    expect(edgesOf(windowOf(1442))).toEqual([
      { startMs: at(0), endMs: at(5) },
      { startMs: at(1437), endMs: at(1442) },
    ]);
  });

  test("replace what was read over longer periods there, gaps too", () => {
    const all = seriesOf(60, ...new Array<number>(12).fill(50));
    const joined = withEdges(all, seriesOf(60, 90, 80, null, 60, 50), seriesOf(60, 50, 40, 30, 20, null));
    expect(joined).toStrictEqual(seriesOf(60, 90, 80, null, 60, 50, 50, 50, 50, 40, 30, 20, null));
  });

  test.each([0, 1, 2])("what one of the three lacks, all of it lacks (I8): %d", (lacking) => {
    const three = [12, 5, 5].map((length, index): MetricSeries => {
      const series = seriesOf(60, ...new Array<number>(length).fill(1));
      return index === lacking ? { ...series, status: "forbidden", reason: "not allowed" } : series;
    });
    const [all, first, last] = three as [MetricSeries, MetricSeries, MetricSeries];
    const joined = withEdges(all, first, last);
    expect(joined).toMatchObject({ status: "forbidden", reason: "not allowed" });
    expect(joined.values).toHaveLength(12);
  });
});
