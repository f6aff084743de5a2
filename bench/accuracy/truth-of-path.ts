// What was true of one path in the scan's window, and which of it any reader of the logs could know.
import type { Cause } from "../../core/model/delivery.ts";
import type { GroundTruth, TrueDelivery } from "../../simulator/truth.ts";

const MINUTE_MS = 60_000;
/** Starts may be logged this much off (clocks, rounding): at the window's edges either answer is right. */
const EDGE_MS = 1_000;
const CLOCKS_MS = 200;

/** The causes that a longer visibility timeout cures. */
const OF_TIMEOUT: ReadonlySet<Cause> = new Set<Cause>(["visibility-expired", "deleted-too-late"]);

export interface TruthQuestion {
  readonly truth: GroundTruth;
  readonly queueArn: string;
  /** The scan's window, epoch ms. */
  readonly startMs: number;
  readonly endMs: number;
  /** Start of the log lines that the scan read. */
  readonly readFromMs: number;
  /** The longest that an invocation of the path's consumers may run: what began later may end unseen. */
  readonly longestRunMs: number;
  /** False where the consumers log no ids: then nothing has to be visible in lines. */
  readonly named: boolean;
  /** True where they log the receive count, too. */
  readonly counted: boolean;
  /** True where they print which record failed. */
  readonly failuresNamed: boolean;
  /** True where log lines state of every run how it ended. */
  readonly endsStated: boolean;
  /** True where a copy of SQS's own looks like nothing else: no batch was throttled, no record can be handed back. */
  readonly copiesTellable: boolean;
  /** A message that was held for longer than this by one run may have outlasted its visibility timeout. */
  readonly mayOutlastMs: number;
}

/** A redelivery that reached a function. */
export interface TrueRedelivery {
  readonly messageId: string;
  readonly requestId: string;
  readonly cause: Cause;
  /** True when the log lines that were read name every delivery that it has to be compared with. */
  readonly visible: boolean;
}

export interface TrueWindow {
  readonly messages: number;
  readonly duplicates: number;
  readonly duplicatesOfTimeout: number;
  /** Duplicates well inside the window, and visible to a reader of the logs where there are any. */
  readonly plainDuplicates: number;
  /** Deliveries that succeeded after an earlier one of the same message had, or will: two deletions of one message. */
  readonly completedAgain: number;
  /** Well inside the window, logged or not. */
  readonly innerDuplicates: number;
  readonly innerDuplicatesOfTimeout: number;
  readonly maxReceiveCount: number;
  readonly redeliveries: readonly TrueRedelivery[];
  readonly mustFind: readonly Cause[];
  readonly mayFind: readonly Cause[];
  readonly redeliveriesByCause: Readonly<Partial<Record<Cause, number>>>;
}

export function truthOfWindow(question: TruthQuestion): TrueWindow {
  const { truth, queueArn, startMs, endMs, readFromMs } = question;
  const messages = new Set<string>();
  const repeated = new Set<string>();
  const repeatedWork = new Set<number>();
  let maxReceiveCount = 0;
  for (const one of truth.deliveries(queueArn, startMs - EDGE_MS, endMs + EDGE_MS)) {
    if (inWindow(one, startMs, endMs)) {
      messages.add(one.messageId);
      maxReceiveCount = Math.max(maxReceiveCount, one.receiveCount);
    }
    if (one.cause === "first") continue;
    repeated.add(one.messageId);
    if (isOtherMessage(one.cause)) repeatedWork.add(one.workKey);
  }
  const related = new Map<string | number, TrueDelivery[]>();
  const keep = (key: string | number, one: TrueDelivery): void => {
    const known = related.get(key);
    if (known === undefined) related.set(key, [one]);
    else known.push(one);
  };
  for (const one of truth.deliveries(queueArn, readFromMs, endMs + EDGE_MS)) {
    if (repeated.has(one.messageId)) keep(one.messageId, one);
    if (repeatedWork.has(one.workKey)) keep(one.workKey, one);
  }
  return summarise(question, messages.size, maxReceiveCount, related);
}

