// How the log queries of a batch end: complete, failed, or given up after three minutes.
import { TransientError } from "../errors.ts";
import type { LogsPort, QueryStatus } from "../ports.ts";
import type { StartedQuery } from "./documents.ts";
import { asUnreadable } from "./unreadable.ts";

/** How long the workflow waits between two looks. @see statemachine/scan.asl.json, state WaitForQueries */
export const POLL_INTERVAL_MS = 10_000;
/** A batch has five minutes (an EXPRESS child); three for the queries leave two to read and to diagnose. */
export const QUERY_PATIENCE_MS = 180_000;
/** The try on which what still runs is given up, for a workflow that looks every `pollIntervalMs`. */
export function lastAttempt(pollIntervalMs: number): number {
  return Math.ceil(QUERY_PATIENCE_MS / pollIntervalMs);
}

export type Ending =
  | {
      readonly state: "complete";
      readonly queryId: string;
      readonly bytesScanned: number;
      readonly rows: number;
    }
  | { readonly state: "failed"; readonly reason: string };

export type EndedQuery = StartedQuery & { readonly ending: Ending };

/** How a query ended; undefined while it runs. */
export async function endingOf(
  logs: LogsPort,
  query: StartedQuery,
  isLast: boolean,
): Promise<Ending | undefined> {
  if ("failure" in query) return { state: "failed", reason: query.failure };
  if ("waitingFor" in query) {
    return isLast
      ? { state: "failed", reason: `no log query could be started: ${query.waitingFor}` }
      : undefined;
  }
  const status = await statusOf(logs, query.logGroup, query.queryId);
  if (status.state === "complete") return { ...status, queryId: query.queryId };
  if (status.state === "failed") return status;
  return isLast ? giveUp(logs, query.logGroup, query.queryId) : undefined;
}

async function statusOf(logs: LogsPort, logGroup: string, queryId: string): Promise<QueryStatus> {
  try {
    return await logs.queryStatus(queryId);
  } catch (error) {
    // A throttled question says nothing about the query: ask again next time.
    if (error instanceof TransientError) return { state: "running" };
    return { state: "failed", reason: asUnreadable(error, logGroup).reason };
  }
}

/** Ends a query that took too long. That it could not even be stopped changes nothing for us. */
async function giveUp(logs: LogsPort, logGroup: string, queryId: string): Promise<Ending> {
  try {
    await logs.stopQuery(queryId);
  } catch (error) {
    asUnreadable(error, logGroup);
  }
  return {
    state: "failed",
    reason: `the log query did not end within ${QUERY_PATIENCE_MS / 60_000} minutes`,
  };
}
