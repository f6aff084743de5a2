// A queue with consumers on the simulator's engine, without a scenario round it.
import type { SimulatedFunction, SimulatedMapping } from "../../simulator/account.ts";
import { Clock } from "../../simulator/engine/clock.ts";
import { LambdaFunction, type Work } from "../../simulator/engine/function.ts";
import { Mapping } from "../../simulator/engine/mapping.ts";
import { MetricStore } from "../../simulator/engine/metrics.ts";
import { type NewMessage, Queue } from "../../simulator/engine/queue.ts";
import { Random } from "../../simulator/engine/random.ts";
import type { Message } from "../../simulator/engine/records.ts";
import { createWorld, type World } from "../../simulator/engine/world.ts";
import { simulatedFunction } from "./simulated-function.ts";

const ORIGIN_MS = Date.UTC(2026, 10, 23, 6);

export function newWorld(seed = 1): World {
  return createWorld({
    seed,
    accountId: "123456789012",
    region: "us-east-1",
    clock: new Clock(ORIGIN_MS),
    metrics: new MetricStore(),
  });
}

export function addQueue(world: World, name: string, attributes: Record<string, string> = {}): Queue {
  const queue = new Queue(world, { name, accountId: world.accountId, attributes, tags: {} });
  world.queues.set(queue.arn, queue);
  return queue;
}

export function send(queue: Queue, content: Partial<NewMessage> = {}): Message {
  return queue.send({
    content: "order",
    businessKey: 1,
    group: "",
    resent: false,
    filtered: false,
    failuresLeft: 0,
    deduplicationId: "",
    ...content,
  });
}

export interface ConsumerOptions {
  readonly work?: Partial<Work>;
  readonly fn?: Partial<SimulatedFunction>;
  readonly mapping?: Partial<SimulatedMapping>;
}

/** A function that takes exactly one second unless told otherwise, without cold starts worth the name. */
export function addConsumer(
  world: World,
  queue: Queue,
  name: string,
  options: ConsumerOptions = {},
): { fn: LambdaFunction; mapping: Mapping } {
  const configuration = simulatedFunction(name, options.fn);
  const fn = new LambdaFunction(world, {
    configuration,
    version: "$LATEST",
    work: { medianMs: 1_000, sigma: 0, initMedianMs: 1, ...options.work },
    logStyle: { shape: "node-json", oddities: [] },
    random: new Random(7),
  });
  const mapping = new Mapping(world, {
    configuration: {
      uuid: `mapping-of-${name}`,
      state: "Enabled",
      eventSourceArn: queue.arn,
      functionArn: configuration.arn,
      batchSize: 10,
      maximumBatchingWindowSeconds: 0,
      filterPatterns: [],
      reportBatchItemFailures: false,
      eventCountMetrics: true,
      lastModifiedMs: 0,
      ...options.mapping,
    },
    queue,
    fn,
    random: new Random(8),
  });
  return { fn, mapping };
}

/** Sum of one metric over the whole run. */
export function total(world: World, metricName: string, dimensions: Record<string, string>): number {
  const namespace = "QueueName" in dimensions ? "AWS/SQS" : "AWS/Lambda";
  const series = world.metrics.find({ namespace, metricName, dimensions });
  const points = series?.between(ORIGIN_MS, ORIGIN_MS, ORIGIN_MS + world.clock.nowMs + 60_000) ?? [];
  return points.reduce((sum, point) => sum + point.sum, 0);
}
