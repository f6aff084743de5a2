// Log events in order of time, one JSON object a line, written as they are made: the input of all contestants.
import { appendFileSync, closeSync, openSync } from "node:fs";
import FlatQueue from "flatqueue";
import { CONSUMERS } from "./consumers.ts";
import { logGroup, renderRun } from "./render.ts";
import { traffic } from "./traffic.ts";

/** 2026-11-23T06:00:00Z. */
export const START_MS = Date.UTC(2026, 10, 23, 6);
const FLUSH_LENGTH = 1 << 20;
/** Initialisation is logged this long before the start at most. */
const MAX_INIT_MS = 1000;

/** One log event as the file holds it. */
export interface FileLine {
  readonly logGroup: string;
  readonly logStream: string;
  readonly timestampMs: number;
  readonly message: string;
}

/** What is in the file, by construction. */
export interface Generated {
  readonly events: number;
  readonly bytes: number;
  readonly invocations: number;
  /** Distinct messages. */
  readonly messages: number;
  readonly deliveries: number;
  /** Messages that were in more than one invocation. */
  readonly redelivered: number;
}

/** What to write. */
export interface Wanted {
  /** At least so many: what has begun by then is written to its end. */
  readonly events: number;
  readonly seed: number;
  /** Further lines without any id for each record. */
  readonly chatter: number;
}

function* linesOf(
  wanted: Wanted,
  seen: (run: { readonly batch: readonly { readonly receiveCount: number }[] }) => void,
): Generator<FileLine> {
  const waiting = new FlatQueue<FileLine>();
  let planned = 0;
  const until = function* (ms: number): Generator<FileLine> {
    for (;;) {
      const first = waiting.peekValue();
      if (first === undefined || first >= ms - START_MS) return;
      const line = waiting.pop();
      if (line !== undefined) yield line;
    }
  };
  const { seed, chatter } = wanted;
  const consumers = CONSUMERS.map((one) => ({ ...one, stepsPerRecord: one.stepsPerRecord + chatter }));
  for (const run of traffic(consumers, seed, START_MS)) {
    yield* until(run.startMs - MAX_INIT_MS);
    if (planned >= wanted.events) break;
    seen(run);
    for (const [position, { timestampMs, message }] of renderRun(seed, run).entries()) {
      const { consumer, logStream } = run;
      const line = { logGroup: logGroup(consumer), logStream, timestampMs, message };
      // Lines of one millisecond stay in the order of their stream; epoch ms have no digits left for it.
      waiting.push(line, timestampMs - START_MS + position / 1000);
      planned += 1;
    }
  }
  yield* until(Number.POSITIVE_INFINITY);
}

/** Writes the file. */
export function generate(path: string, wanted: Wanted): Generated {
  const totals = { events: 0, bytes: 0, invocations: 0, messages: 0, deliveries: 0, redelivered: 0 };
  const file = openSync(path, "w");
  let text = "";
  const flush = () => {
    appendFileSync(file, text);
    totals.bytes += Buffer.byteLength(text);
    text = "";
  };
  try {
    const lines = linesOf(wanted, ({ batch }) => {
      totals.invocations += 1;
      totals.deliveries += batch.length;
      totals.messages += batch.filter(({ receiveCount }) => receiveCount === 1).length;
      totals.redelivered += batch.filter(({ receiveCount }) => receiveCount === 2).length;
    });
    for (const line of lines) {
      totals.events += 1;
      text += `${JSON.stringify(line)}\n`;
      if (text.length >= FLUSH_LENGTH) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
  return totals;
}
