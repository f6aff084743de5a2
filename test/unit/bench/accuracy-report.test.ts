import { describe, expect, test } from "@jest/globals";
import { accuracyJson } from "../../../bench/accuracy/json.ts";
import type { JudgedPath, JudgedPlan } from "../../../bench/accuracy/judged-path.ts";
import { reportAccuracy } from "../../../bench/accuracy/measure.ts";
import { estimated, judgedPath, pathWith, ruleInput } from "../../support/judged-paths.ts";

const plan = (
  judgement: JudgedPlan["judgement"],
  predictedAfterPercent: number | null = null,
): JudgedPlan => ({ judgement, removedPercent: 100, predictedAfterPercent, simulatedAfterPercent: 1 });

function measured(...paths: readonly JudgedPath[]) {
  return reportAccuracy(1, paths);
}

describe("reportAccuracy", () => {
  test("splits everything by what the consumers log", () => {
    const { byLogged, ...all } = measured(
      pathWith("visibility-expired", "visibility-expired", { logged: "ids-and-receive-count", account: 1 }),
      pathWith("visibility-expired", null, { logged: "ids", account: 1 }),
      pathWith("visibility-expired", null, { logged: "nothing", account: 2 }),
      judgedPath({ logged: "nothing", account: 3 }),
    );
    const recall = (of: typeof byLogged.ids) => of.causes["visibility-expired"]?.recall;
    expect([all.accounts, all.paths]).toEqual([3, 4]);
    expect([byLogged.ids.accounts, byLogged.ids.paths]).toEqual([1, 1]);
    expect([byLogged.nothing.accounts, byLogged.nothing.paths]).toEqual([2, 2]);
    expect(recall(byLogged["ids-and-receive-count"])).toBe(1);
    expect(recall(byLogged.ids)).toBe(0);
    expect(all.causes["visibility-expired"]?.support).toBe(3);
  });

  test("has a score for each cause but unknown, null where nothing was drawn", () => {
    const { causes, abstentions } = measured(pathWith("throttled", "unknown"), judgedPath());
    expect(Object.keys(causes)).toHaveLength(11);
    expect(causes).not.toHaveProperty("unknown");
    expect(causes["throttled"]).toMatchObject({ precision: null, recall: 0, f1: 0, support: 1, said: 0 });
    expect(causes["dlq-redrive"]).toMatchObject({ precision: null, recall: null, f1: null, support: 0 });
    expect(abstentions).toBe(1);
  });

  test("Doubletake and each rule answer the same two questions", () => {
    const rings = ruleInput({ visibilityTimeoutSeconds: 30, maxReceiveCount: 4 });
    const { doubletake, baselines } = measured(
      pathWith("visibility-expired", "visibility-expired", { rules: rings }),
      pathWith("partial-batch-replay", "partial-batch-replay", { rules: rings }),
      judgedPath({ rules: rings }),
      pathWith("visibility-expired", "visibility-expired"),
    );
    expect(doubletake).toMatchObject({ precision: 1, recall: 1, support: 2, said: 2 });
    expect(doubletake.workDoneTwice).toMatchObject({ precision: 1, recall: 1, support: 3, said: 3 });
    expect(baselines["below-function-timeout"]).toMatchObject({ precision: 1 / 3, recall: 0.5, f1: 0.4 });
    expect(baselines["receive-count-alarm"]?.workDoneTwice).toMatchObject({
      precision: 2 / 3,
      recall: 2 / 3,
    });
    expect(baselines["oldest-message-alarm"]).toMatchObject({ precision: null, recall: 0, f1: 0, said: 0 });
  });

  test("counts what was said as proven and as measured apart; unknown is neither right nor wrong", () => {
    const { evidence } = measured(
      pathWith("function-error", "function-error"),
      pathWith("function-error", "throttled"),
      pathWith("function-error", "throttled", { evidence: "measured" }),
      pathWith("function-error", "unknown", { evidence: "measured" }),
    );
    expect(evidence.proven).toMatchObject({ count: 1, of: 2, share: 0.5 });
    expect(evidence.measured).toMatchObject({ count: 0, of: 1, share: 0 });
  });

  test("adds up the redeliveries of all paths by true cause and cause said", () => {
    const { confusion } = measured(
      judgedPath({ confusion: { "throttled>throttled": 3, "throttled>not said": 1 } }),
      judgedPath({ confusion: { "throttled>throttled": 4, "first>throttled": 2 } }),
    );
    expect(confusion).toEqual({ throttled: { throttled: 7, "not said": 1 }, first: { throttled: 2 } });
  });

  test("counts verdicts that are right, and which was taken for which", () => {
    const { verdicts } = measured(
      pathWith("visibility-expired", "visibility-expired"),
      pathWith("visibility-expired", null),
      judgedPath(),
    );
    expect(verdicts.accuracy).toMatchObject({ count: 2, of: 3 });
    expect(verdicts.confusion).toEqual({
      duplicating: { duplicating: 1, healthy: 1 },
      healthy: { healthy: 1 },
    });
  });

  test("counts plans by their effect, and the paths that wanted one", () => {
    const { plans } = measured(
      judgedPath({ plan: plan("right", 1.5) }),
      judgedPath({ plan: plan("right", 3) }),
      judgedPath({ plan: plan("useless", 0.9) }),
      judgedPath({ plan: plan("harmful") }),
      pathWith("visibility-expired", "visibility-expired"),
      pathWith("visibility-expired", "visibility-expired", { truth: { duplicatesOfTimeout: 25 } }),
      pathWith("several-consumers", "several-consumers"),
      pathWith("visibility-expired", "visibility-expired", { plan: plan("right") }),
    );
    expect(plans).toEqual({
      right: 3,
      useless: 1,
      harmful: 1,
      missing: 1,
      predictionMedianErrorPercentagePoints: 0.5,
    });
  });

  test("quiet paths flagged, in percent of the quiet ones", () => {
    const quiet = [judgedPath({ flagged: true }), judgedPath(), judgedPath(), judgedPath()];
    const report = measured(...quiet, pathWith("throttled", "throttled"));
    expect(report.quietFlaggedPercent).toBe(25);
    expect(report.quietFlagged).toMatchObject({ count: 1, of: 4 });
    expect(measured().quietFlaggedPercent).toBeNull();
  });

  test("errors of estimated duplicate shares: relative, the median of their size, and the bias", () => {
    // The truth is 50 of 1,000 messages: 5 %.
    const estimates = [4, 5.5, 6].map((percent, account) =>
      pathWith("visibility-expired", null, { fromNumbers: estimated(percent), account }),
    );
    const ofNothing = judgedPath({ fromNumbers: estimated(2) });
    const report = measured(...estimates, ofNothing, pathWith("visibility-expired", null));
    expect(report.duplicateShareMedianErrorPercent).toBeCloseTo(20, 10);
    expect(report.duplicateShare.medianBiasPercent).toBeCloseTo(10, 10);
    expect(report.duplicateShare).toMatchObject({ count: 3, ofNothing: 1 });
    expect(measured(ofNothing).duplicateShareMedianErrorPercent).toBeNull();
  });

  test("completed twice and found by metrics alone, by its share", () => {
    const twice = (completedAgain: number, duplicating: boolean) =>
      pathWith("at-least-once", null, {
        fromNumbers: { duplicating, duplicateSharePercent: null },
        truth: { completedAgain },
      });
    const { completedTwiceByShare } = measured(
      twice(5, false),
      twice(60, true),
      twice(70, false),
      judgedPath(),
    );
    expect(
      completedTwiceByShare.map(({ abovePercent, found }) => [abovePercent, found.count, found.of]),
    ).toEqual([
      [0, 0, 1],
      [0.5, 0, 0],
      [2, 1, 2],
      [10, 0, 0],
    ]);
  });

  test("work done twice that was found, by the share of duplicates; the upper end belongs to the band", () => {
    const twice = (duplicates: number, found: boolean) =>
      pathWith("at-least-once", found ? "at-least-once" : null, { truth: { duplicates } });
    const { workDoneTwiceByShare } = measured(
      twice(5, false), // 0.5 % of 1,000 messages
      twice(6, true),
      twice(20, false),
      twice(101, true),
      judgedPath(),
    );
    expect(
      workDoneTwiceByShare.map(({ abovePercent, found }) => [abovePercent, found.count, found.of]),
    ).toEqual([
      [0, 0, 1],
      [0.5, 1, 2],
      [2, 0, 0],
      [10, 1, 1],
    ]);
  });

  test("a run repeats to the last digit, in whatever order its accounts were finished", () => {
    const paths = Array.from({ length: 18 }, (_, index) =>
      pathWith("throttled", index % 3 === 0 ? null : "throttled", {
        account: index % 9,
        queueArn: `arn:aws:sqs:eu-central-1:111122223333:orders-${index}`,
        confusion: { [`throttled>${index % 2 === 0 ? "not said" : "throttled"}`]: 1 },
      }),
    );
    const report = reportAccuracy(5, paths);
    expect(report.causes["throttled"]?.f1Interval).not.toBeNull();
    expect(accuracyJson(reportAccuracy(5, paths.toReversed()))).toBe(accuracyJson(report));
  });
});
