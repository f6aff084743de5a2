// Which log groups to query, over which time, within the bytes granted.
import { activeFunctions } from "../detect/consumers.ts";
import type { AsyncPath } from "../model/async-path.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { Window } from "../model/measurement.ts";
import type { Candidate } from "./documents.ts";

const MINUTE_MS = 60_000;
/** An earlier delivery longer ago than this is not looked for: it would cost more than it could prove. */
const MAX_LEAD_MS = 60 * MINUTE_MS;

/** Taken for a log group whose size no metric tells, so that the budget still bounds what is read. */
export const ASSUMED_LOG_BYTES = 250e6;

export interface LogRead {
  readonly logGroup: string;
  readonly window: Window;
  /** Indexes of the paths that share the query. */
  readonly paths: readonly number[];
}

export interface QueryPlan {
  readonly reads: readonly LogRead[];
  /** Candidates that did not fit into the bytes granted. */
  readonly overBudget: readonly Candidate[];
}

/** Bytes for candidates whose numbers or history call for a look, and for mere routine looks. */
export interface ByteShares {
  readonly urgent: number;
  readonly routine: number;
}

/** What of the logs a path needs. */
export interface LogNeed {
  /** Each once. */
  readonly logGroups: readonly string[];
  /** How long before a redelivery the first delivery may lie, in seconds. */
  readonly leadSeconds: number;
}

/** Logs of the polling functions. A message comes back by itself within visibility timeout + function timeout. */
export function logNeedOf(path: DeliveryPath): LogNeed {
  const functions = activeFunctions(path);
  const functionTimeouts = functions.map((consumer) => consumer.timeoutSeconds);
  return {
    logGroups: [...new Set(functions.map((consumer) => consumer.logGroup))],
    leadSeconds: (path.settings?.visibilityTimeoutSeconds ?? 0) + Math.max(0, ...functionTimeouts),
  };
}

/** Lambda waits a minute before the second try and two before the third. */
const ASYNC_RETRY_SECONDS = 180;

/** Logs of the one function. The third and last try begins after two runs and two waits. */
export function asyncLogNeedOf({ function: consumer }: AsyncPath): LogNeed {
  if (consumer === undefined) return { logGroups: [], leadSeconds: 0 };
  return {
    logGroups: [consumer.logGroup],
    leadSeconds: ASYNC_RETRY_SECONDS + 2 * consumer.timeoutSeconds,
  };
}

/**
 * The window, begun earlier, so that the first delivery of a redelivery at the window's start is seen too. At most an
 * hour and at most the window's own length, because each minute costs bytes.
 */
export function readWindow({ leadSeconds }: LogNeed, window: Window): Window {
  const leadMs = Math.ceil((leadSeconds * 1000) / MINUTE_MS) * MINUTE_MS;
  const allowedMs = Math.min(MAX_LEAD_MS, window.endMs - window.startMs);
  return { startMs: window.startMs - Math.min(leadMs, allowedMs), endMs: window.endMs };
}

/** Logs Insights scans a whole group over the query's time whatever the filter, so bytes grow with the lead. */
function estimatedBytes(candidate: Candidate, need: LogNeed, window: Window): number {
  const read = readWindow(need, window);
  const stretch = (read.endMs - read.startMs) / (window.endMs - window.startMs);
  return Math.ceil((candidate.logBytes ?? ASSUMED_LOG_BYTES) * stretch);
}

/**
 * Takes the candidates in order while they fit; `needs` are those of all paths of the batch. A log group is read once, however many paths share it; a path
 * whose groups are all read already costs nothing more.
 */
export function planQueries(
  candidates: readonly Candidate[],
  needs: readonly LogNeed[],
  window: Window,
  granted: ByteShares,
): QueryPlan & { readonly bytes: ByteShares } {
  const reads = new Map<string, { window: Window; paths: number[] }>();
  const overBudget: Candidate[] = [];
  const used = { urgent: 0, routine: 0 };
  for (const candidate of candidates) {
    const need = needs[candidate.index];
    if (need === undefined) continue;
    const groups = need.logGroups;
    const share = candidate.kind === "routine" ? "routine" : "urgent";
    const bytes = groups.every((group) => reads.has(group)) ? 0 : estimatedBytes(candidate, need, window);
    if (used[share] + bytes > granted[share]) {
      overBudget.push(candidate);
      continue;
    }
    used[share] += bytes;
    const own = readWindow(need, window);
    for (const group of groups) {
      const read = reads.get(group) ?? { window: own, paths: [] };
      read.paths.push(candidate.index);
      read.window = { startMs: Math.min(read.window.startMs, own.startMs), endMs: own.endMs };
      reads.set(group, read);
    }
  }
  return { reads: [...reads].map(([logGroup, read]) => ({ logGroup, ...read })), overBudget, bytes: used };
}
