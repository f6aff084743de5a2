// All observations of one delivery path → its redeliveries by cause, with examples and what the logs could show.
import { activeConsumers } from "../detect/consumers.ts";
import { messagesHandled } from "../detect/flow-balance.ts";
import type { Cause, LogCoverage, PathDeliveries } from "../model/delivery.ts";
import type { DeliveryPath, Unreadable } from "../model/delivery-path.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import { type ClassifyContext, classifyFirstSeen, classifyRedelivery, overlapMs } from "./classify.ts";
import { consumerRules, unqualified } from "./consumer-rules.ts";
import { failed, historyOf, joinDeliveries, type SeenDeliveries, type SeenDelivery } from "./deliveries.ts";
import { functionsThatHandBack } from "./handed-back.ts";
import { hiddenErrors } from "./hidden-errors.ts";
import { isFailure, knownEndMs, knownStartMs, type LogObservations, mayStillRun } from "./observations.ts";
import { findResent } from "./producer-duplicates.ts";
import { runTimesOf } from "./run-times.ts";
import { Tally } from "./tally.ts";

export interface CorrelatePathInput {
  readonly path: DeliveryPath;
  readonly measurement: PathMeasurement;
  /** One per consumer function whose logs were read; none = the logs were not read. */
  readonly observations: readonly LogObservations[];
  readonly bytesScanned: number;
  /** True when rows were cut off: what was not seen then proves nothing. */
  readonly truncated: boolean;
  readonly unreadable: readonly Unreadable[];
  /** Told of every redelivery that is counted, for whoever measures how well that is done. */
  readonly onRedelivery?: ((redelivery: ClassifiedRedelivery) => void) | undefined;
}

export interface ClassifiedRedelivery {
  readonly queueArn: string;
  readonly messageId: string;
  /** Of the invocation that the message was delivered to again. */
  readonly requestId: string;
  readonly cause: Cause;
}

/** A function names its messages when at least this share of its invocations does; it may have other triggers. */
const NAMING_SHARE = 0.5;
/** Where more of them come from other triggers: so large a share of the messages that the queue's counters know. */
const NAMED_SHARE = 0.9;

/**
 * Classifies every redelivery that starts inside the measurement's window. Lines from before the window, if any were
 * read, only serve to know earlier deliveries.
 */
export function correlatePath(input: CorrelatePathInput): PathDeliveries {
  const { path, measurement, observations } = input;
  const { startMs } = measurement.window;
  const seen = joinDeliveries(observations);
  const context = classifyContext(input, seen);
  const earliestMs = Math.min(...seen.invocations.slice(0, 1).map(knownStartMs), startMs);
  const tally = new Tally();
  for (const [messageId, history] of seen.histories) {
    history.forEach((delivery, index) => {
      if (knownStartMs(delivery.invocation) < startMs) return;
      const earlier = history.slice(0, index);
      const previous = earlier.at(-1);
      const classified = previous
        ? classifyRedelivery(earlier, previous, delivery, context)
        : classifyFirstSeen(delivery, earliestMs, context);
      if (!classified) return;
      input.onRedelivery?.({
        queueArn: path.queueArn,
        messageId,
        requestId: delivery.invocation.requestId,
        cause: classified.cause,
      });
      tally.add({
        cause: classified.cause,
        key: messageId,
        redeliveries: 1,
        duplicates: classified.duplicate ? 1 : 0,
        deliveries: history,
        clarity: clarityMs(earlier, delivery),
      });
    });
  }
  tallyAsyncRetries(tally, seen, startMs);
  const notes = tallyResent(tally, input, context);
  return {
    queueArn: path.queueArn,
    coverage: coverage(input, seen),
    causes: tally.counts(),
    examples: tally.examples(),
    unreadable: [...input.unreadable],
    ...(input.observations.length > 0 && { runTimes: runTimesOf(seen, startMs) }),
    ...(notes.length > 0 && { notes: [...notes] }),
  };
}

function classifyContext(input: CorrelatePathInput, seen: SeenDeliveries): ClassifyContext {
  const { settings } = input.path;
  const { totals } = input.measurement;
  const inWindow = seen.invocations.filter((i) => knownStartMs(i) >= input.measurement.window.startMs);
  const countsStartElsewhere = input.path.deadLetterQueueOf !== undefined;
  const rulesOf = consumerRules(input.path);
  const readUntilMs = seen.invocations.reduce((latest, i) => Math.max(latest, knownEndMs(i)), 0);
  // A lost REPORT accounts for no error: it may be of a success, and the failure one without a status.
  const accountedFor = inWindow.filter(
    (i) => isFailure(i) || mayStillRun(i, rulesOf(i.functionArn).functionTimeoutMs, readUntilMs),
  );
  return {
    seen,
    visibilityTimeoutMs: settings ? settings.visibilityTimeoutSeconds * 1000 : null,
    maxReceiveCount: countsStartElsewhere ? null : (settings?.redrive?.maxReceiveCount ?? null),
    countsStartElsewhere,
    rulesOf,
    handsBack: functionsThatHandBack(seen),
    throttled: (totals.throttles ?? 0) > 0,
    hiddenErrors: hiddenErrors(inWindow, accountedFor.length, seen, totals),
    readUntilMs,
    complete: !input.truncated && input.unreadable.length === 0 && allConsumersNameTheirMessages(input, seen),
  };
}

