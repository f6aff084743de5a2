// Which log groups to query, over which time, within the bytes granted.
import { activeFunctions } from "../detect/consumers.ts";
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

/** Log groups of the path's polling functions, each once. */
function logGroupsOf(path: DeliveryPath): string[] {
  return [...new Set(activeFunctions(path).map((consumer) => consumer.logGroup))];
}

/**
 * The window, begun earlier by the longest time after which a message comes back by itself (visibility timeout +
 * function timeout), so that the first delivery of a redelivery at the window's start is seen too. At most an hour
 * and at most the window's own length, because each minute costs bytes.
 */
export function readWindow(path: DeliveryPath, window: Window): Window {
  const functionTimeouts = activeFunctions(path).map((consumer) => consumer.timeoutSeconds);
  const seconds = (path.settings?.visibilityTimeoutSeconds ?? 0) + Math.max(0, ...functionTimeouts);
  const leadMs = Math.ceil((seconds * 1000) / MINUTE_MS) * MINUTE_MS;
  const allowedMs = Math.min(MAX_LEAD_MS, window.endMs - window.startMs);
  return { startMs: window.startMs - Math.min(leadMs, allowedMs), endMs: window.endMs };
}

/** Logs Insights scans a whole group over the query's time whatever the filter, so bytes grow with the lead. */
function estimatedBytes(candidate: Candidate, path: DeliveryPath, window: Window): number {
  const read = readWindow(path, window);
  const stretch = (read.endMs - read.startMs) / (window.endMs - window.startMs);
  return Math.ceil((candidate.logBytes ?? ASSUMED_LOG_BYTES) * stretch);
}

/**
 * Takes the candidates in order while they fit. A log group is read once, however many paths share it; a path
 * whose groups are all read already costs nothing more.
 */
export function planQueries(
  candidates: readonly Candidate[],
  paths: readonly DeliveryPath[],
  window: Window,
  granted: ByteShares,
): QueryPlan & { readonly bytes: ByteShares } {
  const reads = new Map<string, { window: Window; paths: number[] }>();
  const overBudget: Candidate[] = [];
  const used = { urgent: 0, routine: 0 };
  for (const candidate of candidates) {
    const path = paths[candidate.index];
    if (path === undefined) continue;
    const groups = logGroupsOf(path);
    const share = candidate.kind === "routine" ? "routine" : "urgent";
    const bytes = groups.every((group) => reads.has(group)) ? 0 : estimatedBytes(candidate, path, window);
    if (used[share] + bytes > granted[share]) {
      overBudget.push(candidate);
      continue;
    }
    used[share] += bytes;
    const own = readWindow(path, window);
    for (const group of groups) {
      const read = reads.get(group) ?? { window: own, paths: [] };
      read.paths.push(candidate.index);
      read.window = { startMs: Math.min(read.window.startMs, own.startMs), endMs: own.endMs };
      reads.set(group, read);
    }
  }
  return { reads: [...reads].map(([logGroup, read]) => ({ logGroup, ...read })), overBudget, bytes: used };
}
