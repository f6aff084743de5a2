import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { assessExposure, recommendedTimeoutSeconds } from "../../../core/detect/exposure.ts";
import { consumerOf, FUNCTION_ARN, pathOf } from "../../support/delivery-paths.ts";

const expose = (o: {
  visibility: number;
  timeout: number;
  window?: number;
  maxMs?: number | null;
  p99Ms?: number | null;
}) =>
  assessExposure(
    pathOf({
      settings: { visibilityTimeoutSeconds: o.visibility },
      consumers: [consumerOf({ maximumBatchingWindowSeconds: o.window ?? 0 }, { timeoutSeconds: o.timeout })],
    }),
    [{ functionArn: FUNCTION_ARN, maxMs: o.maxMs ?? null, p99Ms: o.p99Ms ?? null }],
  );

describe("assessExposure", () => {
  test.each([
    { name: "a run was longer", visibility: 30, timeout: 60, maxMs: 30_001, level: "exceeded" },
    {
      name: "a run took exactly as long",
      visibility: 30,
      timeout: 30,
      maxMs: 30_000,
      level: "below-recommendation",
    },
    {
      name: "a run and the window together were longer",
      visibility: 30,
      timeout: 20,
      window: 20,
      maxMs: 11_000,
      level: "exceeded",
    },
    {
      name: "only the function timeout is longer",
      visibility: 30,
      timeout: 31,
      maxMs: 5000,
      level: "exposed",
    },
    {
      name: "function timeout and window together are longer",
      visibility: 30,
      timeout: 20,
      window: 11,
      maxMs: 5000,
      level: "exposed",
    },
    { name: "no run was seen", visibility: 30, timeout: 60, level: "exposed" },
    { name: "one second below the advice", visibility: 179, timeout: 30, level: "below-recommendation" },
    { name: "the advice", visibility: 180, timeout: 30, level: "safe" },
    { name: "the advice with a window", visibility: 185, timeout: 30, window: 5, level: "safe" },
  ] as const)("$name → $level", ({ level, ...input }) => {
    expect(expose(input)).toMatchObject({ level, visibilityTimeoutSeconds: input.visibility });
  });

  test("the most demanding of several consumers decides, the disabled ones do not", () => {
    const slow = "arn:aws:lambda:eu-west-1:111122223333:function:slow";
    const path = pathOf({
      settings: { visibilityTimeoutSeconds: 200 },
      consumers: [
        consumerOf({ maximumBatchingWindowSeconds: 7 }),
        consumerOf({ uuid: "b", functionArn: slow }, { arn: slow, timeoutSeconds: 100 }),
        consumerOf({ uuid: "c", state: "Disabled" }, { timeoutSeconds: 900 }),
      ],
    });
    expect(assessExposure(path, [{ functionArn: slow, maxMs: 90_000, p99Ms: 80_000 }])).toEqual({
      level: "below-recommendation",
      visibilityTimeoutSeconds: 200,
      functionTimeoutSeconds: 100,
      batchingWindowSeconds: 7,
      recommendedSeconds: 600,
      maxDurationMs: 90_000,
      p99DurationMs: 80_000,
    });
  });

  test.each([
    { name: "settings", path: pathOf({ settings: null }) },
    { name: "the function", path: pathOf({ consumers: [consumerOf({}, null)] }) },
  ])("null where $name could not be read", ({ path }) => {
    expect(assessExposure(path, [])).toBeNull();
  });

  test("the advice never exceeds what SQS allows and never lies below the function timeout", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 0, max: 300 }), (timeout, window) => {
        const seconds = recommendedTimeoutSeconds({
          functionArn: FUNCTION_ARN,
          functionTimeoutSeconds: timeout,
          batchingWindowSeconds: window,
        });
        expect(seconds).toBeLessThanOrEqual(43_200);
        expect(seconds).toBeGreaterThanOrEqual(timeout + window);
      }),
    );
  });

  test("a longer timeout never makes the exposure worse", () => {
    const order = ["exceeded", "exposed", "below-recommendation", "safe"];
    const seconds = fc.integer({ min: 0, max: 43_200 });
    fc.assert(
      fc.property(
        seconds,
        seconds,
        fc.integer({ min: 1, max: 900 }),
        fc.nat(900_000),
        (a, b, timeout, maxMs) => {
          const rank = (visibility: number) =>
            order.indexOf(expose({ visibility, timeout, maxMs })?.level ?? "");
          expect(rank(Math.max(a, b))).toBeGreaterThanOrEqual(rank(Math.min(a, b)));
        },
      ),
    );
  });

  test("everything twice as long is exposed as much", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 1, max: 450 }),
        fc.nat(150),
        fc.nat(450_000),
        (visibility, timeout, window, maxMs) => {
          const once = expose({ visibility, timeout, window, maxMs });
          const twice = expose({
            visibility: 2 * visibility,
            timeout: 2 * timeout,
            window: 2 * window,
            maxMs: 2 * maxMs,
          });
          expect(twice?.level).toBe(once?.level);
          expect(twice?.recommendedSeconds).toBe(2 * (once?.recommendedSeconds ?? 0));
        },
      ),
    );
  });

  test("the order of consumers does not matter, and another consumer never makes it better", () => {
    const order = ["exceeded", "exposed", "below-recommendation", "safe"];
    const consumer = fc.record({
      timeoutSeconds: fc.integer({ min: 1, max: 900 }),
      windowSeconds: fc.nat(300),
      maxMs: fc.option(fc.nat(900_000)),
    });
    fc.assert(
      fc.property(
        fc.array(consumer, { minLength: 2, maxLength: 4 }),
        fc.nat(6000),
        (all, visibilityTimeoutSeconds) => {
          const assess = (some: typeof all) =>
            assessExposure(
              pathOf({
                settings: { visibilityTimeoutSeconds },
                consumers: some.map((one) => {
                  const arn = `${FUNCTION_ARN}-${all.indexOf(one)}`;
                  return consumerOf(
                    { functionArn: arn, maximumBatchingWindowSeconds: one.windowSeconds },
                    { arn, timeoutSeconds: one.timeoutSeconds },
                  );
                }),
              }),
              some.map((one) => ({
                functionArn: `${FUNCTION_ARN}-${all.indexOf(one)}`,
                maxMs: one.maxMs,
                p99Ms: null,
              })),
            );
          expect(assess(all.toReversed())).toEqual(assess(all));
          const rank = (some: typeof all) => order.indexOf(assess(some)?.level ?? "");
          expect(rank(all)).toBeLessThanOrEqual(rank(all.slice(1)));
        },
      ),
    );
  });
});
