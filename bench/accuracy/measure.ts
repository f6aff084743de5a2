// From judged paths to the report: each number of it, over all paths and split by what the consumers log.
import { compareText } from "../../core/correlate/compare-text.ts";
import { isEstimateOfNothing, medianOf, medianSize, shareErrorsPercent } from "./estimates.ts";
import { bootstrap } from "./intervals.ts";
import type { JudgedPath, Logged } from "./judged-path.ts";
import {
  confusionOf,
  foundByNumbers,
  foundByShare,
  plansOf,
  proportion,
  rightOf,
  verdictsOf,
} from "./outcomes.ts";
import { type Answer, broughtBackBy, NAMED_CAUSES, TIMEOUT_TOO_SHORT, WORK_DONE_TWICE } from "./questions.ts";
import type { AccuracyReport, Contestant, Measures } from "./report.ts";
import { RULES } from "./rules.ts";
import { groupByAccount, score } from "./score.ts";
import { judgeTargets } from "./targets.ts";

/**
 * @param seed of the run; the resampling of the intervals starts from it too, so that a run repeats.
 * @param drawn the paths of all accounts, in any order: workers finish as they like.
 */
export function reportAccuracy(seed: number, drawn: readonly JudgedPath[]): AccuracyReport {
  const paths = drawn.toSorted((a, b) => a.account - b.account || compareText(a.queueArn, b.queueArn));
  const where = (logged: Logged): Measures =>
    measure(
      seed,
      paths.filter((path) => path.logged === logged),
    );
  return {
    seed,
    ...measure(seed, paths),
    byLogged: {
      "ids-and-receive-count": where("ids-and-receive-count"),
      ids: where("ids"),
      nothing: where("nothing"),
    },
    targets: judgeTargets(paths),
  };
}

function measure(seed: number, paths: readonly JudgedPath[]): Measures {
  const accounts = groupByAccount(paths);
  const contestant = (timeoutTooShort: Answer, workDoneTwice: Answer): Contestant => ({
    ...score(accounts, TIMEOUT_TOO_SHORT, timeoutTooShort, seed),
    workDoneTwice: score(accounts, WORK_DONE_TWICE, workDoneTwice, seed),
  });
  const causes = NAMED_CAUSES.map((cause) => {
    const question = broughtBackBy(cause);
    return [cause, score(accounts, question, question.doubletake, seed)];
  });
  const baselines = RULES.map(({ name, rings }) => {
    const answer: Answer = (path) => rings(path.rules);
    return [name, contestant(answer, answer)];
  });
  const errors = accounts.map(shareErrorsPercent);
  const quietFlagged = proportion(
    paths.filter(({ truth }) => truth.quiet),
    ({ flagged }) => flagged,
  );
  return {
    accounts: accounts.length,
    paths: paths.length,
    causes: Object.fromEntries(causes),
    evidence: { proven: rightOf(paths, "proven"), measured: rightOf(paths, "measured") },
    abstentions: paths.filter(({ said }) => said.some(({ cause }) => cause === "unknown")).length,
    confusion: confusionOf(paths),
    verdicts: verdictsOf(paths),
    plans: plansOf(paths),
    quietFlaggedPercent: quietFlagged.share === null ? null : 100 * quietFlagged.share,
    quietFlagged,
    duplicateShareMedianErrorPercent: medianSize(errors.flat()),
    duplicateShare: {
      count: errors.flat().length,
      ofNothing: paths.filter(isEstimateOfNothing).length,
      medianErrorInterval: bootstrap(errors, (sample) => medianSize(sample.flat()), seed),
      medianBiasPercent: medianOf(errors.flat()),
    },
    workDoneTwiceByShare: foundByShare(paths),
    completedTwiceByShare: foundByNumbers(paths),
    doubletake: contestant(TIMEOUT_TOO_SHORT.doubletake, WORK_DONE_TWICE.doubletake),
    baselines: Object.fromEntries(baselines),
  };
}
