// The ground truth of a run: what really happened to every message and why. For tests and benchmarks only;
// nothing on the wire tells any of it.
import type { Cause } from "../core/model/delivery.ts";
import { messageId, workIds } from "./engine/bodies.ts";
import { isDuplicate } from "./engine/causes.ts";
import type { LambdaFunction } from "./engine/function.ts";
import { uuid } from "./engine/ids.ts";
import type { Delivery, Invocation } from "./engine/records.ts";
import type { World } from "./engine/world.ts";
import { renderInvocation } from "./logs/render-invocation.ts";

/** One receive of one message. Times are epoch ms. */
export interface TrueDelivery {
  readonly messageId: string;
  /** The id it had before it was moved back from a dead-letter queue; null for every other message. */
  readonly redrivenFromId: string | null;
  readonly queueArn: string;
  /** null: received, but never invoked (throttled, filtered, or received by a client). */
  readonly functionArn: string | null;
  readonly requestId: string | null;
  readonly receiveCount: number;
  readonly receivedMs: number;
  readonly startMs: number | null;
  /** null as well while the invocation still runs. */
  readonly endMs: number | null;
  /** Of this record: also "error" when only this record of a batch was reported as failed. */
  readonly outcome: "success" | "error" | "timeout" | "none";
  readonly cause: Cause | "first";
  /** The work was done before, and had not failed. */
  readonly duplicate: boolean;
  /** The same for all messages about one piece of work: sent twice, or moved back from a dead-letter queue. */
  readonly workKey: number;
  /** True when a log line of the invocation names the message. Rendered when asked for. */
  readonly logged: boolean;
  /** True when a log line of the invocation shows an id of the piece of work. Rendered when asked for. */
  readonly workLogged: boolean;
}

/** What a scan of the last hours should say of one path. */
export interface TruePath {
  readonly scenario: string;
  readonly queueArn: string;
  /** Unqualified. */
  readonly functionArns: readonly string[];
  /** Nothing above advisory is to be found, and no plan. */
  readonly quiet: boolean;
  /** The dominant causes; empty when quiet. */
  readonly causes: readonly Cause[];
  readonly planExpected: boolean;
}

export interface TruthSummary {
  /** Distinct messages received. */
  readonly messages: number;
  /** Those receives that reached a function. */
  readonly deliveries: number;
  /** Later receives by cause; async retries of the path's functions under "async-retry". */
  readonly redeliveriesByCause: Readonly<Partial<Record<Cause, number>>>;
  readonly duplicates: number;
}

/** What a scan of the last hours should say of one function whose events come with no queue between. */
export interface TrueAsyncPath {
  readonly scenario: string;
  /** Unqualified. */
  readonly functionArn: string;
  /** Nothing above advisory is to be found. */
  readonly quiet: boolean;
  /** The dominant causes; empty when quiet. */
  readonly causes: readonly Cause[];
}

export interface AsyncTruthSummary {
  /** Distinct events that were run. */
  readonly events: number;
  /** Of events; other triggers do not count. */
  readonly invocations: number;
  /** Runs of an event after its first, by cause. */
  readonly redeliveriesByCause: Readonly<Partial<Record<Cause, number>>>;
  /** Those of them whose work had been done before. */
  readonly duplicates: number;
}

export interface GroundTruth {
  asyncPaths(): readonly TrueAsyncPath[];
  /** Invocations that started in [startMs, endMs), epoch ms. */
  asyncSummary(functionArn: string, startMs: number, endMs: number): AsyncTruthSummary;
  paths(): readonly TruePath[];
  /** Deliveries that started (or, never invoked, were received) in [startMs, endMs), in order of receipt. */
  deliveries(queueArn: string, startMs: number, endMs: number): Iterable<TrueDelivery>;
  summary(queueArn: string, startMs: number, endMs: number): TruthSummary;
  /** Second and third attempts of asynchronous events, by the functions of a queue. */
  asyncRetries(queueArn: string, startMs: number, endMs: number): number;
}

export class EngineTruth implements GroundTruth {
  readonly #world: World;
  readonly #paths: readonly TruePath[];
  readonly #functions: readonly LambdaFunction[];
  readonly #asyncPaths: readonly TrueAsyncPath[];

  constructor(
    world: World,
    paths: readonly TruePath[],
    functions: readonly LambdaFunction[],
    asyncPaths: readonly TrueAsyncPath[],
  ) {
    this.#world = world;
    this.#paths = paths;
    this.#functions = functions;
    this.#asyncPaths = asyncPaths;
  }

  asyncPaths(): readonly TrueAsyncPath[] {
    return this.#asyncPaths;
  }

  asyncSummary(functionArn: string, startMs: number, endMs: number): AsyncTruthSummary {
    const fn = this.#functions.find(({ configuration }) => configuration.arn === functionArn);
    const isIn = (engineMs: number) => {
      const timeMs = this.#world.clock.epochMs(engineMs);
      return timeMs >= startMs && timeMs < endMs;
    };
    return summariseEvents(fn?.invocations ?? [], isIn);
  }

  paths(): readonly TruePath[] {
    return this.#paths;
  }

