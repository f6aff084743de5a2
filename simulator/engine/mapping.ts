// One event source mapping: polls its queue, gathers batches, invokes the function, deletes what succeeded.
// One batch gathers at a time; Lambda's ramp-up of pollers is not modelled.
import type { SimulatedMapping } from "../account.ts";
import { causeOfDelivery } from "./causes.ts";
import type { LambdaFunction } from "./function.ts";
import type { MinuteSeries } from "./metrics.ts";
import type { Queue } from "./queue.ts";
import type { Random } from "./random.ts";
import type { Delivery, Invocation } from "./records.ts";
import type { World } from "./world.ts";

export interface MappingOptions {
  readonly configuration: SimulatedMapping;
  readonly queue: Queue;
  readonly fn: LambdaFunction;
  readonly random: Random;
  /** How soon a poll finds a new message, ms; the quicker of two competing mappings gets more. */
  readonly pollLatencyMs?: readonly [low: number, high: number];
  /** Share of deleted messages that turn up again (at-least-once delivery of standard queues). @default 0 */
  readonly reappearShare?: number;
}

const MAX_CONCURRENT_BATCHES = 1000;
const DELETE_LATENCY_MS = 12;
/** Pause before an invocation that was throttled is tried again: doubles up to the second. */
const THROTTLE_PAUSE_MS = [1_000, 16_000] as const;
const REAPPEAR_MS = [2_000, 40_000] as const;

type EventCount = "Polled" | "FilteredOut" | "Invoked" | "FailedInvoke" | "Deleted";

export class Mapping {
  readonly configuration: SimulatedMapping;
  readonly fn: LambdaFunction;
  readonly queue: Queue;
  readonly #world: World;
  readonly #random: Random;
  readonly #pollLatencyMs: readonly [number, number];
  readonly #reappearShare: number;
  readonly #counts: ReadonlyMap<EventCount, MinuteSeries>;
  #gathering: Delivery[] = [];
  #batchNumber = 0;
  #batches = 0;
  #pollPlanned = false;

  constructor(world: World, options: MappingOptions) {
    this.#world = world;
    this.configuration = options.configuration;
    this.queue = options.queue;
    this.fn = options.fn;
    this.#random = options.random;
    this.#pollLatencyMs = options.pollLatencyMs ?? [10, 40];
    this.#reappearShare = options.queue.settings.fifo ? 0 : (options.reappearShare ?? 0);
    this.#counts = options.configuration.eventCountMetrics
      ? new Map(
          (["Polled", "FilteredOut", "Invoked", "FailedInvoke", "Deleted"] as const).map((name) => [
            name,
            world.metrics.series("AWS/Lambda", `${name}EventCount`, {
              EventSourceMappingUUID: options.configuration.uuid,
            }),
          ]),
        )
      : new Map();
    if (this.configuration.reportBatchItemFailures) this.fn.reportsItemFailures = true;
    if (this.configuration.state !== "Enabled") return;
    this.queue.metrics.pollers += 1;
    this.queue.listeners.push(() => this.#wake());
  }

  #count(name: EventCount, events: number): void {
    this.#counts.get(name)?.record(this.#world.clock.nowMs, events);
  }

