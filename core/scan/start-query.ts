// Starts one log query, or says why it does not run yet or never will.
import { buildLogQuery } from "../correlate/log-query.ts";
import { TransientError } from "../errors.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { LogsPort } from "../ports.ts";
import type { PlannedQuery, StartedQuery } from "./documents.ts";
import { asUnreadable } from "./unreadable.ts";

/** @throws what makes the whole account unreadable. */
export async function startQuery(
  logs: LogsPort,
  settings: ScanSettings,
  { logGroup, paths, limit, window }: PlannedQuery,
): Promise<StartedQuery> {
  const planned = { logGroup, paths, limit, window };
  const { query } = buildLogQuery(settings);
  try {
    return { ...planned, queryId: await logs.startQuery({ logGroup, window, query, limit }) };
  } catch (error) {
    if (error instanceof TransientError) return { ...planned, waitingFor: error.message };
    return { ...planned, failure: asUnreadable(error, logGroup).reason };
  }
}
