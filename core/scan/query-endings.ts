// How the log queries of a batch end: complete, failed, split into smaller ones, or given up after three minutes.
import { TransientError } from "../errors.ts";
import type { LogsPort, QueryStatus } from "../ports.ts";
import type { PlannedQuery, StartedQuery } from "./documents.ts";
import { isShared, singly } from "./split-query.ts";
import { asUnreadable } from "./unreadable.ts";

/** How long the workflow waits between two looks. @see statemachine/scan.asl.json, state WaitForQueries */
export const POLL_INTERVAL_MS = 3_000;
/** A batch has five minutes (an EXPRESS child); three for the queries leave two to measure and to diagnose. */
export const QUERY_PATIENCE_MS = 180_000;
/** Of the patience: a query of several log groups that runs longer is held up by one of them, or ends singly too. */
const SHARED_PATIENCE = 0.5;

/** The look on which what still runs is given up, for a workflow that waits `pollIntervalMs` before each. */
export function lastAttempt(pollIntervalMs: number): number {
  return Math.ceil(QUERY_PATIENCE_MS / pollIntervalMs);
}

/** How far the patience with the queries is used up. */
export type Patience = "plenty" | "half" | "none";

/** By the looks, or by the clock: looks that read many rows take longer than the wait between two. */
export function patienceLeft(attempt: number, lastLook: number, waitedMs: number): Patience {
  const used = Math.max(attempt / lastLook, waitedMs / QUERY_PATIENCE_MS);
  if (used >= 1) return "none";
  return used >= SHARED_PATIENCE ? "half" : "plenty";
}

export type Ending =
  | Extract<QueryStatus, { readonly state: "complete" }>
  | { readonly state: "failed"; readonly reason: string };

export type Look =
  | Ending
  | { readonly state: "running" }
  /** Its log groups are asked singly instead. */
  | { readonly state: "split"; readonly into: readonly PlannedQuery[] };

/**
 * How a query is doing. One of several log groups is split, once, when it fails, when it runs for too long, when its
 * rows do not fit, and when they do not tell their log groups.
 */
export async function lookAt(logs: LogsPort, query: StartedQuery, patience: Patience): Promise<Look> {
  const isLast = patience === "none";
  if ("failure" in query) return { state: "failed", reason: query.failure };
  if ("waitingFor" in query) {
    return isLast
      ? { state: "failed", reason: `no log query could be started: ${query.waitingFor}` }
      : { state: "running" };
  }
  const maySplit = isShared(query) && !isLast;
  const status = await statusOf(logs, query);
  switch (status.state) {
    case "unknown":
      return { state: "failed", reason: status.reason };
    case "failed":
      return maySplit ? { state: "split", into: singly(query) } : status;
    case "complete":
      return maySplit && status.rows >= query.limit
        ? { state: "split", into: singly(query, status.bytesScanned) }
        : status;
    case "running":
      if (maySplit && patience === "half") {
        await stop(logs, query);
        return { state: "split", into: singly(query) };
      }
      return isLast ? giveUp(logs, query) : status;
  }
}

type Running = Extract<StartedQuery, { readonly queryId: string }>;

async function statusOf(
  logs: LogsPort,
  { queryId, window }: Running,
): Promise<QueryStatus | { readonly state: "unknown"; readonly reason: string }> {
  try {
    return await logs.queryStatus(queryId, window);
  } catch (error) {
    // A throttled question says nothing about the query: ask again next time.
    if (error instanceof TransientError) return { state: "running" };
    return { state: "unknown", reason: asUnreadable(error, queryId).reason };
  }
}

/** That it could not be stopped changes nothing for us. */
async function stop(logs: LogsPort, { queryId }: Running): Promise<void> {
  try {
    await logs.stopQuery(queryId);
  } catch (error) {
    asUnreadable(error, queryId);
  }
}

/** Ends a query that took too long. */
async function giveUp(logs: LogsPort, query: Running): Promise<Ending> {
  await stop(logs, query);
  return {
    state: "failed",
    reason: `the log query did not end within ${QUERY_PATIENCE_MS / 60_000} minutes`,
  };
}