/** True where every consumer was read, and its invocations name messages, or together practically all messages. */
function allConsumersNameTheirMessages(
  { path, observations, measurement: { flow } }: CorrelatePathInput,
  { histories }: SeenDeliveries,
): boolean {
  const read = new Set(observations.map(({ functionArn }) => functionArn));
  if (
    !activeConsumers(path).every(({ mapping, function: f }) =>
      read.has(f?.arn ?? unqualified(mapping.functionArn)),
    )
  ) {
    return false;
  }
  if (flow !== null && histories.size > 0 && histories.size >= NAMED_SHARE * messagesHandled(flow))
    return true;
  return observations.every(({ invocations }) => {
    const naming = invocations.filter(({ messages }) => messages.length > 0).length;
    return naming >= invocations.length * NAMING_SHARE;
  });
}

/** The longest that an earlier delivery was still running, in ms; 0 when none was. */
function clarityMs(earlier: readonly SeenDelivery[], later: SeenDelivery): number {
  return Math.max(0, ...earlier.map((delivery) => overlapMs(delivery, later)));
}

function tallyAsyncRetries(tally: Tally, seen: SeenDeliveries, startMs: number): void {
  for (const attempts of seen.asyncAttempts) {
    const deliveries = attempts.map((invocation) => ({
      messageId: invocation.requestId,
      invocation,
      receiveCount: null,
    }));
    const pairs = deliveries.flatMap((later, i) => {
      const earlier = deliveries[i - 1];
      return earlier && knownStartMs(later.invocation) >= startMs ? [{ earlier, later }] : [];
    });
    const [first] = pairs;
    if (!first) continue;
    // Lambda retries after a failure; an attempt after a success was delivered twice.
    const duplicates = pairs.filter(({ earlier }) => !failed(earlier)).length;
    tally.add({
      cause: "async-retry",
      key: first.later.messageId,
      redeliveries: pairs.length,
      duplicates,
      deliveries,
      clarity: 0,
    });
  }
}

/** @returns why ids were not used as proof. */
function tallyResent(tally: Tally, input: CorrelatePathInput, context: ClassifyContext): readonly string[] {
  const correlations = input.observations.flatMap((o) => o.correlations);
  const { deadLettersLeft = null, deadLettersLeftDuring } = input.measurement.totals;
  const happened = deadLettersLeft === null ? null : deadLettersLeft > 0;
  const { groups, notes } = findResent(correlations, context, {
    happened,
    during: deadLettersLeftDuring,
  });
  for (const { key, cause, messageIds, repeatedIds, duplicates } of groups) {
    const deliveries = messageIds
      .flatMap((id) => historyOf(id, context.seen))
      .sort((a, b) => knownStartMs(a.invocation) - knownStartMs(b.invocation));
    const last = deliveries.at(-1);
    if (!last || knownStartMs(last.invocation) < input.measurement.window.startMs) continue;
    for (const messageId of repeatedIds) {
      const requestId = historyOf(messageId, context.seen)[0]?.invocation.requestId ?? "";
      input.onRedelivery?.({ queueArn: input.path.queueArn, messageId, requestId, cause });
    }
    tally.add({ cause, key, redeliveries: repeatedIds.length, duplicates, deliveries, clarity: 0 });
  }
  return notes;
}

function coverage(input: CorrelatePathInput, seen: SeenDeliveries): LogCoverage {
  const { startMs } = input.measurement.window;
  let messages = 0;
  let deliveries = 0;
  let maxReceiveCount: number | null = null;
  for (const history of seen.histories.values()) {
    let inWindow = 0;
    for (const { invocation, receiveCount } of history) {
      if (knownStartMs(invocation) < startMs) continue;
      inWindow += 1;
      if (receiveCount !== null) maxReceiveCount = Math.max(receiveCount, maxReceiveCount ?? 0);
    }
    deliveries += inWindow;
    if (inWindow > 0) messages += 1;
  }
  const ids =
    maxReceiveCount !== null ? "ids-and-receive-count" : seen.histories.size > 0 ? "ids" : "nothing";
  return {
    logged: input.observations.length > 0 ? ids : "not-read",
    invocations: seen.invocations.filter((i) => knownStartMs(i) >= startMs).length,
    messages,
    deliveries,
    maxReceiveCount,
    bytesScanned: input.bytesScanned,
    truncated: input.truncated,
  };
}