  *deliveries(queueArn: string, startMs: number, endMs: number): Iterable<TrueDelivery> {
    for (const delivery of this.#world.queues.get(queueArn)?.deliveries ?? []) {
      const timeMs = this.#world.clock.epochMs(delivery.invocation?.startMs ?? delivery.receivedMs);
      if (timeMs >= startMs && timeMs < endMs) yield this.#told(delivery);
    }
  }

  #told(delivery: Delivery): TrueDelivery {
    const world = this.#world;
    const { clock, seed } = world;
    const { invocation, message } = delivery;
    const { redrivenFrom } = message;
    let logged: boolean | undefined;
    const ended = invocation !== null && invocation.endMs <= clock.nowMs;
    return {
      messageId: messageId(world, message),
      redrivenFromId: redrivenFrom === null ? null : messageId(world, redrivenFrom),
      queueArn: delivery.queue.arn,
      functionArn: invocation?.fn.configuration.arn ?? null,
      requestId: invocation === null ? null : uuid(seed, "request", invocation.requestIndex),
      receiveCount: delivery.receiveCount,
      receivedMs: clock.epochMs(delivery.receivedMs),
      startMs: invocation === null ? null : clock.epochMs(invocation.startMs),
      endMs: ended ? clock.epochMs(invocation.endMs) : null,
      outcome: delivery.outcome === "pending" ? "none" : delivery.outcome,
      cause: delivery.cause,
      duplicate: isDuplicate(delivery),
      workKey: message.businessKey,
      get logged() {
        logged ??= invocation !== null && shows(world, invocation, [this.messageId]);
        return logged;
      },
      get workLogged() {
        return invocation !== null && shows(world, invocation, workIds(world, message));
      },
    };
  }

  summary(queueArn: string, startMs: number, endMs: number): TruthSummary {
    const messages = new Set<string>();
    const redeliveriesByCause: Partial<Record<Cause, number>> = {};
    let deliveries = 0;
    let duplicates = 0;
    for (const delivery of this.deliveries(queueArn, startMs, endMs)) {
      messages.add(delivery.messageId);
      if (delivery.requestId !== null) deliveries += 1;
      if (delivery.duplicate) duplicates += 1;
      if (delivery.cause === "first") continue;
      redeliveriesByCause[delivery.cause] = (redeliveriesByCause[delivery.cause] ?? 0) + 1;
    }
    const asyncRetries = this.asyncRetries(queueArn, startMs, endMs);
    if (asyncRetries > 0) redeliveriesByCause["async-retry"] = asyncRetries;
    return { messages: messages.size, deliveries, redeliveriesByCause, duplicates };
  }

  /** Second and third attempts: a request id that the function has run before. */
  asyncRetries(queueArn: string, startMs: number, endMs: number): number {
    const arns = this.#paths.find((path) => path.queueArn === queueArn)?.functionArns ?? [];
    let retries = 0;
    for (const fn of this.#functions) {
      if (!arns.includes(fn.configuration.arn)) continue;
      const seen = new Set<number>();
      for (const { trigger, requestIndex, startMs: engineMs } of fn.invocations) {
        if (trigger !== "async") continue;
        const timeMs = this.#world.clock.epochMs(engineMs);
        if (seen.has(requestIndex) && timeMs >= startMs && timeMs < endMs) retries += 1;
        seen.add(requestIndex);
      }
    }
    return retries;
  }
}

function shows(world: World, invocation: Invocation, ids: readonly string[]): boolean {
  return renderInvocation(world, invocation).some(({ message }) => ids.some((id) => message.includes(id)));
}

/**
 * Runs of the same event, or (where events have no identity) of the same request id. Lambda's queue runs an event
 * again under its request id: to retry it after a failure, or by chance. Its source hands it over under another.
 */
function summariseEvents(
  invocations: readonly Invocation[],
  isIn: (engineMs: number) => boolean,
): AsyncTruthSummary {
  const runs = Map.groupBy(
    invocations.filter(({ trigger }) => trigger === "async"),
    ({ event, requestIndex }) => (event === undefined ? `request ${requestIndex}` : `event ${event.index}`),
  );
  const redeliveriesByCause: Partial<Record<Cause, number>> = {};
  let events = 0;
  let inTime = 0;
  let duplicates = 0;
  for (const unordered of runs.values()) {
    const ordered = unordered.toSorted((a, b) => a.startMs - b.startMs);
    if (ordered.some(({ startMs }) => isIn(startMs))) events += 1;
    for (const [index, run] of ordered.entries()) {
      if (!isIn(run.startMs)) continue;
      inTime += 1;
      if (index === 0) continue;
      const own = ordered.slice(0, index).filter(({ requestIndex }) => requestIndex === run.requestIndex);
      const cause = own.at(-1)?.outcome === "success" || own.length === 0 ? "at-least-once" : "async-retry";
      redeliveriesByCause[cause] = (redeliveriesByCause[cause] ?? 0) + 1;
      if (cause === "at-least-once") duplicates += 1;
    }
  }
  return { events, invocations: inTime, redeliveriesByCause, duplicates };
}
