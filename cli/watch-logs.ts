// Knows which log queries run, so that Ctrl-C leaves none behind: they cost money and count against the account's
// limit of concurrent queries.
import type { LogQuery, LogsPort } from "../core/ports.ts";

export interface LogUse {
  /** Queries that run now. */
  readonly running: number;
  readonly bytesScanned: number;
}

export interface WatchedLogs extends LogsPort {
  /** Stops every running query and refuses new ones. @returns how many were stopped. */
  stopAll(): Promise<number>;
}

/** @param onChange told after every change of what runs and what was read. */
export function watchLogs(logs: LogsPort, onChange: (use: LogUse) => void = () => {}): WatchedLogs {
  const running = new Set<string>();
  const starting = new Set<Promise<string>>();
  let bytesScanned = 0;
  let stopped = false;
  const tell = () => onChange({ running: running.size, bytesScanned });

  async function startQuery(query: LogQuery): Promise<string> {
    if (stopped) throw new Error("interrupted");
    const start = logs.startQuery(query);
    starting.add(start);
    try {
      const queryId = await start;
      running.add(queryId);
      tell();
      return queryId;
    } finally {
      starting.delete(start);
    }
  }

  return {
    startQuery,
    queryStatus: async (queryId, window) => {
      const status = await logs.queryStatus(queryId, window);
      if (status.state !== "running" && running.delete(queryId)) {
        if (status.state === "complete") bytesScanned += status.bytesScanned;
        tell();
      }
      return status;
    },
    stopQuery: async (queryId) => {
      await logs.stopQuery(queryId);
      if (running.delete(queryId)) tell();
    },
    stopAll: async () => {
      stopped = true;
      await Promise.allSettled(starting);
      const results = await Promise.allSettled([...running].map((queryId) => logs.stopQuery(queryId)));
      return results.filter(({ status }) => status === "fulfilled").length;
    },
  };
}
