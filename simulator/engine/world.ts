// What every part of the engine shares.
import type { Clock } from "./clock.ts";
import type { MetricStore } from "./metrics.ts";
import type { Queue } from "./queue.ts";

type Counter = "message" | "request" | "environment" | "mapping" | "producer" | "event";

export interface World {
  readonly seed: number;
  readonly accountId: string;
  readonly region: string;
  readonly clock: Clock;
  readonly metrics: MetricStore;
  /** By ARN; queues of other accounts too. */
  readonly queues: Map<string, Queue>;
  /** The next number of an account-wide counter. */
  nextIndex(counter: Counter): number;
}

export function createWorld(options: Omit<World, "nextIndex" | "queues">): World {
  const counters = { message: 0, request: 0, environment: 0, mapping: 0, producer: 0, event: 0 };
  return { ...options, queues: new Map(), nextIndex: (counter) => counters[counter]++ };
}
