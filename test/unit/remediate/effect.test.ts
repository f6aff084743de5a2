import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { EffectFigures, RollBackBounds } from "../../../core/model/change.ts";
import type { Outcome, PathDeliveries } from "../../../core/model/delivery.ts";
import { effectFigures, judgeEffect, rollBackBounds } from "../../../core/remediate/effect.ts";
import { effectFigures as figures } from "../../support/changes.ts";
import { measurement } from "../../support/measurements.ts";
import { functionArn, queueArn, WINDOW } from "../../support/scan-fakes.ts";

function deliveries(more: Partial<Omit<PathDeliveries, "coverage">> = {}, coverage = {}): PathDeliveries {
  return {
    queueArn: queueArn("orders"),
    coverage: {
      logged: "ids",
      invocations: 400,
      messages: 382,
      deliveries: 400,
      maxReceiveCount: null,
      bytesScanned: 1e6,
      truncated: false,
      ...coverage,
    },
    causes: [],
    examples: [],
    unreadable: [],
    ...more,
  };
}

/** One message whose deliveries start at these seconds. */
const example = (
  ...runs: [startS: number | null, outcome: Outcome][]
): PathDeliveries["examples"][number] => ({
  key: "m1",
  cause: "function-error",
  deliveries: runs.map(([startS, outcome], index) => ({
    messageId: "m1",
    invocation: {
      requestId: `r${index}`,
      functionArn: functionArn("orders-worker"),
      startedAtMs: startS === null ? null : startS * 1000,
      endedAtMs: null,
      outcome,
    },
    receiveCount: null,
  })),
});

describe("effectFigures", () => {
  test("counts from the logs where they name messages, and only what a longer timeout cures", () => {
    const causes = [
      { cause: "visibility-expired" as const, messages: 9, redeliveries: 10, duplicates: 10 },
      { cause: "deleted-too-late" as const, messages: 2, redeliveries: 2, duplicates: 2 },
      { cause: "partial-batch-replay" as const, messages: 5, redeliveries: 5, duplicates: 5 },
    ];
    const totals = { oldestMessageAgeSeconds: 40, deadLettered: 1 };
    expect(effectFigures(measurement("orders", { totals }), deliveries({ causes }))).toEqual({
      window: WINDOW,
      basis: "logs",
      messages: 382,
      duplicates: 12,
      oldestMessageAgeSeconds: 40,
      deadLettered: 1,
      longestRetryDelaySeconds: null,
    });
  });

  test.each([
    ["were not read", undefined],
    ["name no messages", deliveries({}, { logged: "nothing" })],
  ])("where the logs %s, the flow balance counts", (_, logs) => {
    const flow = measurement("orders").flow;
    if (flow === null) throw new Error("expected a flow");
    const excessDeletes = { value: 7, low: 2, high: 12 };
    const measured = measurement("orders", { flow: { ...flow, excessDeletes } });
    expect(effectFigures(measured, logs)).toMatchObject({ basis: "metrics", messages: 100, duplicates: 7 });
  });

  test("fewer deletes than messages are no negative duplicates", () => {
    const flow = measurement("orders").flow;
    if (flow === null) throw new Error("expected a flow");
    const excessDeletes = { value: -3, low: -6, high: 0 };
    expect(
      effectFigures(measurement("orders", { flow: { ...flow, excessDeletes } }), undefined),
    ).toMatchObject({
      duplicates: 0,
    });
  });

  test("nothing to count from is no figure", () => {
    expect(effectFigures(measurement("orders", { flow: null }), undefined)).toMatchObject({
      basis: "none",
      messages: null,
      duplicates: null,
    });
  });

  test("a basis that is asked for is not replaced by another", () => {
    expect(effectFigures(measurement("orders"), deliveries(), "metrics")).toMatchObject({ basis: "metrics" });
    expect(effectFigures(measurement("orders"), undefined, "logs")).toMatchObject({ basis: "none" });
    expect(effectFigures(measurement("orders"), deliveries(), "none")).toMatchObject({ basis: "none" });
  });

  test("the longest time from a failed delivery to the next of the same message", () => {
    const examples = [
      example([0, "error"], [35, "timeout"], [100, "success"]),
      // No failure before it, or no start: nothing to measure.
      example([0, "success"], [500, "success"]),
      example([null, "error"], [900, "success"]),
      example([0, "error"], [null, "success"]),
    ];
    expect(effectFigures(measurement("orders"), deliveries({ examples })).longestRetryDelaySeconds).toBe(65);
  });
});

