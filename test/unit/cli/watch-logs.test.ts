import { describe, expect, test } from "@jest/globals";
import { untilInterrupted } from "../../../cli/interrupt.ts";
import { type LogUse, watchLogs } from "../../../cli/watch-logs.ts";
import type { LogQuery, LogsPort, QueryStatus } from "../../../core/ports.ts";
import { fakeIo } from "../../support/fake-io.ts";

async function* noRows() {}
const complete = (bytesScanned: number): QueryStatus => ({
  state: "complete",
  bytesScanned,
  rows: 0,
  pages: noRows(),
});
const QUERY: LogQuery = { logGroups: ["g"], window: { startMs: 0, endMs: 60_000 }, query: "q", limit: 10 };

function fakeLogs(statuses: Readonly<Record<string, QueryStatus>> = {}) {
  const stopped: string[] = [];
  let started = 0;
  const logs: LogsPort = {
    startQuery: () => Promise.resolve(`query-${++started}`),
    queryStatus: (id) => Promise.resolve(statuses[id] ?? { state: "running" }),
    stopQuery: (id) => Promise.resolve(void stopped.push(id)),
  };
  return { logs, stopped };
}

describe("watched logs", () => {
  test("tells how many queries run and how much was read", async () => {
    const { logs } = fakeLogs({
      "query-1": complete(700),
      "query-2": { state: "failed", reason: "no" },
    });
    const told: LogUse[] = [];
    const watched = watchLogs(logs, (use) => told.push(use));
    await watched.startQuery(QUERY);
    await watched.startQuery(QUERY);
    for (const id of ["query-1", "query-1", "query-2"]) await watched.queryStatus(id);
    expect(told).toEqual([
      { running: 1, bytesScanned: 0 },
      { running: 2, bytesScanned: 0 },
      { running: 1, bytesScanned: 700 },
      { running: 0, bytesScanned: 700 },
    ]);
  });

  test("stops what still runs, and only that", async () => {
    const { logs, stopped } = fakeLogs({ "query-1": complete(1) });
    const watched = watchLogs(logs);
    for (let n = 0; n < 3; n += 1) await watched.startQuery(QUERY);
    await watched.queryStatus("query-1");
    await watched.stopQuery("query-2");
    expect(await watched.stopAll()).toBe(1);
    expect(stopped).toEqual(["query-2", "query-3"]);
  });

  test("a query that is just being started is stopped too, and none is started afterwards", async () => {
    const { logs, stopped } = fakeLogs();
    const watched = watchLogs(logs);
    const starting = watched.startQuery(QUERY);
    expect(await watched.stopAll()).toBe(1);
    expect(stopped).toEqual([await starting]);
    await expect(watched.startQuery(QUERY)).rejects.toThrow("interrupted");
  });

  test("a query that cannot be stopped is not said to be", async () => {
    const { logs } = fakeLogs();
    const watched = watchLogs({ ...logs, stopQuery: () => Promise.reject(new Error("denied")) });
    await watched.startQuery(QUERY);
    expect(await watched.stopAll()).toBe(0);
  });
});

describe("interruption", () => {
  test("work that ends in time gives its value", async () => {
    expect(await untilInterrupted(fakeIo(), Promise.resolve(7))).toEqual({ interrupted: false, value: 7 });
  });

  test("Ctrl-C ends the waiting, and a later failure of the work disturbs nobody", async () => {
    const io = fakeIo();
    const { promise, reject } = Promise.withResolvers<number>();
    const outcome = untilInterrupted(io, promise);
    io.interrupt();
    expect(await outcome).toEqual({ interrupted: true });
    reject(new Error("too late"));
  });

  test("a failure before that is passed on", async () => {
    await expect(untilInterrupted(fakeIo(), Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });
});
