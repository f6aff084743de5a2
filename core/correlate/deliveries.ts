// The observations of all consumers of a path, put together: who was given which message, in what order.
import type { Delivery } from "../model/delivery.ts";
import { addTo } from "./add-to.ts";
import { compareText } from "./compare-text.ts";
import { type FailurePattern, failurePattern } from "./failure-pattern.ts";
import {
  isFailure,
  knownEndMs,
  knownStartMs,
  type LogObservations,
  type ObservedInvocation,
} from "./observations.ts";
import { failedInOutage } from "./outages.ts";

export interface SeenDelivery extends Delivery {
  readonly invocation: ObservedInvocation;
}

export interface SeenDeliveries {
  /** In order of start. */
  readonly invocations: readonly ObservedInvocation[];
  /** Message id → its deliveries in order of start. */
  readonly histories: ReadonlyMap<string, readonly SeenDelivery[]>;
  /** Invocations of one function under one request id: Lambda's own retries of an asynchronous event. */
  readonly asyncAttempts: readonly (readonly ObservedInvocation[])[];
  /** Those that failed while everything did. */
  readonly failedInOutage: ReadonlySet<ObservedInvocation>;
  readonly failures: FailurePattern;
}

/**
 * Joins observations. What was read twice (two mappings of one function, two queries of one log group) counts once.
 * Invocations that share a request id are no SQS deliveries, because SQS redeliveries always get a new one.
 */
export function joinDeliveries(observations: readonly LogObservations[]): SeenDeliveries {
  const unique = new Map(observations.flatMap((o) => o.invocations).map((i) => [identity(i), i]));
  const invocations = [...unique.values()].sort(byStart);
  const asyncAttempts = attemptsOfOneRequest(invocations);
  const asynchronous = new Set(asyncAttempts.flat());
  const histories = new Map<string, SeenDelivery[]>();
  for (const invocation of invocations) {
    if (asynchronous.has(invocation)) continue;
    for (const { messageId, receiveCount } of invocation.messages) {
      addTo(histories, messageId, { messageId, invocation, receiveCount });
    }
  }
  const inOutage = failedInOutage(invocations);
  const failures = failurePattern(invocations, inOutage);
  return { invocations, histories, asyncAttempts, failedInOutage: inOutage, failures };
}

/** All deliveries of one message, in order of start. */
export function historyOf(messageId: string, { histories }: SeenDeliveries): readonly SeenDelivery[] {
  return histories.get(messageId) ?? [];
}

/** True when the delivery is known to have failed. */
export function failed({ invocation }: SeenDelivery): boolean {
  return isFailure(invocation);
}

function attemptsOfOneRequest(invocations: readonly ObservedInvocation[]): ObservedInvocation[][] {
  const byRequest = new Map<string, ObservedInvocation[]>();
  for (const invocation of invocations) {
    if (!invocation.platformSeen) continue;
    addTo(byRequest, `${invocation.functionArn} ${invocation.requestId}`, invocation);
  }
  return [...byRequest.values()].filter((attempts) => attempts.length > 1);
}

function identity(i: ObservedInvocation): string {
  return `${i.functionArn} ${i.requestId} ${i.logStream} ${i.startedAtMs} ${i.endedAtMs}`;
}

function byStart(a: ObservedInvocation, b: ObservedInvocation): number {
  return (
    knownStartMs(a) - knownStartMs(b) ||
    knownEndMs(a) - knownEndMs(b) ||
    compareText(identity(a), identity(b))
  );
}
