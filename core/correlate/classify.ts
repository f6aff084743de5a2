// One redelivery → its cause (docs/how-it-decides.md). Raising a timeout for the wrong cause does harm, so
// whatever could be two things is `unknown`.
import type { Cause } from "../model/delivery.ts";
import { isReplayOfSibling } from "./batch-failure.ts";
import type { ConsumerRules } from "./consumer-rules.ts";
import { failed, type SeenDeliveries, type SeenDelivery } from "./deliveries.ts";
import { type HiddenErrors, isSilent } from "./hidden-errors.ts";
import { CLOCK_TOLERANCE_MS, knownEndMs, knownStartMs, mayStillRun } from "./observations.ts";

/** How much earlier than its visibility timeout says a message may come back: rounding, and hops before START. */
export const EARLY_RETURN_TOLERANCE_MS = 1000;
/** How long after a run its messages are deleted: one call of the poller. */
const DELETE_DELAY_MS = 200;
/** How much later than its visibility timeout a record that was handed back may start again. */
const LATE_RETURN_TOLERANCE_MS = 60_000;

export interface ClassifyContext {
  readonly seen: SeenDeliveries;
  /** null when the queue's settings could not be read. */
  readonly visibilityTimeoutMs: number | null;
  /** From the redrive policy; null without one, and where counts do not start at 1. */
  readonly maxReceiveCount: number | null;
  /** True on a dead-letter queue: its messages arrive with the receive counts of the queue they failed in. */
  readonly countsStartElsewhere: boolean;
  rulesOf(functionArn: string): ConsumerRules;
  /** ARNs of functions that give most records back. */
  readonly handsBack: ReadonlySet<string>;
  /** True when Lambda's Throttles metric was above 0 in the window. */
  readonly throttled: boolean;
  /** True when the Errors metric counts more failures than the logs show. */
  readonly hiddenErrors: HiddenErrors;
  /** True when every consumer's logs were read whole and name their messages: an unseen receive was no invocation. */
  readonly complete: boolean;
  /** Epoch ms of the last line read: what ended later is unseen, not missing. */
  readonly readUntilMs: number;
}

export interface Classified {
  readonly cause: Cause;
  /** True when the work was done twice: the earlier delivery is not known to have failed. */
  readonly duplicate: boolean;
}

const retry = (cause: Cause): Classified => ({ cause, duplicate: false });
const duplicate = (cause: Cause): Classified => ({ cause, duplicate: true });

/**
 * Why a message was delivered again, given its earlier deliveries in order of start.
 * The last delivery before it decides, except that every earlier one may still have been running or may have been
 * another function's.
 * @param previous the last of the earlier deliveries.
 * @returns null when the earlier invocation may have ended after the last line read: it cannot be judged yet.
 */
export function classifyRedelivery(
  earlier: readonly SeenDelivery[],
  previous: SeenDelivery,
  later: SeenDelivery,
  context: ClassifyContext,
): Classified | null {
  const running = earlier.filter((e) => overlapMs(e, later) > CLOCK_TOLERANCE_MS);
  if (running.length > 0) return classifyOverlap(running, later, context);
  if (failed(previous)) return classifyAfterFailure(previous, later, context);
  const { functionTimeoutMs } = context.rulesOf(previous.invocation.functionArn);
  if (mayStillRun(previous.invocation, functionTimeoutMs, context.readUntilMs)) return null;
  const classified =
    previous.invocation.outcome === "unknown"
      ? retry("unknown")
      : classifyAfterSuccess(earlier, previous, later, context);
  const unexplained = classified.cause === "unknown";
  return unexplained && passedMaxReceiveCount(earlier.length, previous, later, context)
    ? retry("dlq-redrive")
    : classified;
}

/**
 * Why a message arrived with a receive count above 1 although no earlier delivery was seen.
 * @param edgeMs start of what was read: deliveries before it are unseen, not missing.
 * @returns null when the earlier deliveries may simply lie before the window.
 */
