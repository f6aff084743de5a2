import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { correlate, type Run } from "../../support/observed-deliveries.ts";

/** Without the healthy delivery that `correlate` adds at the end: one second. */
const runTimes = (runs: readonly Run[]) => correlate(runs).runTimes;

describe("run times", () => {
  test("every delivery of a batch counts, rounded up to whole seconds; what has no end is told apart", () => {
    expect(
      runTimes([
        { messages: { 1: 1, 2: 1 }, startS: 0, endS: 2.001 },
        { messages: { 3: 1 }, startS: 10, endS: 13, outcome: "error" },
        { messages: { 1: 2 }, startS: 40, endS: 40 },
        { messages: { 4: 1 }, startS: 50, endS: null },
      ]),
    ).toEqual({
      deliveries: 5,
      untimed: 1,
      bySeconds: [
        [0, 1],
        [1, 1],
        [3, 3],
      ],
    });
  });

  test("deliveries before the window do not count", () => {
    expect(runTimes([{ messages: { 1: 1 }, startS: -3601, endS: -3500 }])?.deliveries).toBe(1);
  });

  test("nothing is said where no logs were read", () => {
    expect(correlate([], {}, { observations: [] })).not.toHaveProperty("runTimes");
  });

  test("no run is lost, and none is negative", () => {
    const run = fc.record({ startS: fc.nat(5000), lastsS: fc.integer({ min: 0, max: 900 }) });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 20 }), (all) => {
        const runs = all.map(({ startS, lastsS }, n) => ({
          messages: { [n]: 1 },
          startS,
          endS: startS + lastsS,
        }));
        const times = runTimes(runs);
        expect(times?.deliveries).toBe(runs.length + 1);
        expect(times?.bySeconds.reduce((sum, [, count]) => sum + count, 0)).toBe(runs.length + 1);
        for (const [seconds] of times?.bySeconds ?? []) expect(seconds).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
