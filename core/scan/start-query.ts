// Starts log queries, or says why one does not run yet or never will.
import { buildLogQuery } from "../correlate/log-query.ts";
import { TransientError } from "../errors.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { LogsPort } from "../ports.ts";
import type { PlannedQuery, StartedQuery } from "./documents.ts";
import { inParts, isShared, logGroupsOf } from "./split-query.ts";
import { asUnreadable } from "./unreadable.ts";

/** That one invocation makes: a share of the account's quota, and a Lambda has a minute for them. */
const MOST_CALLS = 20;
export const ITS_TURN = "others were started first";

/** True where AWS had no room for it. */
export function wasRefused(query: StartedQuery): boolean {
  return "waitingFor" in query && query.waitingFor !== ITS_TURN;
}

/**
 * In order, as many as one invocation can; the others wait for the next. A log group that cannot be read is split off
 * from those that can.
 * @throws what makes the whole account unreadable.
 */
export async function startQueriesInTurn(
  logs: LogsPort,
  settings: ScanSettings,
  queries: readonly PlannedQuery[],
): Promise<StartedQuery[]> {
  const { query: text } = buildLogQuery(settings);
  const started: StartedQuery[] = [];
  const left = [...queries];
  let calls = 0;
  for (let query = left.shift(); query !== undefined; query = left.shift()) {
    const { groups, limit, window } = query;
    const planned = { groups, limit, window };
    if (calls === MOST_CALLS) {
      started.push({ ...planned, waitingFor: ITS_TURN });
      continue;
    }
    calls += 1;
    try {
      const logGroups = logGroupsOf(planned);
      started.push({ ...planned, queryId: await logs.startQuery({ logGroups, window, query: text, limit }) });
    } catch (error) {
      if (error instanceof TransientError) started.push({ ...planned, waitingFor: error.message });
      else {
        const { reason } = asUnreadable(error, groups[0]?.logGroup ?? "");
        if (isShared(planned)) left.unshift(...inParts(planned));
        else started.push({ ...planned, failure: reason });
      }
    }
  }
  return started;
}

/** The same with another try to start those that wait; the very same where none does. */
export async function startWaiting(
  logs: LogsPort,
  settings: ScanSettings,
  started: StartedQuery[],
): Promise<StartedQuery[]> {
  const isWaiting = (query: StartedQuery) => "waitingFor" in query;
  const waiting = started.filter(isWaiting);
  if (waiting.length === 0) return started;
  const rest = started.filter((query) => !isWaiting(query));
  return [...rest, ...(await startQueriesInTurn(logs, settings, waiting))];
}
