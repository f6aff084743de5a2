import { describe, expect, test } from "@jest/globals";
import type { ChangeOutcome } from "../../../core/model/change.ts";
import { undoneChange, whyNotAgain } from "../../../core/remediate/history.ts";
import { change } from "../../support/changes.ts";
import { closedChange, confirmedChange, NOW_MS } from "../../support/remediation-fakes.ts";

const DAY_MS = 86_400_000;
const SETTINGS = { snoozeDays: 30 };

describe("undoneChange", () => {
  const kept = closedChange("better");

  test.each([
    ["the old value again", 30, true],
    ["less than was set", 59, true],
    ["what was set", 60, false],
    ["more", 90, false],
  ])("%s (%d s): %s", (_, seconds, undone) => {
    expect(undoneChange([kept], seconds)).toBe(undone ? kept : undefined);
  });

  test.each([
    ["never applied", change({ status: "closed", outcome: "rejected" })],
    ["still open", confirmedChange()],
    ["rolled back by us", closedChange("worse", { rollBack: { atMs: NOW_MS }, verdict: "worse" })],
    ["one that did harm, whose rollback was lost", closedChange("failed", { verdict: "worse" })],
  ])("%s is not undone by anybody", (_, one) => {
    expect(undoneChange([one], 30)).toBeUndefined();
  });

  test("only the latest applied one counts", () => {
    const later = closedChange("worse", {
      id: "later",
      appliedMs: NOW_MS + 1,
      verdict: "worse",
      rollBack: { atMs: 1 },
    });
    expect(undoneChange([later, kept], 30)).toBeUndefined();
    const fine = closedChange("better", { id: "fine", appliedMs: NOW_MS + 1 });
    expect(undoneChange([kept, fine], 30)).toBe(fine);
    expect(undoneChange([fine, kept], 30)).toBe(fine);
  });
});

describe("whyNotAgain", () => {
  const PLAN = { from: 30, to: 60 };
  const why = (outcome: ChangeOutcome, daysAgo: number, plan = PLAN) =>
    whyNotAgain(
      [change({ status: "closed", outcome, closedMs: NOW_MS - daysAgo * DAY_MS })],
      plan,
      SETTINGS,
      NOW_MS,
    );

  test.each([
    ["rejected", 30],
    ["overridden", 30],
    ["expired", 7],
    ["failed", 1],
  ] as const)("%s is quiet for %d days, on the whole queue", (outcome, days) => {
    const reason = `an earlier one ended as ${outcome}: quiet for ${days} day${days === 1 ? "" : "s"}`;
    expect(why(outcome, days - 0.01)).toBe(reason);
    expect(why(outcome, days - 0.01, { from: 30, to: 999 })).toBe(reason);
    expect(why(outcome, days)).toBeUndefined();
  });

  test("an expired request is quiet no longer than a rejected one", () => {
    const history = [change({ status: "closed", outcome: "expired", closedMs: NOW_MS - 2 * DAY_MS })];
    expect(whyNotAgain(history, PLAN, { snoozeDays: 1 }, NOW_MS)).toBeUndefined();
  });

  test.each(["superseded", "better", "unchanged", "not-enough-traffic"] as const)(
    "%s speaks against nothing",
    (outcome) => {
      expect(why(outcome, 0)).toBeUndefined();
    },
  );

  test("an open one speaks against nothing here: its place does", () => {
    expect(whyNotAgain([change()], PLAN, SETTINGS, NOW_MS)).toBeUndefined();
  });

  describe("a change that did harm", () => {
    const harmful = closedChange("worse", {
      verdict: "worse",
      rollBack: { atMs: NOW_MS },
      closedMs: NOW_MS - 100 * DAY_MS,
    });

    test("is never made again; another value is, after the snooze", () => {
      expect(whyNotAgain([harmful], PLAN, SETTINGS, NOW_MS)).toBe("this change made things worse before");
      expect(whyNotAgain([harmful], { from: 30, to: 90 }, SETTINGS, NOW_MS)).toBeUndefined();
      const lately = { ...harmful, closedMs: NOW_MS };
      expect(whyNotAgain([lately], { from: 30, to: 90 }, SETTINGS, NOW_MS)).toContain("quiet for 30 days");
    });

    test("nor where a later step of it failed", () => {
      const failed = { ...harmful, outcome: "failed" as const };
      expect(whyNotAgain([failed], PLAN, SETTINGS, NOW_MS)).toBe("this change made things worse before");
    });
  });

  test("what somebody undid is not done again; where the plan is another one, it may be", () => {
    const history = [closedChange("better", { closedMs: NOW_MS - 100 * DAY_MS })];
    expect(whyNotAgain(history, PLAN, SETTINGS, NOW_MS)).toBe("somebody has undone this change before");
    expect(whyNotAgain(history, { from: 30, to: 90 }, SETTINGS, NOW_MS)).toBeUndefined();
    expect(whyNotAgain(history, { from: 60, to: 90 }, SETTINGS, NOW_MS)).toBeUndefined();
  });
});
