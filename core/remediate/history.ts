// What earlier changes of a queue say about another one.

import type { Change } from "../model/change.ts";
import type { ChangeSettings } from "../model/change-settings.ts";
import type { Plan } from "../model/plan.ts";

const DAY_MS = 86_400_000;
/** An expired request is repeated after a week at the earliest: nobody wants to be asked every three days. */
const EXPIRED_DAYS = 7;
/** A step that could not be done is tried again the next day. */
const FAILED_DAYS = 1;

const wasKept = (change: Change): boolean =>
  change.status === "closed" && change.appliedMs !== undefined && change.verdict !== "worse";

/**
 * The change that somebody undid since: applied, not found harmful, and the queue holds less than it was set to.
 * @param history changes of one queue, in any order; only the latest applied one counts.
 */
export function undoneChange(history: readonly Change[], currentSeconds: number): Change | undefined {
  const latest = history
    .filter((change) => change.status === "closed" && change.appliedMs !== undefined)
    .toSorted((a, b) => (b.appliedMs ?? 0) - (a.appliedMs ?? 0))[0];
  return latest !== undefined && wasKept(latest) && currentSeconds < latest.plan.to ? latest : undefined;
}

/**
 * Why this plan is not proposed (again), as a clause; undefined where nothing speaks against it.
 * @param history changes of the plan's queue.
 * @param nowMs epoch ms.
 */
export function whyNotAgain(
  history: readonly Change[],
  plan: Pick<Plan, "from" | "to">,
  settings: Pick<ChangeSettings, "snoozeDays">,
  nowMs: number,
): string | undefined {
  if (undoneChange(history, plan.from)?.plan.to === plan.to) {
    return "somebody has undone this change before";
  }
  for (const { verdict, outcome, closedMs, plan: earlier } of history) {
    if (verdict === "worse" && earlier.to === plan.to) return "this change made things worse before";
    const days = quietDays(outcome, settings.snoozeDays);
    if (closedMs !== undefined && nowMs < closedMs + days * DAY_MS) {
      return `an earlier one ended as ${outcome}: quiet for ${days} ${days === 1 ? "day" : "days"}`;
    }
  }
  return undefined;
}

function quietDays(outcome: Change["outcome"], snoozeDays: number): number {
  switch (outcome) {
    case "rejected":
    case "worse":
    case "overridden":
      return snoozeDays;
    case "expired":
      return Math.min(EXPIRED_DAYS, snoozeDays);
    case "failed":
      return FAILED_DAYS;
    case "superseded":
    case "better":
    case "unchanged":
    case "not-enough-traffic":
    case undefined:
      return 0;
  }
}