const bound = fc.record({
  oldestMessageAgeSeconds: fc.integer({ min: 1, max: 1e6 }),
  retryDelaySeconds: fc.integer({ min: 1, max: 1e6 }),
  deadLetteredPerThousand: fc.integer({ min: 0, max: 1000 }),
});
/** Estimates from metrics have fractions. */
const count = (max: number) => fc.option(fc.nat(max * 10).map((tenths) => tenths / 10));
const anyFigures: fc.Arbitrary<EffectFigures> = fc.record({
  window: fc.constant(WINDOW),
  basis: fc.constantFrom("logs", "metrics", "none"),
  messages: count(1e6),
  duplicates: count(1e5),
  oldestMessageAgeSeconds: count(1e6),
  deadLettered: count(1e4),
  longestRetryDelaySeconds: count(1e5),
});

describe("rollBackBounds", () => {
  test.each([
    [{ oldestMessageAgeSeconds: 40, messages: 1000, deadLettered: 3 }, 60, [160, 120, 11]],
    [{ oldestMessageAgeSeconds: null, messages: null, deadLettered: null }, 360, [720, 540, 5]],
    [{ oldestMessageAgeSeconds: 0, messages: 0, deadLettered: 7 }, 60, [120, 120, 5]],
  ])("%j before, %d s after → %j", (before, to, expected) => {
    const bounds = rollBackBounds(figures(before), { to });
    const { oldestMessageAgeSeconds: age, retryDelaySeconds: delay, deadLetteredPerThousand: dead } = bounds;
    expect([age, delay, dead]).toEqual(expected);
  });

  test("what was seen before, and what the plan itself brings, is never harm", () => {
    fc.assert(
      fc.property(anyFigures, fc.integer({ min: 1, max: 43_200 }), (before, to) => {
        const bounds = rollBackBounds(before, { to });
        expect(Object.values(bounds).every(Number.isInteger)).toBe(true);
        expect(bounds.retryDelaySeconds).toBeGreaterThanOrEqual(to + 60);
        // Without messages there is no rate that could be the same afterwards.
        const rate = before.messages ? {} : { deadLettered: null };
        const after = { ...before, ...rate, longestRetryDelaySeconds: to };
        expect(judgeEffect(before, after, bounds).verdict).not.toBe("worse");
      }),
    );
  });
});

