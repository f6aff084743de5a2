import { describe, expect, test } from "@jest/globals";
import { findRatioAnomaly } from "../../../../core/detect/ratio/find-ratio-anomaly.ts";
import { DAY_MS } from "../../../../core/detect/ratio/history.ts";
import { anomalyWords, coldStartWords } from "../../../../core/detect/ratio/words.ts";
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
    { name: "no jump", ratio: judgeAt(START_MS, 10, { ratioAt: () => 1 }), words: undefined },
    { name: "no history", ratio: jumpAfter(0), words: undefined },
  ])("$name", ({ ratio, words }) => {
    expect(anomalyWords(ratio)).toBe(words);
  });
});

describe("coldStartWords", () => {
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
        "only 3 hours of history with enough messages: no usual number of invocations a message is known yet",
    },
    {
      name: "one hour",
      ratio: judge(1),
      words:
        "only 1 hour of history with enough messages: no usual number of invocations a message is known yet",
    },
    {
      name: "weeks of hours with too few messages",
      ratio: judge(500, { messagesAnHour: 9 }),
      words:
        "only 0 hours of history with enough messages: no usual number of invocations a message is known yet",
    },
    {
      name: "changed mappings",
      ratio: judge(2, { restartedMs: Date.parse("2026-11-23T10:00:00Z") }),
      words:
        "only 2 hours of history with enough messages, because the mappings of the queue were changed before 2026-11-23T10:00Z: no usual number of invocations a message is known yet",
    },
    { name: "enough history", ratio: judge(6), words: undefined },
    { name: "no message in the window", ratio: judge(3, { messages: 0 }), words: undefined },
  ])("$name", ({ ratio, words }) => {
    expect(coldStartWords(ratio)).toBe(words);
  });

  test("nothing where nobody asked for a history", () => {
    const ratio = findRatioAnomaly({
      window: WINDOW,
      invocations: 10,
      messages: 10,
      receivesPerMessage: null,
      history: undefined,
    });
    expect(coldStartWords(ratio)).toBeUndefined();
  });
});
