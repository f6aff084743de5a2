import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { targetTimeout } from "../../../core/advise/target-timeout.ts";

const timing = (functionTimeoutSeconds: number, batchingWindowSeconds = 0) => ({
  functionArn: "arn",
  functionTimeoutSeconds,
  batchingWindowSeconds,
});
const base = {
  currentSeconds: 30,
  fifo: false,
  timings: [timing(60)],
  policy: "aws",
  capSeconds: 43_200,
} as const;

describe("targetTimeout", () => {
  test.each([
    { name: "aws: six times", over: {}, expected: { seconds: 360, policy: "aws" } },
    {
      name: "aws: plus the window",
      over: { timings: [timing(60, 20)] },
      expected: { seconds: 380, policy: "aws" },
    },
    { name: "margin: 1.3 times", over: { policy: "margin" }, expected: { seconds: 78, policy: "margin" } },
    {
      name: "margin rounds up",
      over: { policy: "margin", timings: [timing(33, 5)] },
      expected: { seconds: 48, policy: "margin" },
    },
    {
      name: "margin of 100 s is 130 s, not 131 s",
      over: { policy: "margin", timings: [timing(100)] },
      expected: { seconds: 130, policy: "margin" },
    },
    {
      name: "FIFO always takes the margin",
      over: { fifo: true },
      expected: { seconds: 78, policy: "margin" },
    },
    {
      name: "the most demanding consumer",
      over: { timings: [timing(10, 5), timing(60), timing(50, 90)] },
      expected: { seconds: 390, policy: "aws" },
    },
    { name: "the cap", over: { capSeconds: 100 }, expected: { seconds: 100, policy: "aws" } },
    { name: "long enough already", over: { currentSeconds: 360 }, expected: undefined },
    { name: "a cap below the current value", over: { capSeconds: 30 }, expected: undefined },
    { name: "no known consumer", over: { timings: [] }, expected: undefined },
  ] as const)("$name", ({ over, expected }) => {
    expect(targetTimeout({ ...base, ...over })).toEqual(expected);
  });

  test("never lowers a timeout, never passes the cap or 43,200 s, and is no shorter than the run unless capped (I1, I2)", () => {
    const timings = fc.array(
      fc
        .tuple(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 0, max: 300 }))
        .map(([t, w]) => timing(t, w)),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 43_200 }),
        fc.boolean(),
        timings,
        fc.constantFrom("aws" as const, "margin" as const),
        fc.double({ min: 1, max: 50_000, noNaN: true }),
        (currentSeconds, fifo, all, policy, capSeconds) => {
          const target = targetTimeout({ currentSeconds, fifo, timings: all, policy, capSeconds });
          if (target === undefined) return;
          expect(Number.isInteger(target.seconds)).toBe(true);
          expect(target.seconds).toBeGreaterThan(currentSeconds);
          expect(target.seconds).toBeLessThanOrEqual(Math.min(capSeconds, 43_200));
          const longest = Math.max(
            ...all.map((one) => one.functionTimeoutSeconds + one.batchingWindowSeconds),
          );
          expect(target.seconds).toBeGreaterThanOrEqual(Math.min(longest, Math.floor(capSeconds), 43_200));
        },
      ),
    );
  });

  const policies = fc.constantFrom("aws" as const, "margin" as const);
  const functionTimeout = fc.integer({ min: 1, max: 900 });
  const window = fc.nat(300);

  test("a target that was applied asks for no further raise", () => {
    fc.assert(
      fc.property(
        fc.nat(43_200),
        fc.boolean(),
        functionTimeout,
        window,
        policies,
        (current, fifo, t, w, policy) => {
          const input = { ...base, fifo, timings: [timing(t, w)], policy };
          const target = targetTimeout({ ...input, currentSeconds: current });
          if (target === undefined) return;
          expect(targetTimeout({ ...input, currentSeconds: target.seconds })).toBeUndefined();
        },
      ),
    );
  });

  test("a longer function or window never gives a shorter target, whatever the order of consumers", () => {
    fc.assert(
      fc.property(functionTimeout, functionTimeout, window, window, policies, (t, u, w, v, policy) => {
        const seconds = (...timings: ReturnType<typeof timing>[]) =>
          targetTimeout({ ...base, currentSeconds: 0, timings, policy })?.seconds ?? 0;
        expect(seconds(timing(Math.max(t, u), Math.max(w, v)))).toBeGreaterThanOrEqual(seconds(timing(t, w)));
        expect(seconds(timing(t, w), timing(u, v))).toBe(
          Math.max(seconds(timing(t, w)), seconds(timing(u, v))),
        );
      }),
    );
  });

  test("twice the function timeout and window is twice the target (1.3 × rounds up)", () => {
    fc.assert(
      fc.property(functionTimeout, window, policies, (t, w, policy) => {
        const seconds = (times: number) =>
          targetTimeout({ ...base, currentSeconds: 0, timings: [timing(times * t, times * w)], policy })
            ?.seconds;
        const once = seconds(1) ?? 0;
        const slack = policy === "aws" ? 0 : 1;
        expect(seconds(2)).toBeLessThanOrEqual(2 * once);
        expect(seconds(2)).toBeGreaterThanOrEqual(2 * once - slack);
      }),
    );
  });
});
