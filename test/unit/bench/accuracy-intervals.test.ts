import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { bootstrap, wilson } from "../../../bench/accuracy/intervals.ts";

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

describe("wilson", () => {
  // 81 of 263 is the worked example of Newcombe, Statistics in Medicine 17 (1998); of n right ones in n trials the
  // low end is n ÷ (n + z²).
  test.each([
    { successes: 10, trials: 10, low: 0.7225, high: 1 },
    { successes: 0, trials: 10, low: 0, high: 0.2775 },
    { successes: 5, trials: 10, low: 0.2366, high: 0.7634 },
    { successes: 81, trials: 263, low: 0.2553, high: 0.3662 },
  ])("$successes of $trials: $low to $high", ({ successes, trials, low, high }) => {
    const interval = wilson(successes, trials);
    expect(interval?.[0]).toBeCloseTo(low, 4);
    expect(interval?.[1]).toBeCloseTo(high, 4);
  });

  test("no trials, no interval", () => {
    expect(wilson(0, 0)).toBeNull();
  });

  test.each([
    [3, 2],
    [-1, 2],
  ])("%d of %d is refused", (successes, trials) => {
    expect(() => wilson(successes, trials)).toThrow(RangeError);
  });

  const drawn = fc
    .integer({ min: 1, max: 5000 })
    .chain((trials) => fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials)));

  test("holds the share, lies in 0…1, mirrors for the other outcome and narrows with more trials", () => {
    fc.assert(
      fc.property(drawn, ([successes, trials]) => {
        const [low, high] = wilson(successes, trials) ?? [Number.NaN, Number.NaN];
        const [mirroredLow, mirroredHigh] = wilson(trials - successes, trials) ?? [Number.NaN, Number.NaN];
        const [lowOfMore, highOfMore] = wilson(4 * successes, 4 * trials) ?? [Number.NaN, Number.NaN];
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(successes / trials);
        expect(high).toBeGreaterThanOrEqual(successes / trials);
        expect(1 - mirroredHigh).toBeCloseTo(low, 10);
        expect(1 - mirroredLow).toBeCloseTo(high, 10);
        expect(highOfMore - lowOfMore).toBeLessThan(high - low);
      }),
    );
  });
});

describe("bootstrap", () => {
  const units = Array.from({ length: 100 }, (_, index) => index);

  test("of a mean is close to mean ± 1.96 standard errors", () => {
    const standardError = Math.sqrt((100 ** 2 - 1) / 12 / 100);
    const [low, high] = bootstrap(units, mean, 7) ?? [Number.NaN, Number.NaN];
    expect(Math.abs(low - (49.5 - 1.96 * standardError))).toBeLessThan(0.6);
    expect(Math.abs(high - (49.5 + 1.96 * standardError))).toBeLessThan(0.6);
  });

  test("the same seed gives the same interval, another seed another", () => {
    expect(bootstrap(units, mean, 7)).toEqual(bootstrap(units, mean, 7));
    expect(bootstrap(units, mean, 8)).not.toEqual(bootstrap(units, mean, 7));
  });

  test("draws whole units: as many as there are, with repeats", () => {
    const sizes = new Set<number>();
    let repeated = false;
    bootstrap(
      units,
      (sample) => {
        sizes.add(sample.length);
        repeated ||= new Set(sample).size < sample.length;
        return mean(sample);
      },
      7,
    );
    expect([...sizes]).toEqual([100]);
    expect(repeated).toBe(true);
  });

  test("leaves out samples that hold nothing to compute", () => {
    const oneMatters = [null, null, null, 1, 2];
    const interval = bootstrap(oneMatters, (sample) => mean(sample.filter((value) => value !== null)), 7);
    expect(interval).toEqual([1, 2]);
  });

  test.each([
    { name: "two units", of: [1, 2] },
    { name: "units that all agree", of: [4, 4, 4, 4] },
    { name: "units that hold nothing", of: [Number.NaN, Number.NaN, Number.NaN] },
  ])("no interval from $name", ({ of }) => {
    expect(bootstrap(of, (sample) => mean(sample.filter((value) => !Number.isNaN(value))), 7)).toBeNull();
  });
});
