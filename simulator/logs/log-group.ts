// A function's log group. Lines are rendered from the invocations whenever somebody reads, never stored.
import type { LogEvent, MetricPoint, SimulatedLogGroup } from "../account.ts";
import type { LambdaFunction } from "../engine/function.ts";
import { hexId } from "../engine/ids.ts";
import { hash32 } from "../engine/random.ts";
import type { Environment, Invocation } from "../engine/records.ts";
import type { World } from "../engine/world.ts";
import { renderInvocation } from "./render-invocation.ts";

const MINUTE_MS = 60_000;
/** Longest initialisation before START, see LambdaFunction. */
const MAX_INIT_MS = 10_000;
const MAX_RUN_MS = 900_000;
/** Invocations rendered before what is certain is handed on. */
const CHUNK = 256;
/** CloudWatch Logs adds this to every event when it counts bytes. */
const EVENT_OVERHEAD_BYTES = 26;

function streamName(world: World, fn: LambdaFunction, environment: Environment): string {
  const day = new Date(world.clock.epochMs(environment.createdMs)).toISOString().slice(0, 10);
  return `${day.replaceAll("-", "/")}/[${fn.version}]${hexId(world.seed, "environment", environment.index)}`;
}

export class FunctionLogGroup implements SimulatedLogGroup {
  readonly name: string;
  readonly arn: string;
  readonly creationMs: number;
  readonly #world: World;
  readonly #fn: LambdaFunction;

  constructor(world: World, fn: LambdaFunction) {
    this.#world = world;
    this.#fn = fn;
    this.name = fn.configuration.logGroup;
    this.arn = `arn:aws:logs:${world.region}:${world.accountId}:log-group:${this.name}`;
    this.creationMs = world.clock.originMs - 90 * 24 * 3_600_000;
  }

  *events(startMs: number, endMs: number, logStream?: string): Iterable<LogEvent> {
    // What has not happened yet has not been written yet.
    const untilMs = Math.min(endMs, this.#world.clock.epochMs(this.#world.clock.nowMs) + 1);
    let waiting: LogEvent[] = [];
    let rendered = 0;
    for (const invocation of this.#between(startMs, untilMs)) {
      const name = streamName(this.#world, this.#fn, invocation.environment);
      if (logStream !== undefined && name !== logStream) continue;
      if (rendered % CHUNK === 0) {
        // Nothing that begins later can write before this moment.
        const certainMs = this.#world.clock.epochMs(invocation.startMs) - MAX_INIT_MS;
        waiting.sort((a, b) => a.timestampMs - b.timestampMs);
        const certain = waiting.findIndex((event) => event.timestampMs >= certainMs);
        yield* waiting.splice(0, certain === -1 ? waiting.length : certain);
      }
      rendered += 1;
      for (const event of this.#eventsOf(invocation, name)) {
        if (event.timestampMs >= startMs && event.timestampMs < untilMs) waiting.push(event);
      }
    }
    // The sort is stable: lines of one millisecond stay in the order of their stream.
    waiting.sort((a, b) => a.timestampMs - b.timestampMs);
    yield* waiting;
    waiting = [];
  }

  streams(): readonly { readonly name: string; readonly firstMs: number; readonly lastMs: number }[] {
    const { clock } = this.#world;
    const found = new Map<Environment, { name: string; firstMs: number; lastMs: number }>();
    for (const { environment, startMs, initMs, endMs } of this.#fn.invocations) {
      const lastMs = clock.epochMs(Math.min(endMs, clock.nowMs));
      const known = found.get(environment);
      if (known !== undefined) known.lastMs = lastMs;
      else {
        const name = streamName(this.#world, this.#fn, environment);
        found.set(environment, { name, firstMs: clock.epochMs(startMs - initMs), lastMs });
      }
    }
    return [...found.values()];
  }

  /** An estimate from the latest invocations: AWS's own figure lags behind by hours. */
  storedBytes(): number {
    const { invocations } = this.#fn;
    const latest = invocations.slice(-100);
    if (latest.length === 0) return 0;
    let bytes = 0;
    for (const invocation of latest) {
      for (const event of this.#eventsOf(invocation, "")) bytes += sizeOf(event.message);
    }
    return Math.round((bytes / latest.length) * invocations.length);
  }

  /** AWS/Logs IncomingBytes or IncomingLogEvents, rendered for the minutes asked for. */
  incoming(metric: "IncomingBytes" | "IncomingLogEvents", startMs: number, endMs: number): MetricPoint[] {
    const fromMs = Math.ceil(startMs / MINUTE_MS) * MINUTE_MS;
    const minutes = new Map<number, { sum: number; min: number; max: number; sampleCount: number }>();
    for (const event of this.events(fromMs, Math.ceil(endMs / MINUTE_MS) * MINUTE_MS)) {
      const minuteStartMs = Math.floor(event.timestampMs / MINUTE_MS) * MINUTE_MS;
      const value = metric === "IncomingBytes" ? sizeOf(event.message) : 1;
      const point = minutes.get(minuteStartMs);
      if (point === undefined) {
        minutes.set(minuteStartMs, { sum: value, min: value, max: value, sampleCount: 1 });
        continue;
      }
      point.sum += value;
      point.min = Math.min(point.min, value);
      point.max = Math.max(point.max, value);
      point.sampleCount += 1;
    }
    return [...minutes].map(([minuteStartMs, point]) => ({ minuteStartMs, ...point }));
  }

  *#between(startMs: number, endMs: number): Iterable<Invocation> {
    const { originMs } = this.#world.clock;
    const { invocations } = this.#fn;
    const firstMs = startMs - originMs - MAX_RUN_MS - MAX_INIT_MS;
    let low = 0;
    let high = invocations.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((invocations[middle]?.startMs ?? 0) < firstMs) low = middle + 1;
      else high = middle;
    }
    for (let position = low; position < invocations.length; position++) {
      const invocation = invocations[position];
      if (invocation === undefined || invocation.startMs - MAX_INIT_MS > endMs - originMs) return;
      if (invocation.endMs + originMs >= startMs) yield invocation;
    }
  }

  *#eventsOf(invocation: Invocation, logStream: string): Iterable<LogEvent> {
    const lagMs = 400 + (hash32(this.#world.seed, invocation.requestIndex) % 4_000);
    for (const { timestampMs, message } of renderInvocation(this.#world, invocation)) {
      yield { timestampMs, ingestionMs: timestampMs + lagMs, logStream, message };
    }
  }
}

function sizeOf(message: string): number {
  return Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
}