export function classifyFirstSeen(
  first: SeenDelivery,
  edgeMs: number,
  context: ClassifyContext,
): Classified | null {
  const count = first.receiveCount ?? 1;
  const { maxReceiveCount, visibilityTimeoutMs } = context;
  if (count < 2 || context.countsStartElsewhere || visibilityTimeoutMs === null) return null;
  const { batchingWindowMs } = context.rulesOf(first.invocation.functionArn);
  const reachMs = (count - 1) * (visibilityTimeoutMs + batchingWindowMs) + LATE_RETURN_TOLERANCE_MS;
  if (knownStartMs(first.invocation) - reachMs < edgeMs) return null;
  if (context.throttled && context.complete) return retry("throttled");
  return retry(maxReceiveCount !== null && count > maxReceiveCount ? "dlq-redrive" : "unknown");
}

/** How long the earlier delivery was still running after the later one had started; ≤ 0 = it was not. */
export function overlapMs(earlier: SeenDelivery, later: SeenDelivery): number {
  return knownEndMs(earlier.invocation) - knownStartMs(later.invocation);
}

/**
 * A later delivery that starts while an earlier one runs. Only if the visibility timeout can have passed by then is
 * it the reason; SQS delivers twice at once now and then, and no timeout helps against that.
 */
function classifyOverlap(
  running: readonly SeenDelivery[],
  later: SeenDelivery,
  context: ClassifyContext,
): Classified {
  // Throttled batches wait in the poller while their timeout runs: the gap between two starts then says nothing.
  const expired = context.throttled || running.some((e) => timeoutMayHavePassed(e, later, context));
  // However the earlier one ended: when the later one began, both were at the same work.
  if (expired) return duplicate("visibility-expired");
  const elsewhere = running.some((e) => e.invocation.functionArn !== later.invocation.functionArn);
  return duplicate(elsewhere ? "several-consumers" : "at-least-once");
}

function classifyAfterFailure(
  previous: SeenDelivery,
  later: SeenDelivery,
  context: ClassifyContext,
): Classified {
  const skipped = (later.receiveCount ?? 0) - (previous.receiveCount ?? Number.POSITIVE_INFINITY) >= 2;
  if (skipped && context.throttled && context.complete) return retry("throttled");
  if (previous.invocation.outcome === "timeout") return retry("function-timeout");
  const { reportBatchItemFailures } = context.rulesOf(previous.invocation.functionArn);
  if (!reportBatchItemFailures && isReplayOfSibling(previous, later, context.seen)) {
    return duplicate("partial-batch-replay");
  }
  return retry("function-error");
}

function classifyAfterSuccess(
  earlier: readonly SeenDelivery[],
  previous: SeenDelivery,
  later: SeenDelivery,
  context: ClassifyContext,
): Classified {
  const timeoutMs = context.visibilityTimeoutMs;
  if (timeoutMs === null) return retry("unknown");
  const { batchingWindowMs } = context.rulesOf(previous.invocation.functionArn);
  const runMs = knownEndMs(previous.invocation) - knownStartMs(previous.invocation);
  const gapMs = knownStartMs(later.invocation) - knownStartMs(previous.invocation);
  const early = !timeoutMayHavePassed(previous, later, context);
  const handedBack = wasHandedBack(previous, context);
  if (handedBack === "named" && !early) return retry("function-error");
  // Exactly what a failed invocation looks like where REPORT lines carry no status.
  if (!early && maybeFailed(previous, context)) {
    const inTime = runMs + batchingWindowMs <= timeoutMs;
    const explained = context.hiddenErrors === "most" && isSilent(previous.invocation) && inTime;
    return retry(explained ? "function-error" : "unknown");
  }
  const endedLate = runMs > timeoutMs - DELETE_DELAY_MS && !early;
  if (runMs > timeoutMs || endedLate) return duplicate("deleted-too-late");
  // With its wait for the batch it may have been late; then the copy was already in a poller's hands.
  const startedSoon = gapMs - runMs <= batchingWindowMs + EARLY_RETURN_TOLERANCE_MS;
  if (runMs + batchingWindowMs > timeoutMs && !early && startedSoon) {
    return handedBack === "no" ? duplicate("deleted-too-late") : retry("unknown");
  }
  // It may have waited in the poller, throttled, and was deleted too late.
  if (context.throttled && handedBack === "no") return retry("unknown");
  const handledElsewhere = earlier.some(
    (e) => e.invocation.functionArn !== later.invocation.functionArn && workedOn(e, context),
  );
  if (handledElsewhere) return duplicate("several-consumers");
  if (!early && handedBack !== "no") {
    const latestMs = 2 * timeoutMs + batchingWindowMs + LATE_RETURN_TOLERANCE_MS;
    return retry(gapMs <= latestMs ? "function-error" : "unknown");
  }
  return context.throttled ? retry("unknown") : duplicate("at-least-once");
}

