// Is a plan right? The same account is simulated again with the proposed timeout.
import type { Cause } from "../../core/model/delivery.ts";
import type { FindingDocument } from "../../core/model/finding.ts";
import type { TruthSummary } from "../../simulator/truth.ts";
import type { JudgedPlan } from "./judged-path.ts";
import type { RandomAccount } from "./random-account.ts";

/** A right plan removes at least this share of the duplicates. */
const ENOUGH_PERCENT = 80;
const SLOWED: readonly Cause[] = [
  "function-timeout",
  "function-error",
  "partial-batch-replay",
  "several-consumers",
];
const CURED: readonly Cause[] = ["visibility-expired", "deleted-too-late"];

/** By queue ARN. */
export function judgePlans(
  random: RandomAccount,
  { findings }: FindingDocument,
  startMs: number,
  endMs: number,
): ReadonlyMap<string, JudgedPlan> {
  const plans = findings.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
  if (plans.length === 0) return new Map();
  const after = random.withTimeouts(new Map(plans.map(({ queueArn, to }) => [queueArn, to])));
  return new Map(
    plans.map((plan) => {
      const { queueArn, tradeOffs } = plan;
      const was = random.truth.summary(queueArn, startMs, endMs);
      const is = after.truth.summary(queueArn, startMs, endMs);
      const removedPercent =
        was.duplicates === 0 ? null : Math.max(0, (100 * (was.duplicates - is.duplicates)) / was.duplicates);
      const judged: JudgedPlan = {
        judgement: judge(was, removedPercent),
        removedPercent,
        predictedAfterPercent: tradeOffs.duplicateSharePercent.after,
        simulatedAfterPercent: is.messages === 0 ? 0 : (100 * duplicatesOfTimeout(is)) / is.messages,
      };
      return [queueArn, judged];
    }),
  );
}

const duplicatesOfTimeout = ({ redeliveriesByCause }: TruthSummary): number =>
  CURED.reduce((sum, cause) => sum + (redeliveriesByCause[cause] ?? 0), 0);

/**
 * Harmful: most redeliveries have a cause that a longer timeout only slows. Those that do not wait for the timeout
 * (other messages, other invocations, SQS's own copies), or that gain time by a longer one (throttled), are left out.
 */
function judge(was: TruthSummary, removedPercent: number | null): JudgedPlan["judgement"] {
  const cured = duplicatesOfTimeout(was);
  const others = Object.entries(was.redeliveriesByCause)
    .filter(([cause]) => SLOWED.includes(cause as Cause))
    .map(([, count]) => count);
  if (cured === 0 || Math.max(0, ...others) > cured) return "harmful";
  return removedPercent !== null && removedPercent >= ENOUGH_PERCENT ? "right" : "useless";
}