function summarise(
  question: TruthQuestion,
  messages: number,
  maxReceiveCount: number,
  related: ReadonlyMap<string | number, readonly TrueDelivery[]>,
): TrueWindow {
  const { truth, queueArn, startMs, endMs, longestRunMs, named } = question;
  const redeliveries: TrueRedelivery[] = [];
  const must = new Set<Cause>();
  const may = new Set<Cause>();
  const totals = {
    duplicates: 0,
    duplicatesOfTimeout: 0,
    plainDuplicates: 0,
    completedAgain: 0,
    innerDuplicates: 0,
    innerDuplicatesOfTimeout: 0,
  };
  for (const [key, deliveries] of related) {
    if (typeof key === "number") continue;
    for (const one of deliveries) {
      if (one.cause === "first" || timeOf(one) < startMs - EDGE_MS) continue;
      may.add(one.cause);
      const inside = inWindow(one, startMs, endMs);
      const inner = inWindow(one, startMs + EDGE_MS, endMs - longestRunMs - EDGE_MS);
      if (one.duplicate && inside) totals.duplicates += 1;
      if (one.duplicate && inside && OF_TIMEOUT.has(one.cause)) totals.duplicatesOfTimeout += 1;
      if (inside && completesAgain(one, deliveries)) totals.completedAgain += 1;
      if (one.duplicate && inner) totals.innerDuplicates += 1;
      if (one.duplicate && inner && OF_TIMEOUT.has(one.cause)) totals.innerDuplicatesOfTimeout += 1;
      if (one.requestId === null) continue;
      const visible = isVisible(one, related, question);
      const alike = onTheEdgeOfOverlap(one, deliveries);
      if (alike) for (const cause of OF_TIMEOUT) may.add(cause);
      if (one.duplicate && inner && (visible || !named)) totals.plainDuplicates += 1;
      redeliveries.push({ messageId: one.messageId, requestId: one.requestId, cause: one.cause, visible });
      if (inner && visible && !alike) must.add(one.cause);
    }
  }
  const { redeliveriesByCause } = truth.summary(queueArn, startMs, endMs);
  // Retries of asynchronous events come a minute or two after the event.
  if (truth.asyncRetries(queueArn, startMs - MINUTE_MS, endMs) > 0) {
    may.add("async-retry");
  }
  if (truth.asyncRetries(queueArn, startMs + 3 * MINUTE_MS, endMs - longestRunMs - EDGE_MS) > 0)
    must.add("async-retry");
  return {
    messages,
    ...totals,
    maxReceiveCount,
    redeliveries,
    mustFind: [...must],
    mayFind: [...may],
    redeliveriesByCause,
  };
}

const timeOf = ({ startMs, receivedMs }: TrueDelivery): number => startMs ?? receivedMs;

const inWindow = (one: TrueDelivery, startMs: number, endMs: number): boolean =>
  timeOf(one) >= startMs && timeOf(one) < endMs;

/** Causes that lie in another message about the same work. */
const isOtherMessage = (cause: TrueDelivery["cause"]): boolean =>
  cause === "producer-duplicate" || cause === "dlq-redrive";

/**
 * True where the one ended just when the other began: which came first is a matter of milliseconds, which the clocks
 * of two environments do not settle, and of no consequence, because the same change cures both.
 */
function onTheEdgeOfOverlap(one: TrueDelivery, all: readonly TrueDelivery[]): boolean {
  if (!OF_TIMEOUT.has(one.cause as Cause)) return false;
  return all.some((other) => other !== one && Math.abs((other.endMs ?? 0) - timeOf(one)) <= CLOCKS_MS);
}

function completesAgain(one: TrueDelivery, all: readonly TrueDelivery[]): boolean {
  if (one.outcome !== "success") return false;
  return all.some((other) => other.outcome === "success" && timeOf(other) < timeOf(one));
}

/**
 * What no line names nobody can compare. Beyond that, lines do not show: a throttled receive, of which only the count
 * after it tells; whose fault a failed batch was, where the consumer does not print it; for how long a throttled batch
 * was held before its run; that a run succeeded, where REPORT lines have no status or are not written.
 */
function isVisible(
  one: TrueDelivery,
  related: ReadonlyMap<string | number, readonly TrueDelivery[]>,
  { counted, failuresNamed, endsStated, copiesTellable, mayOutlastMs }: TruthQuestion,
): boolean {
  if (!one.logged) return false;
  if (isOtherMessage(one.cause)) {
    const others = related.get(one.workKey) ?? [];
    return (
      one.workLogged &&
      others.some(
        (other) => other.messageId !== one.messageId && timeOf(other) < timeOf(one) && other.workLogged,
      )
    );
  }
  const own = related.get(one.messageId) ?? [];
  const earlier = own.filter((other) => other.requestId !== null && timeOf(other) < timeOf(one));
  if (!earlier.every((other) => other.logged)) return false;
  if (one.cause === "throttled") return counted;
  if (one.cause === "partial-batch-replay" && !failuresNamed) return false;
  if (one.cause === "at-least-once") return earlier.length > 0 && endsStated && copiesTellable;
  if (one.cause === "deleted-too-late" && !endsStated) return false;
  const outlasted = earlier.some(({ startMs, endMs }) => (endMs ?? 0) - (startMs ?? 0) > mayOutlastMs);
  return earlier.length > 0 && (one.cause !== "deleted-too-late" || outlasted);
}