  #wake(): void {
    if (this.#pollPlanned || this.#full()) return;
    this.#pollPlanned = true;
    const [low, high] = this.#pollLatencyMs;
    this.#world.clock.at(this.#world.clock.nowMs + this.#random.integer(low, high), () => {
      this.#pollPlanned = false;
      this.#poll();
    });
  }

  #full(): boolean {
    return this.#batches >= (this.configuration.maximumConcurrency ?? MAX_CONCURRENT_BATCHES);
  }

  #poll(): void {
    const { batchSize, maximumBatchingWindowSeconds } = this.configuration;
    if (this.#full() || this.queue.deleted) return;
    const room = batchSize - this.#gathering.length;
    const received = this.queue.receive(this.queue.settings.fifo ? Math.min(10, room) : room);
    if (received.length === 0) return;
    this.#count("Polled", received.length);
    const wasEmpty = this.#gathering.length === 0;
    for (const delivery of received) this.#gather(delivery);
    if (this.#gathering.length >= batchSize || maximumBatchingWindowSeconds === 0) this.#dispatch();
    else if (wasEmpty && this.#gathering.length > 0) this.#dispatchAfterWindow();
    if (this.queue.counts.visible > 0) this.#wake();
  }

  #gather(delivery: Delivery): void {
    if (!delivery.message.filtered || this.configuration.filterPatterns.length === 0) {
      this.#gathering.push(delivery);
      return;
    }
    delivery.outcome = "none";
    this.#count("FilteredOut", 1);
    this.queue.delete(delivery);
  }

  #dispatchAfterWindow(): void {
    const number = this.#batchNumber;
    const windowMs = this.configuration.maximumBatchingWindowSeconds * 1000;
    this.#world.clock.at(this.#world.clock.nowMs + windowMs, () => {
      if (this.#batchNumber === number) this.#dispatch();
    });
  }

  #dispatch(): void {
    const batch = this.#gathering;
    this.#gathering = [];
    this.#batchNumber += 1;
    if (batch.length === 0) return;
    this.#batches += 1;
    this.#invoke(batch, THROTTLE_PAUSE_MS[0]);
  }

  #invoke(batch: readonly Delivery[], pauseMs: number): void {
    const { clock } = this.#world;
    const invocation = this.fn.invoke("queue", batch, (ended) => this.#ended(ended));
    if (invocation !== undefined) {
      this.#count("Invoked", batch.length);
      for (const delivery of batch) {
        delivery.cause = causeOfDelivery(delivery, invocation.startMs, this.fn.name);
        delivery.invocation = invocation;
      }
      return;
    }
    this.#count("FailedInvoke", batch.length);
    const deadlineMs = Math.min(...batch.map((delivery) => delivery.deadlineMs));
    const retryMs = clock.nowMs + pauseMs;
    if (retryMs < deadlineMs) {
      clock.at(retryMs, () => this.#invoke(batch, Math.min(pauseMs * 2, THROTTLE_PAUSE_MS[1])));
    } else {
      clock.at(deadlineMs, () => this.#letGo(batch));
    }
  }

  /** Throttled until the visibility timeout had passed: nothing was processed, the receive count has grown. */
  #letGo(batch: readonly Delivery[]): void {
    for (const delivery of batch) {
      delivery.outcome = "none";
      delivery.letGo = true;
    }
    this.#batchDone();
  }

  #ended(invocation: Invocation): void {
    const { deliveries } = invocation;
    for (const delivery of deliveries) {
      if (invocation.outcome !== "success") {
        delivery.outcome = invocation.outcome;
        // The record that failed was marked when it did; the others of its batch were done.
        if (invocation.outcome === "error" && deliveries.some((other) => other.fault === "own")) {
          delivery.fault ??= "sibling";
        }
      } else {
        delivery.outcome = delivery.fault === null ? "success" : "error";
      }
    }
    const done = deliveries.filter((delivery) => delivery.outcome === "success");
    if (done.length > 0) {
      this.#world.clock.at(this.#world.clock.nowMs + DELETE_LATENCY_MS, () => this.#delete(done));
    }
    this.#batchDone();
  }

  #delete(deliveries: readonly Delivery[]): void {
    this.#count("Deleted", deliveries.length);
    for (const delivery of deliveries) {
      this.queue.delete(delivery);
      if (!this.#random.chance(this.#reappearShare)) continue;
      const pauseMs = this.#random.integer(...REAPPEAR_MS);
      this.#world.clock.at(this.#world.clock.nowMs + pauseMs, () => this.queue.reappear(delivery.message));
    }
  }

  #batchDone(): void {
    this.#batches -= 1;
    if (this.queue.counts.visible > 0) this.#wake();
  }
}
