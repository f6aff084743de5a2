// What ten consumers do with their queues, invocation by invocation in order of start: batches of ten, of which a
// few outlast the visibility timeout or fail, so that their records come again. Nothing is kept but what still runs.
import FlatQueue from "flatqueue";
import { hexId } from "../../simulator/engine/ids.ts";
import { Random } from "../../simulator/engine/random.ts";
import type { Consumer } from "./consumers.ts";

export const BATCH_SIZE = 10;
export const VISIBILITY_TIMEOUT_MS = 30_000;
export const FUNCTION_TIMEOUT_MS = 60_000;
/** Execution environments of one function that run side by side. */
const ENVIRONMENTS = 4;
/** An environment is replaced after about so many invocations. */
const INVOCATIONS_PER_ENVIRONMENT = 400;
const MEDIAN_DURATION_MS = 4000;
const DURATION_SIGMA = 0.5;
const INIT_MS = 600;

/** One message, as often as it is received. */
export interface Message {
  readonly index: number;
  readonly receiveCount: number;
  readonly firstReceivedMs: number;
}

/** One invocation. Times are epoch ms. */
export interface Run {
  readonly index: number;
  readonly consumer: Consumer;
  readonly logStream: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 = warm. */
  readonly initMs: number;
  readonly outcome: "success" | "error";
  readonly batch: readonly Message[];
}

interface Environment {
  readonly desk: Desk;
  /** 0 = none yet. */
  logStream: string;
  cold: boolean;
}

/** One consumer with the messages that will be visible again. */
interface Desk {
  readonly consumer: Consumer;
  readonly returning: { readonly visibleMs: number; readonly message: Message }[];
}

/** Endless; the same seed gives the same runs. */
export function* traffic(consumers: readonly Consumer[], seed: number, startMs: number): Generator<Run> {
  const random = new Random(seed);
  const next = new FlatQueue<Environment>();
  for (const consumer of consumers) {
    const desk: Desk = { consumer, returning: [] };
    for (let i = 0; i < ENVIRONMENTS; i++) {
      next.push({ desk, logStream: "", cold: true }, startMs + random.integer(0, MEDIAN_DURATION_MS));
    }
  }
  let streams = 0;
  let messages = 0;
  for (let index = 0; ; index++) {
    const atMs = next.peekValue() ?? startMs;
    const environment = next.pop();
    if (environment === undefined) return;
    const { desk } = environment;
    if (environment.cold) environment.logStream = streamName(seed, atMs, streams++);
    const again = takeVisible(desk, atMs);
    const fresh = Array.from({ length: BATCH_SIZE - again.length }, () => ({
      index: messages++,
      receiveCount: 1,
      firstReceivedMs: atMs,
    }));
    const run = decide(random, desk, again.length > 0, {
      index,
      logStream: environment.logStream,
      startMs: atMs,
      initMs: environment.cold ? INIT_MS : 0,
      batch: [...again, ...fresh],
    });
    environment.cold = random.chance(1 / INVOCATIONS_PER_ENVIRONMENT);
    next.push(environment, run.endMs + random.integer(5, 200) + (environment.cold ? INIT_MS : 0));
    yield run;
  }
}

/**
 * How long it takes and how it ends. A batch with records that came again always succeeds in time: so each message
 * has one cause, and the answers of all contestants can be compared.
 */
function decide(
  random: Random,
  { consumer, returning }: Desk,
  hasReturned: boolean,
  run: Omit<Run, "consumer" | "endMs" | "outcome">,
): Run {
  const slow = random.chance(consumer.slowShare) && !hasReturned;
  const fails = random.chance(consumer.failShare) && !hasReturned && !slow;
  const quickMs = Math.min(
    VISIBILITY_TIMEOUT_MS - 5000,
    random.lognormal(MEDIAN_DURATION_MS, DURATION_SIGMA),
  );
  const durationMs = slow
    ? random.integer(VISIBILITY_TIMEOUT_MS + 10_000, FUNCTION_TIMEOUT_MS - 5000)
    : quickMs;
  if (slow || fails) {
    const visibleMs = run.startMs + VISIBILITY_TIMEOUT_MS;
    for (const message of run.batch) {
      returning.push({ visibleMs, message: { ...message, receiveCount: message.receiveCount + 1 } });
    }
  }
  return {
    ...run,
    consumer,
    endMs: run.startMs + Math.round(durationMs),
    outcome: fails ? "error" : "success",
  };
}

/** At most one batch of the messages whose visibility timeout has passed. */
function takeVisible({ returning }: Desk, atMs: number): Message[] {
  const waiting = returning.findIndex(({ visibleMs }) => visibleMs > atMs);
  const visible = waiting === -1 ? returning.length : waiting;
  return returning.splice(0, Math.min(visible, BATCH_SIZE)).map(({ message }) => message);
}

function streamName(seed: number, atMs: number, index: number): string {
  const day = new Date(atMs).toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${hexId(seed, "environment", index)}`;
}
