import { describe, expect, test } from "@jest/globals";
import type { JudgedPath, JudgedPlan, Logged } from "../../../bench/accuracy/judged-path.ts";
import { hasMissed, judgeTargets } from "../../../bench/accuracy/targets.ts";
import type { Cause } from "../../../core/model/delivery.ts";
import { estimated, judgedPath, pathWith } from "../../support/judged-paths.ts";

const plan = (judgement: JudgedPlan["judgement"]): JudgedPlan => ({
  judgement,
  removedPercent: 100,
  predictedAfterPercent: null,
  simulatedAfterPercent: 0,
});

/** F1 = 2 × found ÷ (2 × found + missed), with no false alarm. */
function foundAndMissed(cause: Cause, found: number, missed: number, logged: Logged): JudgedPath[] {
  return [
    ...Array.from({ length: found }, () => pathWith(cause, cause, { logged })),
    ...Array.from({ length: missed }, () => pathWith(cause, null, { logged })),
  ];
}

function statusOf(name: RegExp, paths: readonly JudgedPath[]): string | undefined {
  return judgeTargets(paths).find((target) => name.test(target.name))?.status;
}

describe("judgeTargets", () => {
  test("has 15 targets, without support when nothing was drawn", () => {
    const targets = judgeTargets([]);
    expect(targets).toHaveLength(15);
    expect(targets.map(({ value, support, status }) => ({ value, support, status }))).toEqual(
      targets.map(() => ({ value: null, support: 0, status: "no support" })),
    );
  });

  test.each<{ name: RegExp; goal: string; paths: readonly JudgedPath[]; status: string }>([
    {
      name: /visibility-expired/,
      goal: "F1 = 0.9706",
      paths: foundAndMissed("visibility-expired", 33, 2, "ids"),
      status: "met",
    },
    {
      name: /visibility-expired/,
      goal: "F1 = 0.9697, which rounds to 0.97",
      paths: foundAndMissed("visibility-expired", 32, 2, "ids-and-receive-count"),
      status: "missed",
    },
    {
      name: /function-error/,
      goal: "F1 = 0.9 exactly",
      paths: foundAndMissed("function-error", 9, 2, "ids"),
      status: "met",
    },
    {
      name: /function-error/,
      goal: "F1 = 0.889",
      paths: foundAndMissed("function-error", 8, 2, "ids"),
      status: "missed",
    },
    {
      name: /function-error/,
      goal: "asked only where ids are logged",
      paths: foundAndMissed("function-error", 0, 2, "nothing"),
      status: "no support",
    },
    {
      name: /throttled/,
      goal: "asked only where the receive count is logged",
      paths: foundAndMissed("throttled", 0, 2, "ids"),
      status: "no support",
    },
    {
      name: /throttled/,
      goal: "missed where the receive count is logged",
      paths: foundAndMissed("throttled", 0, 2, "ids-and-receive-count"),
      status: "missed",
    },
    {
      name: /completed twice/,
      goal: "F1 = 0.857",
      paths: foundAndMissed("visibility-expired", 3, 1, "nothing"),
      status: "met",
    },
    {
      name: /completed twice/,
      goal: "F1 = 0.8",
      paths: foundAndMissed("visibility-expired", 2, 1, "nothing"),
      status: "missed",
    },
    {
      name: /harmful plans/,
      goal: "one useless plan",
      paths: [judgedPath({ plan: plan("useless") })],
      status: "met",
    },
    {
      name: /harmful plans/,
      goal: "one harmful plan among right ones",
      paths: [judgedPath({ plan: plan("right") }), judgedPath({ plan: plan("harmful") })],
      status: "missed",
    },
    {
      name: /quiet/,
      goal: "1 of 100",
      paths: [judgedPath({ flagged: true }), ...Array.from({ length: 99 }, () => judgedPath())],
      status: "met",
    },
    {
      name: /quiet/,
      goal: "1 of 99",
      paths: [judgedPath({ flagged: true }), ...Array.from({ length: 98 }, () => judgedPath())],
      status: "missed",
    },
    {
      name: /duplicate share/,
      goal: "5.75 % said of 5 %",
      paths: [pathWith("visibility-expired", null, { fromNumbers: estimated(5.75) })],
      status: "met",
    },
    {
      name: /duplicate share/,
      goal: "4.2 % said of 5 %",
      paths: [pathWith("visibility-expired", null, { fromNumbers: estimated(4.2) })],
      status: "missed",
    },
  ])("$name, $goal → $status", ({ name, paths, status }) => {
    expect(statusOf(name, paths)).toBe(status);
  });
});

describe("hasMissed", () => {
  test.each([
    { name: "nothing drawn", paths: [], missed: false },
    { name: "one harmful plan", paths: [judgedPath({ plan: plan("harmful") })], missed: true },
    { name: "all that was drawn met", paths: [judgedPath({ plan: plan("right") })], missed: false },
  ])("$name → $missed", ({ paths, missed }) => {
    expect(hasMissed(judgeTargets(paths))).toBe(missed);
  });
});
