// What logs and numbers of an asynchronous path point at.
import type { AsyncMeasurement } from "../../model/async-path.ts";
import type { AsyncDeliveries, CauseCount } from "../../model/delivery.ts";
import { percent, type Sign } from "../signs.ts";

/** Runs that nothing explains are worth a finding from this many, and this percentage of requests, on. */
const UNEXPLAINED_RUNS = 3;
const UNEXPLAINED_PERCENT = 0.5;
/** Logs that hold this part of the invocations leave no room for the numbers to say otherwise. */
const COMPLETE_COVERAGE = 0.8;

/** What the logs prove, the most frequent first; the numbers only where the logs did not see everything. */
export function asyncSigns(measurement: AsyncMeasurement, deliveries: AsyncDeliveries | undefined): Sign[] {
  const requests = deliveries?.coverage.messages ?? 0;
  const proven = (deliveries?.causes ?? [])
    .filter((count) => count.cause !== "unknown" || isWorthTelling(count, requests))
    .map((count) => signOf(count, requests));
  if (proven.length > 0 || asyncLogsSeeEverything(measurement, deliveries)) return proven;
  const measured = measuredRetries(measurement);
  return measured === undefined ? [] : [measured];
}

/** True where the logs hold practically every invocation, with nothing cut off or unreadable. */
export function asyncLogsSeeEverything(
  { totals }: AsyncMeasurement,
  deliveries: AsyncDeliveries | undefined,
): boolean {
  if (deliveries === undefined || deliveries.unreadable.length > 0 || totals.invocations === null) {
    return false;
  }
  const { logged, truncated, invocations } = deliveries.coverage;
  return logged !== "not-read" && !truncated && invocations >= COMPLETE_COVERAGE * totals.invocations;
}

const isWorthTelling = ({ redeliveries }: CauseCount, requests: number): boolean =>
  redeliveries >= UNEXPLAINED_RUNS && (percent(redeliveries, requests) ?? 100) >= UNEXPLAINED_PERCENT;

function signOf({ cause, messages, redeliveries, duplicates }: CauseCount, requests: number): Sign {
  return {
    cause,
    evidence: cause === "unknown" ? "measured" : "proven",
    messages,
    deliveries: messages + redeliveries,
    duplicates,
    duplicateSharePercent: percent(duplicates, requests),
    sharePercent: percent(redeliveries, requests),
    stray: false,
  };
}

/**
 * Each retry follows an invocation that failed, so there are never more retries than errors. Invocations beyond one an
 * event that are more than that come from other triggers (or are duplicates), and then the numbers alone prove nothing.
 */
function measuredRetries({ totals, excessInvocations: excess }: AsyncMeasurement): Sign | undefined {
  const { errors, events } = totals;
  if (excess === null || errors === null || events === null) return undefined;
  if (excess.low <= 0 || excess.value > errors) return undefined;
  return {
    cause: "async-retry",
    evidence: "measured",
    messages: Math.round(excess.value),
    deliveries: null,
    duplicates: 0,
    duplicateSharePercent: null,
    sharePercent: percent(excess.value, events),
    stray: false,
  };
}
