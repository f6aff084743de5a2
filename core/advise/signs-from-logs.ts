// What the logs prove: one sign for each cause that CollectDeliveries counted.
import { messagesHandled } from "../detect/flow-balance.ts";
import type { Cause, CauseCount, PathDeliveries } from "../model/delivery.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import { isOutlasted, percent, type Sign } from "./signs.ts";

/** Below both of these, a cause is a stray beside the main one. */
const STRAY_SHARE_OF_MAIN = 0.1;
const STRAY_REDELIVERIES = 10;
/** Logs that hold this part of the messages leave no room for the numbers to say otherwise. */
const COMPLETE_COVERAGE = 0.8;

/** Redeliveries that nothing explains are worth a finding from this many, and this percentage of messages, on. */
const UNEXPLAINED_REDELIVERIES = 3;
const UNEXPLAINED_PERCENT = 0.5;

/** Signs of every cause with at least one redelivery, the most frequent first. */
export function signsFromLogs(measurement: PathMeasurement, deliveries: PathDeliveries | undefined): Sign[] {
  const seen = deliveries?.coverage.messages ?? 0;
  const causes = (deliveries?.causes ?? []).filter(
    (count) => count.redeliveries > 0 && (count.cause !== "unknown" || isWorthTelling(count, seen)),
  );
  const outnumbering = outnumberingCause(deliveries?.causes ?? []);
  const main = Math.max(0, ...causes.map((count) => count.redeliveries));
  return causes
    .toSorted((a, b) => b.redeliveries - a.redeliveries)
    .map((count) => ({
      cause: count.cause,
      evidence: count.cause === "unknown" ? "measured" : "proven",
      messages: count.messages,
      deliveries: count.messages + count.redeliveries,
      duplicates: count.duplicates,
      duplicateSharePercent: percent(count.duplicates, seen),
      sharePercent: percent(count.redeliveries, seen),
      stray: isStray(count, main, measurement),
      ...(isOutlasted(count.cause) && outnumbering !== undefined && { outnumberedBy: outnumbering }),
    }));
}

/** Redeliveries that wait for the visibility timeout: a longer one slows them. Throttled ones gain time by it. */
const SLOWED: ReadonlySet<Cause> = new Set([
  "function-timeout",
  "function-error",
  "partial-batch-replay",
  "several-consumers",
]);

/** What cannot be told may all be of one cause. */
function outnumberingCause(causes: readonly CauseCount[]): Cause | undefined {
  const countOf = (wanted: (cause: Cause) => boolean): number =>
    causes.filter(({ cause }) => wanted(cause)).reduce((sum, { redeliveries }) => sum + redeliveries, 0);
  const outlasted = countOf(isOutlasted);
  const untold = countOf((cause) => cause === "unknown");
  const [worst] = causes
    .filter(({ cause }) => SLOWED.has(cause))
    .toSorted((a, b) => b.redeliveries - a.redeliveries);
  if (worst === undefined) return untold > outlasted ? "unknown" : undefined;
  return worst.redeliveries + untold > outlasted ? worst.cause : undefined;
}

/** A few are expected: first deliveries lie before the window, last log lines after it. */
const isWorthTelling = (count: CauseCount, seen: number): boolean =>
  count.redeliveries >= UNEXPLAINED_REDELIVERIES &&
  (percent(count.redeliveries, seen) ?? 100) >= UNEXPLAINED_PERCENT;

/** Work that can outlast the timeout by the settings is no stray, however rare it was. */
function isStray(count: CauseCount, main: number, measurement: PathMeasurement): boolean {
  const level = measurement.exposure?.level;
  if (isOutlasted(count.cause) && (level === "exceeded" || level === "exposed")) return false;
  return count.redeliveries < STRAY_REDELIVERIES && count.redeliveries < STRAY_SHARE_OF_MAIN * main;
}

/**
 * True where the logs hold the ids of practically every message that left the queue, with nothing cut off or
 * unreadable. Then they decide, and an excess in the approximate counters proves nothing against them.
 */
export function logsSeeEverything(
  measurement: PathMeasurement,
  deliveries: PathDeliveries | undefined,
): boolean {
  if (deliveries === undefined || deliveries.unreadable.length > 0 || measurement.flow === null) return false;
  const { coverage } = deliveries;
  const handled = messagesHandled(measurement.flow);
  return (
    (coverage.logged === "ids" || coverage.logged === "ids-and-receive-count") &&
    !coverage.truncated &&
    coverage.messages > 0 &&
    coverage.messages >= COMPLETE_COVERAGE * handled
  );
}
