// What must hold for any log, however its runs lie: time may be shifted, messages may be doubled.
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { overlapMs } from "../../../core/correlate/classify.ts";
import { joinDeliveries, type SeenDelivery } from "../../../core/correlate/deliveries.ts";
import { correlate, observe, type Run } from "../../support/observed-deliveries.ts";

const OUTCOMES = ["success", "error", "timeout"] as const;
/** Seconds; two messages that come again and again, at any time, for any time. */
const runs = fc
  .array(
    fc.record({
      message: fc.integer({ min: 1, max: 2 }),
      startS: fc.nat(3000),
      lastsS: fc.nat(60),
      outcome: fc.constantFrom(...OUTCOMES),
    }),
    { maxLength: 8 },
  )
  .map((all) =>
    all.map(
      ({ message, startS, lastsS, outcome }): Run => ({
        messages: { [message]: null },
        startS,
        endS: startS + lastsS,
        outcome,
      }),
    ),
  );

const twoDeliveries = fc.tuple(fc.nat(3000), fc.nat(900), fc.nat(3000), fc.nat(900));

function deliveries(...[start, lasts, otherStart, otherLasts]: readonly number[]): SeenDelivery[] {
  const run = (n: number, startS = 0, lastsS = 0): Run => ({
    messages: { [n]: 1 },
    startS,
    endS: startS + lastsS,
  });
  const { histories } = joinDeliveries(observe([run(1, start, lasts), run(2, otherStart, otherLasts)]));
  return [...histories].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, history]) => history);
}

describe("overlapMs", () => {
  test("of a later delivery: no longer than the earlier run, and more than 0 only if that still ran", () => {
    fc.assert(
      fc.property(twoDeliveries, ([start, lasts, gap, otherLasts]) => {
        const [earlier, later] = deliveries(start, lasts, start + gap, otherLasts);
        if (earlier === undefined || later === undefined) throw new Error("expected two deliveries");
        const overlap = overlapMs(earlier, later);
        expect(overlap).toBeLessThanOrEqual(lasts * 1000);
        expect(overlap > 0).toBe(gap < lasts);
      }),
    );
  });

  test("shifting both in time changes nothing; a later start shortens it by as much", () => {
    fc.assert(
      fc.property(twoDeliveries, fc.nat(1000), ([start, lasts, otherStart, otherLasts], shift) => {
        const overlap = (...times: readonly number[]) => {
          const [earlier, later] = deliveries(...times);
          return earlier && later ? overlapMs(earlier, later) : Number.NaN;
        };
        const before = overlap(start, lasts, otherStart, otherLasts);
        expect(overlap(start + shift, lasts, otherStart + shift, otherLasts)).toBe(before);
        expect(overlap(start, lasts, otherStart + shift, otherLasts)).toBe(before - shift * 1000);
      }),
    );
  });
});

describe("correlatePath", () => {
  test("the same traffic twice, under other ids, is every cause twice", () => {
    fc.assert(
      fc.property(runs, (all) => {
        const copies = all.map((run): Run => {
          const [message] = Object.keys(run.messages);
          return { ...run, messages: { [Number(message) + 100]: null } };
        });
        const once = correlate(all);
        const twice = correlate([...all, ...copies]);
        expect(twice.causes).toEqual(
          once.causes.map(({ cause, messages, redeliveries, duplicates }) => ({
            cause,
            messages: 2 * messages,
            redeliveries: 2 * redeliveries,
            duplicates: 2 * duplicates,
          })),
        );
        expect(twice.coverage.deliveries - 1).toBe(2 * (once.coverage.deliveries - 1));
      }),
    );
  });

  test("no redelivery is counted twice, and no more duplicates than redeliveries", () => {
    fc.assert(
      fc.property(runs, (all) => {
        const { causes, coverage } = correlate(all);
        const redeliveries = causes.reduce((sum, one) => sum + one.redeliveries, 0);
        expect(redeliveries).toBeLessThanOrEqual(coverage.deliveries - coverage.messages);
        for (const one of causes) {
          expect(one.duplicates).toBeGreaterThanOrEqual(0);
          expect(one.duplicates).toBeLessThanOrEqual(one.redeliveries);
          expect(one.messages).toBeLessThanOrEqual(one.redeliveries);
        }
      }),
    );
  });
});
