import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { extendBaseline, hoursOf, missingHours } from "../../../../core/detect/ratio/baseline.ts";
import { HOUR_MS } from "../../../../core/detect/ratio/history.ts";
import { RatioBaseline } from "../../../../core/model/ratio-baseline.ts";

const hour = (start: number, messages = 10, invocations = 10) => ({
  startMs: start * HOUR_MS,
  messages,
  invocations,
});
const read = (from: number, until: number, hours: ReturnType<typeof hour>[]) => ({
  window: { startMs: from * HOUR_MS, endMs: until * HOUR_MS },
  hours,
});

describe("missingHours", () => {
  const known = extendBaseline(undefined, "s", read(100, 110, [hour(105)]), 0);
  const wanted = (from: number, until: number) => read(from, until, []).window;

  test.each([
    { name: "nothing is known", baseline: undefined, of: wanted(0, 120), missing: wanted(0, 120) },
    { name: "later hours are wanted", baseline: known, of: wanted(101, 112), missing: wanted(110, 112) },
    { name: "all is known", baseline: known, of: wanted(101, 110), missing: undefined },
    { name: "earlier hours are wanted, too", baseline: known, of: wanted(90, 112), missing: wanted(90, 112) },
    {
      name: "only earlier ones are, as far as the known",
      baseline: known,
      of: wanted(10, 50),
      missing: wanted(10, 100),
    },
    { name: "what is known is too old", baseline: known, of: wanted(200, 220), missing: wanted(200, 220) },
  ])("where $name", ({ baseline, of, missing }) => {
    expect(missingHours(baseline, of)).toEqual(missing);
  });
});

describe("extendBaseline", () => {
  test("an hour read again replaces what was known; one that turned out idle goes", () => {
    const first = extendBaseline(undefined, "s", read(0, 3, [hour(0), hour(1), hour(2)]), 0);
    const second = extendBaseline(first, "s", read(1, 4, [hour(1, 20, 30), hour(2, 0, 0), hour(3, 0, 1)]), 0);
    expect(RatioBaseline.parse(second)).toEqual({
      setUp: "s",
      fromMs: 0,
      untilMs: 4 * HOUR_MS,
      hours: [
        [0, 10, 10],
        [1, 20, 30],
        [3, 0, 1],
      ],
    });
  });

  test("forgets hours, and a change of the path, that lie before the horizon", () => {
    const changed = {
      setUp: "s",
      fromMs: 2 * HOUR_MS,
      untilMs: 2 * HOUR_MS,
      restartedMs: 2 * HOUR_MS,
      hours: [],
    };
    const young = extendBaseline(changed, "s", read(2, 4, [hour(2), hour(3)]), 0);
    expect(young).toMatchObject({ restartedMs: 2 * HOUR_MS, fromMs: 2 * HOUR_MS });
    const old = extendBaseline(young, "s", read(4, 5, [hour(4)]), 3 * HOUR_MS);
    expect(old).toEqual({
      setUp: "s",
      fromMs: 3 * HOUR_MS,
      untilMs: 5 * HOUR_MS,
      hours: [
        [3, 10, 10],
        [4, 10, 10],
      ],
    });
  });

  const hours = fc.uniqueArray(
    fc.record({ start: fc.nat(50), messages: fc.nat(1000), invocations: fc.nat(1000) }),
    { selector: ({ start }) => start },
  );

  test("the order of the hours and a second time change nothing", () => {
    fc.assert(
      fc.property(hours, fc.nat(50), (facts, horizon) => {
        const all = facts.map(({ start, messages, invocations }) => hour(start, messages, invocations));
        const once = extendBaseline(undefined, "s", read(0, 51, all), horizon * HOUR_MS);
        const backwards = extendBaseline(undefined, "s", read(0, 51, all.toReversed()), horizon * HOUR_MS);
        expect(backwards).toEqual(once);
        expect(extendBaseline(once, "s", read(0, 51, all), horizon * HOUR_MS)).toEqual(once);
        expect(hoursOf(once)).toEqual(
          all
            .filter((one) => one.startMs >= horizon * HOUR_MS && (one.messages > 0 || one.invocations > 0))
            .sort((a, b) => a.startMs - b.startMs),
        );
      }),
    );
  });
});