/**
 * With ReportBatchItemFailures a record can fail in an invocation that succeeds. A function that names the records that
 * fail has not handed back one that it did not name.
 */
function wasHandedBack(
  { messageId, invocation }: SeenDelivery,
  { rulesOf, handsBack, seen }: ClassifyContext,
): "named" | "perhaps" | "no" {
  const { functionArn, blamed } = invocation;
  if (!rulesOf(functionArn).reportBatchItemFailures) return "no";
  if (blamed.includes(messageId)) return "named";
  return handsBack.has(functionArn) || !seen.failures.namesFailedRecords.has(functionArn) ? "perhaps" : "no";
}

/** True when the function certainly did its work on the record. */
function workedOn(delivery: SeenDelivery, context: ClassifyContext): boolean {
  const { functionArn } = delivery.invocation;
  if (failed(delivery) || maybeFailed(delivery, context)) return false;
  return !context.rulesOf(functionArn).reportBatchItemFailures || context.handsBack.has(functionArn);
}

/**
 * True where no words tell of success: errors are hidden here, or the run reached the function's own timeout, at which
 * Lambda ends it.
 */
export function maybeFailed(
  { invocation }: SeenDelivery,
  { hiddenErrors, rulesOf }: Pick<ClassifyContext, "hiddenErrors" | "rulesOf">,
): boolean {
  if (invocation.outcome === "unknown") return true;
  if (!isSilent(invocation)) return false;
  const runMs = knownEndMs(invocation) - knownStartMs(invocation);
  return hiddenErrors !== "none" || runMs >= rulesOf(invocation.functionArn).functionTimeoutMs;
}

/**
 * True when the earlier delivery's visibility timeout can have ended before the later one started. The message was
 * received up to one batching window before its invocation started.
 */
function timeoutMayHavePassed(earlier: SeenDelivery, later: SeenDelivery, context: ClassifyContext): boolean {
  const { batchingWindowMs } = context.rulesOf(earlier.invocation.functionArn);
  const gapMs = knownStartMs(later.invocation) - knownStartMs(earlier.invocation);
  // Of a timeout that is not known only this much: nobody sets it so short that SQS's own copies look the same.
  if (context.visibilityTimeoutMs === null) return gapMs >= EARLY_RETURN_TOLERANCE_MS;
  return gapMs >= context.visibilityTimeoutMs - batchingWindowMs - EARLY_RETURN_TOLERANCE_MS;
}

/**
 * SQS hands out a message at most maxReceiveCount times and then moves it to the dead-letter queue, where its count
 * goes on. One id on either side of that limit can only have been there and back. AWS's own redrive makes new ids
 * (see producer-duplicates.ts), so this is the last resort, for whatever moves messages and keeps their ids.
 */
function passedMaxReceiveCount(
  deliveriesBefore: number,
  previous: SeenDelivery,
  later: SeenDelivery,
  { maxReceiveCount }: ClassifyContext,
): boolean {
  return (
    maxReceiveCount !== null &&
    Math.max(later.receiveCount ?? 0, deliveriesBefore + 1) > maxReceiveCount &&
    Math.max(previous.receiveCount ?? 0, deliveriesBefore) <= maxReceiveCount
  );
}
