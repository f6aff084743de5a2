import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DAY_MS, HOUR_MS } from "../../../core/detect/ratio/history.ts";
import type { Window } from "../../../core/model/measurement.ts";
import { duePeriod, isDue } from "../../../core/scan/due.ts";
import { queueArn } from "../../support/scan-fakes.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const MIDNIGHT_MS = Date.parse("2026-11-23T00:00:00Z");
const arns = Array.from({ length: 400 }, (_, index) => queueArn(`queue-${index}`));

/** Periods that follow each other from midnight to midnight, each shorter than a day. */
const splits = (days: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: days * DAY_MINUTES - 1 }), { minLength: days, maxLength: 40 })
    .map((cuts) => [0, ...cuts.toSorted((a, b) => a - b), days * DAY_MINUTES])
    .filter((ends) => ends.every((end, index) => index === 0 || end - (ends[index - 1] ?? 0) < DAY_MINUTES))
    .map((ends) =>
      ends.slice(1).map(
        (end, index): Window => ({
          startMs: MIDNIGHT_MS + (ends[index] ?? 0) * MINUTE_MS,
          endMs: MIDNIGHT_MS + end * MINUTE_MS,
        }),
      ),
    );

/** The parts of a period, shorter than a day, that lie in one UTC day each. */
function cutAtMidnight({ startMs, endMs }: Window): Window[] {
  const midnightMs = Math.floor((endMs - 1) / DAY_MS) * DAY_MS;
  return midnightMs <= startMs
    ? [{ startMs, endMs }]
    : [
        { startMs, endMs: midnightMs },
        { startMs: midnightMs, endMs },
      ];
}

/** Periods of the same length, one after the other, over some days. */
const every = (hours: number, days: number): Window[] =>
  Array.from({ length: (days * 24) / hours }, (_, index) => ({
    startMs: MIDNIGHT_MS + index * hours * HOUR_MS,
    endMs: MIDNIGHT_MS + (index + 1) * hours * HOUR_MS,
  }));

describe("isDue", () => {
  test("however days are divided into periods, a path is due exactly once a day", () => {
    const days = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(days.chain(splits), fc.string(), (periods, name) => {
        const arn = queueArn(name);
        const due = periods.flatMap(cutAtMidnight).filter((part) => isDue(arn, part));
        const dueDays = due.map(({ startMs }) => Math.floor(startMs / DAY_MS));
        expect(dueDays).toEqual(Array.from(dueDays, (_, day) => MIDNIGHT_MS / DAY_MS + day));
        expect(dueDays).toHaveLength(((periods.at(-1)?.endMs ?? 0) - MIDNIGHT_MS) / DAY_MS);
        for (const period of periods) {
          expect(isDue(arn, period)).toBe(cutAtMidnight(period).some((part) => isDue(arn, part)));
        }
      }),
      { numRuns: 200 },
    );
  });

  test.each([1, 3, 6, 12])("every %d hours: each day's paths are spread over its scans", (hours) => {
    const periods = every(hours, 1);
    const counts = periods.map((period) => arns.filter((arn) => isDue(arn, period)).length);
    expect(counts.reduce((a, b) => a + b)).toBe(arns.length);
    expect(Math.max(...counts)).toBeLessThan((2 * arns.length) / periods.length);
  });

  test("a repeat agrees", () => {
    const [period] = every(6, 1);
    const due = () => arns.filter((arn) => period && isDue(arn, period));
    expect(due()).toEqual(due());
  });

  test.each([
    { hours: 3, days: 10 },
    { hours: 6, days: 7 },
    { hours: 1, days: 24 },
  ])(
    "every $hours hours: within $days days a path has its turn at each time of the day",
    ({ hours, days }) => {
      for (const arn of arns.slice(0, 50)) {
        const times = every(hours, days)
          .filter((period) => isDue(arn, period))
          .map(({ startMs }) => startMs % DAY_MS);
        expect(new Set(times).size).toBe(24 / hours);
      }
    },
  );

  test("in a day or longer every path is due, wherever it begins", () => {
    const startMs = MIDNIGHT_MS + 5 * HOUR_MS;
    expect(arns.every((arn) => isDue(arn, { startMs, endMs: startMs + DAY_MS }))).toBe(true);
    expect(arns.every((arn) => isDue(arn, { startMs, endMs: startMs + DAY_MS - MINUTE_MS }))).toBe(false);
  });
});

describe("duePeriod", () => {
  const window = { startMs: MIDNIGHT_MS, endMs: MIDNIGHT_MS + 3 * HOUR_MS };

  test.each([
    { name: "the window, where nothing else is known", minutes: undefined, hours: 3 },
    { name: "the time since the last scan, where windows overlap", minutes: 60, hours: 1 },
    { name: "the time since the last scan, where windows leave gaps", minutes: 1440, hours: 24 },
  ])("is $name", ({ minutes, hours }) => {
    const settings = minutes === undefined ? {} : { scanIntervalMinutes: minutes };
    expect(duePeriod(window, settings)).toEqual({
      startMs: window.endMs - hours * HOUR_MS,
      endMs: window.endMs,
    });
  });
});
