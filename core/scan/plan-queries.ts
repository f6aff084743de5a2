// Which log groups to query, over which time, within the bytes granted.
import { activeFunctions } from "../detect/consumers.ts";
import type { AsyncPath } from "../model/async-path.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { Window } from "../model/measurement.ts";
import type { Candidate } from "./documents.ts";
import { type GroupRead, type PackedQuery, packQueries } from "./pack-queries.ts";

const MINUTE_MS = 60_000;
/**
 * How much earlier a query may begin. Few steps, because only log groups that are read over the same time can share a
 * query. An earlier delivery longer ago than the last is not looked for: it would cost more than it could prove.
 */
const LEADS_MS = [1, 5, 15, 30, 60].map((minutes) => minutes * MINUTE_MS);

/** Taken for a log group whose size no metric tells, so that the budget still bounds what is read. */
export const ASSUMED_LOG_BYTES = 250e6;

export interface QueryPlan {
  readonly queries: readonly PackedQuery[];
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
  const leadMs = LEADS_MS.find((step) => step >= leadSeconds * 1000) ?? Math.max(...LEADS_MS);
  return { startMs: window.startMs - Math.min(leadMs, lengthMs(window)), endMs: window.endMs };
}

function lengthMs({ startMs, endMs }: Window): number {
  return endMs - startMs;
}

/** Of a candidate's log groups in that time. Its bytes are those of the measured window. */
function bytesIn(candidate: Candidate, readMs: number, window: Window): number {
  return Math.ceil(((candidate.logBytes ?? ASSUMED_LOG_BYTES) * readMs) / lengthMs(window));
}

/**
 * Takes the candidates in order while they fit; `needs` are those of all paths of the batch. Logs Insights scans a whole
 * group over the query's time whatever the filter. A log group is read once, however many paths share it; a path whose
 * groups are all read already pays only for the time by which it begins earlier.
 * @param maxRows of one query.
 */
export function planQueries(
  candidates: readonly Candidate[],
  needs: readonly LogNeed[],
  window: Window,
  granted: ByteShares,
  maxRows: number,
): QueryPlan & { readonly bytes: ByteShares } {
  const reads = new Map<string, GroupRead>();
  const overBudget: Candidate[] = [];
  const used = { urgent: 0, routine: 0 };
  for (const candidate of candidates) {
    const need = needs[candidate.index];
    if (need === undefined) continue;
    const share = candidate.kind === "routine" ? "routine" : "urgent";
    const own = readWindow(need, window);
    const known = need.logGroups.map((group) => reads.get(group)?.window);
    const paidMs = Math.min(...known.map((paid) => (paid === undefined ? 0 : lengthMs(paid))));
    const bytes = bytesIn(candidate, Math.max(0, lengthMs(own) - paidMs), window);
    if (used[share] + bytes > granted[share]) {
      overBudget.push(candidate);
      continue;
    }
    used[share] += bytes;
    const most = candidate.logBytes === null ? null : bytesIn(candidate, lengthMs(own), window);
    for (const logGroup of need.logGroups) {
      reads.set(
        logGroup,
        shared(reads.get(logGroup), { logGroup, window: own, paths: [candidate.index], most }),
      );
    }
  }
  return { queries: packQueries([...reads.values()], maxRows), overBudget, bytes: used };
}

/** One read for both paths. Each path's bytes are those of all its groups, so the smaller number is nearer. */
function shared(before: GroupRead | undefined, more: GroupRead): GroupRead {
  if (before === undefined) return more;
  const { window, paths, most } = before;
  const startMs = Math.min(window.startMs, more.window.startMs);
  const bounds = [most, more.most].filter((bound) => bound !== null);
  return {
    logGroup: before.logGroup,
    window: { startMs, endMs: window.endMs },
    paths: [...paths, ...more.paths],
    most: bounds.length === 0 ? null : Math.min(...bounds),
  };
}
