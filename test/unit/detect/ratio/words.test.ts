import { describe, expect, test } from "@jest/globals";
import { findRatioAnomaly } from "../../../../core/detect/ratio/find-ratio-anomaly.ts";
import { DAY_MS } from "../../../../core/detect/ratio/history.ts";
import { anomalyWords, ratioWords } from "../../../../core/detect/ratio/words.ts";
import { WINDOW } from "../../../support/delivery-paths.ts";
import { hoursBefore, judgeAt } from "../../../support/ratio-history.ts";

const START_MS = WINDOW.startMs;
const jumpAfter = (days: number) =>
  judgeAt(START_MS, days, { ratioAt: (timeMs) => (timeMs >= START_MS ? 1.5 : 1.2) });

describe("anomalyWords", () => {
  test.each([
    {
      name: "a jump after five weeks",
      ratio: jumpAfter(35),
      words:
        "1.50 invocations a message, where 1.20 is usual (median of 15: the same hours of the same weekday)",
    },
    {
      name: "a jump after ten days",
      ratio: jumpAfter(10),
      words: "1.50 invocations a message, where 1.20 is usual (median of 30: the same hours of the day)",
    },
    {
      name: "a jump after one day",
      ratio: jumpAfter(1),
      words: "1.50 invocations a message, where 1.20 is usual (median of 24: all hours)",
    },
    {
      name: "a drift",
      ratio: judgeAt(START_MS, 35, {
        ratioAt: (timeMs) => 1.3 - 0.3 * Math.max(0, Math.min(1, (START_MS - timeMs) / (28 * DAY_MS))),
      }),
      words:
        "1.30 invocations a message, crept up: the last week needed 1.26 times as many as the week of 2026-10-19 (median of 168 hours of the week)",
    },
  ])("$name", ({ ratio, words }) => {
    expect(anomalyWords(ratio)).toBe(words);
    expect(ratioWords(ratio)).toBe(words);
  });

  test.each([
    { name: "a usual ratio", ratio: judgeAt(START_MS, 10, { ratioAt: () => 1 }) },
    { name: "no history", ratio: jumpAfter(0) },
  ])("$name is no anomaly to tell of", ({ ratio }) => {
    expect(anomalyWords(ratio)).toBeUndefined();
  });
});

describe("ratioWords", () => {
  const judge = (
    hours: number,
    more: { restartedMs?: number; messages?: number; messagesAnHour?: number } = {},
  ) =>
    findRatioAnomaly({
      window: WINDOW,
      invocations: 10,
      messages: more.messages ?? 10,
      receivesPerMessage: null,
      history: {
        hours: hoursBefore(START_MS, hours / 24, {
          ratioAt: () => 1,
          messagesAt: () => more.messagesAnHour ?? 400,
        }),
        restartedMs: more.restartedMs,
      },
    });

  test.each([
    {
      name: "three hours",
      ratio: judge(3),
      words:
        "1.00 invocations a message, and what is usual is not known yet: only 3 hours of history with enough messages so far",
    },
    {
      name: "one hour",
      ratio: judge(1),
      words:
        "1.00 invocations a message, and what is usual is not known yet: only 1 hour of history with enough messages so far",
    },
    {
      name: "weeks of hours with too few messages",
      ratio: judge(500, { messagesAnHour: 9 }),
      words:
        "1.00 invocations a message, and what is usual is not known yet: only 0 hours of history with enough messages so far",
    },
    {
      name: "changed mappings",
      ratio: judge(2, { restartedMs: Date.parse("2026-11-23T10:00:00Z") }),
      words:
        "1.00 invocations a message, and what is usual is not known yet: only 2 hours of history with enough messages so far, because the mappings of the queue were changed before 2026-11-23T10:00Z",
    },
    {
      name: "enough history",
      ratio: judge(6),
      words: "1.00 invocations a message, where 1.00 is usual (median of 6: all hours)",
    },
    { name: "no message in the window", ratio: judge(3, { messages: 0 }), words: undefined },
  ])("$name", ({ ratio, words }) => {
    expect(ratioWords(ratio)).toBe(words);
  });

  test("nothing where nobody asked for a history", () => {
    const ratio = findRatioAnomaly({
      window: WINDOW,
      invocations: 10,
      messages: 10,
      receivesPerMessage: null,
      history: undefined,
    });
    expect(ratioWords(ratio)).toBeUndefined();
  });
});
