// The simulated account as the wire protocols see it: a thin view over the engine's parts.
import type {
  MetricId,
  MetricPoint,
  QueueAttributes,
  ReceivedMessage,
  SendOptions,
  SimulatedAccount,
  SimulatedFunction,
  SimulatedLogGroup,
  SimulatedMapping,
  SimulatedQueue,
} from "../account.ts";
import { FunctionLogGroup } from "../logs/log-group.ts";
import { ClientOperations } from "./client-operations.ts";
import type { LambdaFunction } from "./function.ts";
import type { Mapping } from "./mapping.ts";
import { type MetricErrors, withErrors } from "./metric-errors.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
const LOG_METRICS = ["IncomingBytes", "IncomingLogEvents"] as const;

export interface AccountParts {
  readonly functions: readonly LambdaFunction[];
  readonly mappings: readonly Mapping[];
}

export class EngineAccount implements SimulatedAccount {
  readonly accountId: string;
  readonly region: string;
  readonly #world: World;
  readonly #clients: ClientOperations;
  readonly #metricErrors: MetricErrors | undefined;
  readonly #functions: readonly SimulatedFunction[];
  readonly #mappings: readonly SimulatedMapping[];
  readonly #logGroups: ReadonlyMap<string, FunctionLogGroup>;

  constructor(world: World, parts: AccountParts, baseUrl: string, metricErrors?: MetricErrors) {
    this.#world = world;
    this.#metricErrors = metricErrors;
    this.accountId = world.accountId;
    this.region = world.region;
    this.#clients = new ClientOperations(world, baseUrl);
    this.#functions = parts.functions.map((fn) => fn.configuration);
    this.#mappings = parts.mappings.map((mapping) => mapping.configuration);
    this.#logGroups = new Map(
      parts.functions.map((fn) => [fn.configuration.logGroup, new FunctionLogGroup(world, fn)]),
    );
    this.#observe(0);
  }

  /** Once a minute the queues' zeros and retention, twice a minute their gauges. */
  #observe(timeMs: number): void {
    const { clock } = this.#world;
    clock.at(timeMs, () => {
      for (const queue of this.#world.queues.values()) {
        if (timeMs % MINUTE_MS === 0) {
          queue.expire();
          queue.metrics.startMinute();
        }
        queue.metrics.sampleGauges();
      }
      this.#observe(timeMs + MINUTE_MS / 2);
    });
  }

  /** Where the queue URLs point from now on; older URLs go on working. */
  setBaseUrl(url: string): void {
    this.#clients.baseUrl = url.replace(/\/$/, "");
  }

  nowMs(): number {
    return this.#world.clock.epochMs(this.#world.clock.nowMs);
  }

  advanceTo(timeMs: number): void {
    this.#world.clock.runUntil(Math.floor(timeMs - this.#world.clock.originMs));
  }

  queues(): readonly SimulatedQueue[] {
    return this.#clients.ownQueues().map((queue) => this.#clients.describe(queue));
  }

  mappings(): readonly SimulatedMapping[] {
    return this.#mappings;
  }

  functions(): readonly SimulatedFunction[] {
    return this.#functions;
  }

  logGroups(): readonly SimulatedLogGroup[] {
    return [...this.#logGroups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  *metrics(): Iterable<MetricId> {
    yield* this.#world.metrics.ids();
    for (const LogGroupName of this.#logGroups.keys()) {
      for (const metricName of LOG_METRICS) {
        yield { namespace: "AWS/Logs", metricName, dimensions: { LogGroupName } };
      }
    }
  }

  metricPoints(id: MetricId, startMs: number, endMs: number): readonly MetricPoint[] {
    if (id.namespace === "AWS/Logs") {
      const metric = LOG_METRICS.find((name) => name === id.metricName);
      const group = this.#logGroups.get(id.dimensions["LogGroupName"] ?? "");
      const known = metric !== undefined && group !== undefined && Object.keys(id.dimensions).length === 1;
      return known ? group.incoming(metric, startMs, endMs) : [];
    }
    const { originMs } = this.#world.clock;
    const points = this.#world.metrics.find(id)?.between(originMs, startMs, endMs) ?? [];
    return this.#metricErrors === undefined
      ? points
      : withErrors(points, id, this.#metricErrors, this.#world.seed, this.nowMs());
  }

  sendMessage(queueUrl: string, options: SendOptions): { messageId: string; sequenceNumber?: string } {
    return this.#clients.send(queueUrl, options);
  }

  receiveMessage(
    queueUrl: string,
    options: { max: number; visibilityTimeoutSeconds?: number },
  ): ReceivedMessage[] {
    return this.#clients.receive(queueUrl, options);
  }

  deleteMessage(queueUrl: string, receiptHandle: string): void {
    this.#clients.delete(queueUrl, receiptHandle);
  }

  changeVisibility(queueUrl: string, receiptHandle: string, visibilityTimeoutSeconds: number): void {
    this.#clients.changeVisibility(queueUrl, receiptHandle, visibilityTimeoutSeconds);
  }

  setAttributes(queueUrl: string, attributes: QueueAttributes): void {
    this.#clients.setAttributes(queueUrl, attributes);
  }

  tagQueue(queueUrl: string, tags: Record<string, string>): void {
    Object.assign(this.#clients.queueAt(queueUrl).tags, tags);
  }

  untagQueue(queueUrl: string, keys: readonly string[]): void {
    const queue = this.#clients.queueAt(queueUrl);
    for (const key of keys) delete queue.tags[key];
  }

  createQueue(name: string, attributes: QueueAttributes, tags: Record<string, string>): SimulatedQueue {
    return this.#clients.describe(this.#clients.create(name, attributes, tags));
  }

  purgeQueue(queueUrl: string): void {
    this.#clients.purge(queueUrl);
  }

  deleteQueue(queueUrl: string): void {
    this.#clients.deleteQueue(queueUrl);
  }
}
