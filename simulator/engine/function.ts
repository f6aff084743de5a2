// One Lambda function: its environments (one invocation at a time each), how long and how well it works,
// what it has run, and its AWS/Lambda metrics, stamped in the minute in which the invocation starts.
import type { SimulatedFunction } from "../account.ts";
import type { LogStyle } from "../logs/style.ts";
import type { AsyncEvent } from "./async-events.ts";
import type { MinuteSeries } from "./metrics.ts";
import type { Random } from "./random.ts";
import type { Delivery, Environment, Invocation } from "./records.ts";
import type { World } from "./world.ts";

/** What the function does with an invocation. Durations in ms. */
export interface Work {
  readonly medianMs: number;
  /** Standard deviation of the logarithm of the duration. @default 0.3 */
  readonly sigma?: number;
  /** Added for every record of the batch. @default 0 */
  readonly perRecordMs?: number;
  /** A share of invocations takes between minMs and maxMs, since an engine time. */
  readonly slow?: {
    readonly share: number;
    readonly minMs: number;
    readonly maxMs: number;
    readonly sinceMs: number;
  };
  /** Share of invocations that fail as a whole. */
  readonly errorShare?: number;
  /** Share of invocations that never answer and time out. */
  readonly hangShare?: number;
  /** Every invocation fails from one engine time to another. */
  readonly outage?: { readonly fromMs: number; readonly toMs: number };
  /** No concurrency is left for it in the account, for `lengthMs` out of every `everyMs`. */
  readonly starved?: { readonly everyMs: number; readonly lengthMs: number };
  /** It does the work, then reports every record as failed: "not mine". */
  readonly handsBack?: boolean;
  /** @default 350 */
  readonly initMedianMs?: number;
}

export interface FunctionOptions {
  readonly configuration: SimulatedFunction;
  /** Version or alias part of its log streams, e.g. $LATEST. */
  readonly version: string;
  readonly work: Work;
  readonly logStyle: LogStyle;
  readonly random: Random;
  /** Alias or version that asynchronous events are sent to. @default none: the function itself */
  readonly asyncQualifier?: string;
}

const ENVIRONMENT_IDLE_MS = 12 * 60_000;
const ENVIRONMENT_LIFE_MS = 3 * 3_600_000;

export class LambdaFunction {
  readonly configuration: SimulatedFunction;
  readonly version: string;
  readonly logStyle: LogStyle;
  /** In order of their beginning (initialisation included). */
  readonly invocations: Invocation[] = [];
  /** Set by its mapping: it answers with batchItemFailures, so a bad record does not fail the batch. */
  reportsItemFailures = false;
  readonly #world: World;
  readonly #work: Work;
  readonly #random: Random;
  readonly #idle: Environment[] = [];
  #active = 0;
  readonly #metrics: Readonly<
    Record<"invocations" | "errors" | "throttles" | "duration" | "concurrent", MinuteSeries>
  >;
  /** By function, and by the alias, version or function that the events were sent to. */
  readonly #asyncEvents: readonly MinuteSeries[];
  readonly #asyncDropped: MinuteSeries;

