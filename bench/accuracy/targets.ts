// The targets, and whether this run met them. What nothing was drawn for is neither met nor missed.
import type { Cause } from "../../core/model/delivery.ts";
import { medianSize, shareErrorsPercent } from "./estimates.ts";
import type { JudgedPath } from "./judged-path.ts";
import { broughtBackBy, COMPLETED_TWICE, NAMED_CAUSES, type Question } from "./questions.ts";
import type { Target } from "./report.ts";
import { f1Of, tally } from "./score.ts";

/** Throttled receives leave no line: only the receive count of a later delivery tells of them. */
const NEEDS_RECEIVE_COUNT: ReadonlySet<Cause> = new Set<Cause>(["throttled"]);

/** Point estimates are compared, unrounded; the intervals are in the tables. */
export function judgeTargets(paths: readonly JudgedPath[]): Target[] {
  const withCount = paths.filter(({ logged }) => logged === "ids-and-receive-count");
  const withIds = paths.filter(({ logged }) => logged !== "nothing");
  const causes = NAMED_CAUSES.map((cause) => {
    const goal = cause === "visibility-expired" ? 0.97 : 0.9;
    return NEEDS_RECEIVE_COUNT.has(cause)
      ? f1Target(`${cause}, receive count logged`, goal, withCount, broughtBackBy(cause))
      : f1Target(`${cause}, ids logged`, goal, withIds, broughtBackBy(cause));
  });
  return [
    ...causes,
    f1Target("completed twice or not, logs unread", 0.85, paths, COMPLETED_TWICE),
    harmfulPlans(paths),
    quietFlagged(paths),
    shareError(paths),
  ];
}

/** True when a run with `--check` fails. */
export function hasMissed(targets: readonly Target[]): boolean {
  return targets.some(({ status }) => status === "missed");
}

function f1Target(what: string, goal: number, paths: readonly JudgedPath[], question: Question): Target {
  const counts = tally(paths, question, question.doubletake);
  const f1 = f1Of(counts);
  return target(`F1 of ${what}`, `≥ ${goal}`, f1, counts.asked, (value) => value >= goal);
}

function harmfulPlans(paths: readonly JudgedPath[]): Target {
  const plans = paths.flatMap(({ plan }) => plan ?? []);
  const harmful = plans.filter(({ judgement }) => judgement === "harmful").length;
  return target(
    "harmful plans",
    "0",
    plans.length === 0 ? null : harmful,
    plans.length,
    (value) => value === 0,
  );
}

function quietFlagged(paths: readonly JudgedPath[]): Target {
  const quiet = paths.filter(({ truth }) => truth.quiet);
  const flagged = quiet.filter((path) => path.flagged).length;
  const percent = quiet.length === 0 ? null : (100 * flagged) / quiet.length;
  return target("quiet paths flagged (%)", "≤ 1", percent, quiet.length, (value) => value <= 1);
}

function shareError(paths: readonly JudgedPath[]): Target {
  const name = "median error of the duplicate share from metrics (%)";
  const errors = shareErrorsPercent(paths);
  return target(name, "≤ 15", medianSize(errors), errors.length, (value) => value <= 15);
}

function target(
  name: string,
  goal: string,
  value: number | null,
  support: number,
  meets: (value: number) => boolean,
): Target {
  const status = value === null ? "no support" : meets(value) ? "met" : "missed";
  return { name, goal, value, support, status };
}
