// The observations of all consumers of a path, put together: who was given which message, in what order.
import type { Delivery } from "../model/delivery.ts";
import { getOrCreate } from "./get-or-create.ts";
import { knownEndMs, knownStartMs, type LogObservations, type ObservedInvocation } from "./observations.ts";

export interface SeenDelivery extends Delivery {
  readonly invocation: ObservedInvocation;
}

export interface SeenDeliveries {
  readonly invocations: readonly ObservedInvocation[];
  /** Message id → its deliveries in order of start. */
  readonly histories: ReadonlyMap<string, readonly SeenDelivery[]>;
  /** Messages of one invocation. */
  batchOf(invocation: ObservedInvocation): readonly string[];
  /** Invocations of one function under one request id: Lambda's own retries of an asynchronous event. */
  readonly asyncAttempts: readonly (readonly ObservedInvocation[])[];
}

/**
 * Joins observations. What was read twice (two mappings of one function, two queries of one log group) counts once.
 * Invocations that share a request id are no SQS deliveries, because SQS redeliveries always get a new one.
 */
export function joinDeliveries(observations: readonly LogObservations[]): SeenDeliveries {
  const unique = new Map<string, ObservedInvocation>();
  const sightings = new Map<ObservedInvocation, Map<string, number | null>>();
  for (const { invocations, sightings: seen } of observations) {
    for (const invocation of invocations) {
      const key = identity(invocation);
      if (!unique.has(key)) unique.set(key, invocation);
    }
    for (const { messageId, invocation: index, receiveCount } of seen) {
      const found = invocations[index];
      const invocation = found && unique.get(identity(found));
      if (!invocation) continue;
      const batch = getOrCreate(sightings, invocation, () => new Map<string, number | null>());
      batch.set(messageId, maxKnown(receiveCount, batch.get(messageId)));
    }
  }
  const invocations = [...unique.values()].sort(byStart);
  const asyncAttempts = attemptsOfOneRequest(invocations);
  const asynchronous = new Set(asyncAttempts.flat());
  const histories = new Map<string, SeenDelivery[]>();
  const batches = new Map<ObservedInvocation, readonly string[]>();
  for (const invocation of invocations) {
    if (asynchronous.has(invocation)) continue;
    const batch = [...(sightings.get(invocation) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    batches.set(
      invocation,
      batch.map(([messageId]) => messageId),
    );
    for (const [messageId, receiveCount] of batch) {
      getOrCreate(histories, messageId, () => []).push({ messageId, invocation, receiveCount });
    }
  }
  return { invocations, histories, asyncAttempts, batchOf: (invocation) => batches.get(invocation) ?? [] };
}

/** True when the delivery is known to have failed. */
export function failed({ invocation: { outcome } }: SeenDelivery): boolean {
  return outcome === "error" || outcome === "timeout";
}

function attemptsOfOneRequest(invocations: readonly ObservedInvocation[]): ObservedInvocation[][] {
  const byRequest = new Map<string, ObservedInvocation[]>();
  for (const invocation of invocations) {
    if (!invocation.platformSeen) continue;
    const key = `${invocation.functionArn} ${invocation.requestId}`;
    getOrCreate(byRequest, key, () => []).push(invocation);
  }
  return [...byRequest.values()].filter((attempts) => attempts.length > 1);
}

function identity(i: ObservedInvocation): string {
  return `${i.functionArn} ${i.requestId} ${i.logStream} ${i.startedAtMs} ${i.endedAtMs}`;
}

function byStart(a: ObservedInvocation, b: ObservedInvocation): number {
  return (
    knownStartMs(a) - knownStartMs(b) || knownEndMs(a) - knownEndMs(b) || (identity(a) < identity(b) ? -1 : 1)
  );
}

function maxKnown(a: number | null, b: number | null | undefined): number | null {
  if (a === null || b === null || b === undefined) return a ?? b ?? null;
  return Math.max(a, b);
}