  constructor(world: World, options: FunctionOptions) {
    this.#world = world;
    this.configuration = options.configuration;
    this.version = options.version;
    this.logStyle = options.logStyle;
    this.#work = options.work;
    this.#random = options.random;
    const series = (name: string, keepSamples = false): MinuteSeries =>
      world.metrics.series("AWS/Lambda", name, { FunctionName: this.name }, keepSamples);
    this.#metrics = {
      invocations: series("Invocations"),
      errors: series("Errors"),
      throttles: series("Throttles"),
      duration: series("Duration", true),
      concurrent: series("ConcurrentExecutions"),
    };
    const qualifier = options.asyncQualifier;
    const Resource = qualifier === undefined ? this.name : `${this.name}:${qualifier}`;
    this.#asyncEvents = [
      series("AsyncEventsReceived"),
      world.metrics.series("AWS/Lambda", "AsyncEventsReceived", { FunctionName: this.name, Resource }),
    ];
    this.#asyncDropped = series("AsyncEventsDropped");
  }

  get name(): string {
    return this.configuration.name;
  }

  /** An asynchronous event was accepted; retries are not counted again. */
  acceptAsyncEvent(): void {
    for (const series of this.#asyncEvents) series.record(this.#world.clock.nowMs, 1);
  }

  /** Lambda gave an asynchronous event up: every try of it failed. */
  dropAsyncEvent(): void {
    this.#asyncDropped.record(this.#world.clock.nowMs, 1);
  }

  /**
   * Starts an invocation, or counts a throttle and returns undefined.
   * @param onEnd called at its end.
   * @param requestIndex of the first attempt, for an async retry.
   */
  invoke(
    trigger: Invocation["trigger"],
    deliveries: readonly Delivery[],
    onEnd: (invocation: Invocation) => void,
    options: {
      readonly requestIndex?: number;
      readonly errorShare?: number;
      readonly event?: AsyncEvent;
    } = {},
  ): Invocation | undefined {
    const { clock } = this.#world;
    if (!this.#hasCapacity()) {
      this.#metrics.throttles.record(clock.nowMs, 1);
      return undefined;
    }
    const { environment, initMs } = this.#environment();
    const startMs = clock.nowMs + initMs;
    const run = this.#run(startMs, trigger, deliveries, options.errorShare);
    const invocation: Invocation = {
      requestIndex: options.requestIndex ?? this.#world.nextIndex("request"),
      fn: this,
      environment,
      trigger,
      startMs,
      endMs: startMs + run.durationMs,
      initMs,
      outcome: run.outcome,
      deliveries,
      ...(options.event === undefined ? {} : { event: options.event }),
    };
    this.#active += 1;
    this.invocations.push(invocation);
    this.#metrics.concurrent.record(clock.nowMs, this.#active);
    clock.at(invocation.endMs, () => {
      this.#end(invocation);
      onEnd(invocation);
    });
    return invocation;
  }

  #hasCapacity(): boolean {
    const { starved } = this.#work;
    if (starved !== undefined) {
      // The scarce time lies at the end of every period, so that a run does not begin with it.
      if (this.#world.clock.nowMs % starved.everyMs >= starved.everyMs - starved.lengthMs) return false;
    }
    return this.#active < (this.configuration.reservedConcurrency ?? 1000);
  }

  /** The environment used last, as Lambda prefers; a new one costs a cold start. */
  #environment(): { environment: Environment; initMs: number } {
    const nowMs = this.#world.clock.nowMs;
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      const tired =
        nowMs - idle.lastUsedMs > ENVIRONMENT_IDLE_MS || nowMs - idle.createdMs > ENVIRONMENT_LIFE_MS;
      if (!tired) return { environment: idle, initMs: idle.broken ? this.#initMs() : 0 };
      // Those below it in the stack have been idle for longer still.
      if (nowMs - idle.lastUsedMs > ENVIRONMENT_IDLE_MS) this.#idle.length = 0;
    }
    const environment: Environment = {
      index: this.#world.nextIndex("environment"),
      createdMs: nowMs,
      lastUsedMs: nowMs,
      broken: false,
    };
    return { environment, initMs: this.#initMs() };
  }

  #initMs(): number {
    return Math.min(9_000, Math.round(this.#random.lognormal(this.#work.initMedianMs ?? 350, 0.25)));
  }

  #run(
    startMs: number,
    trigger: Invocation["trigger"],
    deliveries: readonly Delivery[],
    errorShare?: number,
  ): { durationMs: number; outcome: Invocation["outcome"] } {
    const work = this.#work;
    const random = this.#random;
    const timeoutMs = this.configuration.timeoutSeconds * 1000;
    const durationMs = this.#durationMs(startMs, trigger, deliveries.length);
    if (durationMs >= timeoutMs || (trigger === "queue" && random.chance(work.hangShare ?? 0))) {
      return { durationMs: timeoutMs, outcome: "timeout" };
    }
    const { outage } = work;
    const down = outage !== undefined && startMs >= outage.fromMs && startMs < outage.toMs;
    if (down || random.chance(errorShare ?? work.errorShare ?? 0)) {
      return {
        durationMs: Math.max(1, Math.round(durationMs * (0.2 + 0.8 * random.next()))),
        outcome: "error",
      };
    }
    return { durationMs, outcome: this.#recordsFail(deliveries) ? "error" : "success" };
  }

  #durationMs(startMs: number, trigger: Invocation["trigger"], records: number): number {
    const { medianMs, sigma = 0.3, perRecordMs = 0, slow } = this.#work;
    const usualMs = this.#random.lognormal(medianMs, sigma) + perRecordMs * records;
    const isSlow =
      slow !== undefined && trigger === "queue" && startMs >= slow.sinceMs && this.#random.chance(slow.share);
    const ms = isSlow ? slow.minMs + this.#random.next() * (slow.maxMs - slow.minMs) : usualMs;
    return Math.max(1, Math.round(ms));
  }

  /** Without partial batch responses, one bad record fails the invocation. */
  #recordsFail(deliveries: readonly Delivery[]): boolean {
    const bad = deliveries.filter((delivery) => delivery.message.failuresLeft > 0);
    for (const delivery of bad) {
      delivery.message.failuresLeft -= 1;
      delivery.fault = "own";
    }
    if (this.#work.handsBack === true) {
      for (const delivery of deliveries) delivery.fault = "handed-back";
    }
    return bad.length > 0 && !this.reportsItemFailures;
  }

  #end(invocation: Invocation): void {
    this.#active -= 1;
    const { environment, startMs, endMs } = invocation;
    environment.lastUsedMs = endMs;
    environment.broken = invocation.outcome === "timeout";
    this.#idle.push(environment);
    this.#metrics.invocations.record(startMs, 1);
    this.#metrics.errors.record(startMs, invocation.outcome === "success" ? 0 : 1);
    this.#metrics.throttles.record(startMs, 0);
    this.#metrics.duration.record(startMs, endMs - startMs);
  }
}