describe("judgeEffect", () => {
  const BOUNDS: RollBackBounds = {
    oldestMessageAgeSeconds: 160,
    retryDelaySeconds: 120,
    deadLetteredPerThousand: 5,
  };
  const judge = (after: Partial<EffectFigures>, before: Partial<EffectFigures> = {}) =>
    judgeEffect(figures(before), figures(after), BOUNDS);

  test.each([
    ["no duplicates where twelve were expected", { duplicates: 0 }, "better"],
    ["half of them", { duplicates: 6 }, "better"],
    ["more than half", { duplicates: 7 }, "unchanged"],
    ["more than before is no harm by itself", { duplicates: 40 }, "unchanged"],
    ["too few messages to expect three", { messages: 90, duplicates: 0 }, "not-enough-traffic"],
    ["no traffic at all", { messages: 0, duplicates: 0 }, "not-enough-traffic"],
    ["counted another way than before", { basis: "metrics", duplicates: 0 }, "not-enough-traffic"],
    ["not counted", { basis: "none", messages: null, duplicates: null }, "not-enough-traffic"],
    ["messages not counted", { messages: null, duplicates: 0 }, "not-enough-traffic"],
    ["an old message", { duplicates: 0, oldestMessageAgeSeconds: 161 }, "worse"],
    ["as old as is allowed", { duplicates: 0, oldestMessageAgeSeconds: 160 }, "better"],
    ["a retry that waits", { duplicates: 0, longestRetryDelaySeconds: 120.5 }, "worse"],
    ["as long as is allowed", { duplicates: 0, longestRetryDelaySeconds: 120 }, "better"],
    ["dead letters beyond the bound and chance", { duplicates: 0, deadLettered: 5 }, "worse"],
    ["dead letters within them", { duplicates: 0, deadLettered: 4 }, "better"],
    [
      "figures that could not be read",
      { duplicates: 0, oldestMessageAgeSeconds: null, deadLettered: null },
      "better",
    ],
  ] as const)("%s: %j → %s", (_, after, verdict) => {
    expect(judge(after).verdict).toBe(verdict);
  });

  test("harm counts whatever the traffic, and every bound that was passed is named", () => {
    const judged = judge({
      messages: 1,
      oldestMessageAgeSeconds: 900,
      longestRetryDelaySeconds: 500,
      deadLettered: 9,
    });
    expect(judged).toEqual({
      verdict: "worse",
      reasons: [
        "the oldest message was 900 s old, the bound is 160 s",
        "a retry waited 500 s, the bound is 120 s",
        "9 messages went to the dead-letter queue, the bound is 5 in a thousand",
      ],
    });
  });

  test("says what was seen and what was expected", () => {
    expect(judge({ messages: 764, duplicates: 1 }).reasons).toEqual([
      "1 duplicates among 764 messages, where about 24 were expected before the change",
    ]);
  });

  test("nothing counted before the change gives nothing to compare with", () => {
    expect(judge({}, { messages: null }).verdict).toBe("not-enough-traffic");
    expect(judge({}, { messages: 0 }).verdict).toBe("not-enough-traffic");
    expect(judge({}, { duplicates: null }).verdict).toBe("not-enough-traffic");
    const unread = { basis: "none", messages: null, duplicates: null } as const;
    expect(judge({ ...unread }, { ...unread })).toMatchObject({ verdict: "not-enough-traffic" });
  });

  /** From bad to good, as far as duplicates go. */
  const RANK = { worse: 0, unchanged: 1, "not-enough-traffic": 2, better: 3 };

  test("more duplicates after never make the verdict better", () => {
    fc.assert(
      fc.property(anyFigures, anyFigures, bound, fc.nat(1e5), (before, after, bounds, more) => {
        const fewer = judgeEffect(before, after, bounds).verdict;
        const worse = { ...after, duplicates: (after.duplicates ?? 0) + more };
        expect(RANK[judgeEffect(before, worse, bounds).verdict]).toBeLessThanOrEqual(RANK[fewer]);
      }),
    );
  });

  test("whatever passes no bound is never rolled back, whatever passes one always", () => {
    fc.assert(
      fc.property(anyFigures, anyFigures, bound, (before, after, bounds) => {
        const { oldestMessageAgeSeconds: age, longestRetryDelaySeconds: delay } = after;
        const known = after.messages === null ? { ...after, deadLettered: null } : after;
        const allowed = (bounds.deadLetteredPerThousand * (after.messages ?? 0)) / 1000 + 3;
        const harmful =
          (age ?? 0) > bounds.oldestMessageAgeSeconds ||
          (delay ?? 0) > bounds.retryDelaySeconds ||
          (known.deadLettered ?? 0) > allowed;
        expect(judgeEffect(before, known, bounds).verdict === "worse").toBe(harmful);
      }),
    );
  });

  test("is one and the same for the same figures, and always says why", () => {
    fc.assert(
      fc.property(anyFigures, anyFigures, bound, (before, after, bounds) => {
        const judged = judgeEffect(before, after, bounds);
        expect(judgeEffect(before, after, bounds)).toEqual(judged);
        expect(judged.reasons.length).toBeGreaterThan(0);
      }),
    );
  });

  // A rate cannot be judged without its denominator: the logs of a busy queue may be unreadable for once.
  test("dead letters among messages that nobody counted are not held against a rate", () => {
    const unread = { basis: "none", messages: null, duplicates: null, deadLettered: 4 } as const;
    expect(judge(unread, { deadLettered: 4 }).verdict).toBe("not-enough-traffic");
  });
});
