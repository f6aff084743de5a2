// All observations of one asynchronous path → the runs of its events after the first, by cause. The same request id
// again is Lambda's own doing: its queue retries what failed, and now and then runs again what did not. The same event
// under another request id was handed over again by its source.
import type { AsyncMeasurement, AsyncPath, EventSource } from "../../model/async-path.ts";
import type { AsyncDeliveries, LogCoverage } from "../../model/delivery.ts";
import type { Unreadable } from "../../model/delivery-path.ts";
import { joinDeliveries, type SeenDelivery } from "../deliveries.ts";
import { getOrCreate } from "../get-or-create.ts";
import {
  isFailure,
  knownEndMs,
  knownStartMs,
  type LogObservations,
  mayStillRun,
  type ObservedInvocation,
} from "../observations.ts";
import { Tally } from "../tally.ts";
import { type Classified, classifyHandedAgain, classifyRunAgain, type RunContext } from "./classify-runs.ts";
import { splitEventKey } from "./event-ids.ts";

export interface CorrelateAsyncInput {
  readonly path: AsyncPath;
  readonly measurement: AsyncMeasurement;
  /** Of the function, where its logs were read, with events for messages. */
  readonly observations: readonly LogObservations[];
  readonly bytesScanned: number;
  /** True when rows were cut off. */
  readonly truncated: boolean;
  readonly unreadable: readonly Unreadable[];
}

/** Requests under one event id: more are no event's deliveries, whatever the id is. */
const MAX_REQUESTS_PER_EVENT = 5;
/** A larger share of event ids handed over again is a wiring, not an accident. */
const MAX_SHARED_SHARE = 0.5;

/** One request id with all its runs, in order of start. */
interface Request {
  readonly runs: readonly ObservedInvocation[];
}

/**
 * Classifies every run that starts inside the measurement's window; what was read from before it only serves to know
 * earlier runs.
 */
export function correlateAsyncPath(input: CorrelateAsyncInput): AsyncDeliveries {
  const { path, measurement, observations } = input;
  const { startMs } = measurement.window;
  const { invocations } = joinDeliveries(observations);
  const context = runContext(input, invocations);
  const requests = requestsOf(invocations);
  const tally = new Tally();
  for (const [requestId, { runs }] of requests) {
    runs.forEach((later, index) => {
      const earlier = runs.slice(0, index);
      if (earlier.length === 0 || knownStartMs(later) < startMs) return;
      add(tally, requestId, runs, classifyRunAgain(earlier, later, context));
    });
  }
  const notes = tallyEvents(tally, requests, input, context);
  return {
    functionArn: path.functionArn,
    coverage: coverage(input, invocations),
    causes: tally.counts(),
    examples: tally.examples(),
    unreadable: [...input.unreadable],
    ...(notes.length > 0 && { notes }),
  };
}

function runContext(
  { path, measurement }: CorrelateAsyncInput,
  invocations: readonly ObservedInvocation[],
): RunContext {
  const { startMs } = measurement.window;
  const ends = {
    functionTimeoutMs: (path.function?.timeoutSeconds ?? 0) * 1000,
    readUntilMs: invocations.reduce((latest, run) => Math.max(latest, knownEndMs(run)), 0),
  };
  // A lost REPORT accounts for no error: it may be of a success, and the failure one without a status.
  const accountedFor = invocations.filter(
    (run) =>
      knownStartMs(run) >= startMs &&
      (isFailure(run) || mayStillRun(run, ends.functionTimeoutMs, ends.readUntilMs)),
  );
  return { ...ends, hiddenErrors: (measurement.totals.errors ?? 0) > accountedFor.length };
}

function requestsOf(invocations: readonly ObservedInvocation[]): Map<string, Request> {
  const requests = new Map<string, { readonly runs: ObservedInvocation[] }>();
  for (const run of invocations) getOrCreate(requests, run.requestId, () => ({ runs: [] })).runs.push(run);
  return requests;
}

/** @returns what was seen and not counted as proof, in words. */
function tallyEvents(
  tally: Tally,
  requests: ReadonlyMap<string, Request>,
  { path, measurement }: CorrelateAsyncInput,
  context: RunContext,
): string[] {
  const events = new Map<string, Request[]>();
  for (const request of requests.values()) {
    const keys = new Set(request.runs.flatMap(({ messages }) => messages.map(({ messageId }) => messageId)));
    for (const key of keys) getOrCreate(events, key, () => []).push(request);
  }
  const shared = [...events].filter(([, of]) => of.length > 1);
  const wired = shared.length > events.size * MAX_SHARED_SHARE;
  const wide = shared.filter(([, of]) => of.length > MAX_REQUESTS_PER_EVENT);
  for (const [key, of] of shared) {
    if (of.length > MAX_REQUESTS_PER_EVENT) continue;
    const { kind, id } = splitEventKey(key);
    const once = !wired && comesOnce(path, kind);
    of.forEach(({ runs }, index) => {
      const [first] = runs;
      const earlier = of.slice(0, index).flatMap((request) => request.runs);
      if (first === undefined || earlier.length === 0) return;
      if (knownStartMs(first) < measurement.window.startMs) return;
      const all = of.flatMap((request) => request.runs);
      add(tally, id, all, classifyHandedAgain(earlier, context, once));
    });
  }
  return [
    ...(wired
      ? [
          `${shared.length} of ${events.size} event ids came in several requests: the function is probably wired to their source twice`,
        ]
      : []),
    ...(wide.length > 0
      ? [`${wide.length} event ids are no proof: more than ${MAX_REQUESTS_PER_EVENT} requests share each`]
      : []),
  ];
}

/**
 * True where an event can only come again because its source delivered it again: the function is its target once.
 * Two rules of EventBridge may match one event, and so may a rule with a wildcard stand for several.
 */
function comesOnce({ targets }: AsyncPath, kind: string): boolean {
  const [target, ...others] = targets;
  if (target === undefined || others.length > 0) return false;
  const sources = target.eventSources.filter((source: EventSource) => source.kind === kind);
  if (kind !== "eventbridge") return sources.length > 0;
  const [rule] = sources;
  return sources.length === 1 && rule?.arn !== undefined && !rule.arn.includes("*");
}

function add(
  tally: Tally,
  key: string,
  runs: readonly ObservedInvocation[],
  classified: Classified | null,
): void {
  if (classified === null) return;
  tally.add({
    cause: classified.cause,
    key,
    redeliveries: 1,
    duplicates: classified.duplicate ? 1 : 0,
    deliveries: runs.toSorted((a, b) => knownStartMs(a) - knownStartMs(b)).map((run) => asDelivery(key, run)),
    clarity: 0,
  });
}

function asDelivery(messageId: string, invocation: ObservedInvocation): SeenDelivery {
  return { messageId, invocation, receiveCount: null };
}

function coverage(
  { measurement, observations, bytesScanned, truncated }: CorrelateAsyncInput,
  invocations: readonly ObservedInvocation[],
): LogCoverage {
  const inWindow = invocations.filter((run) => knownStartMs(run) >= measurement.window.startMs);
  const named = inWindow.some(({ messages }) => messages.length > 0);
  return {
    logged: observations.length === 0 ? "not-read" : named ? "ids" : "nothing",
    invocations: inWindow.length,
    messages: new Set(inWindow.map(({ requestId }) => requestId)).size,
    deliveries: inWindow.length,
    maxReceiveCount: null,
    bytesScanned,
    truncated,
  };
}
