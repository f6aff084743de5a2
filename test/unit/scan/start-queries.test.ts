import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError, TransientError, UnreadableError } from "../../../core/errors.ts";
import type {
  Candidate,
  CandidateKind,
  Discovery,
  Queries,
  StartedQuery,
} from "../../../core/scan/documents.ts";
import { startQueries } from "../../../core/scan/start-queries.ts";
import { startWaiting } from "../../../core/scan/start-query.ts";
import {
  ACCOUNT,
  BATCH,
  createFakePorts,
  deliveryPath,
  type FakePorts,
  queueArn,
  REGION,
  SCAN,
  SETTINGS,
  type World,
} from "../../support/scan-fakes.ts";

const NAMES = ["a", "b", "c"];
const ended = { status: { state: "complete", bytesScanned: 0, rows: 0 } } as const;
const logs = Object.fromEntries(NAMES.map((name) => [`/aws/lambda/${name}-worker`, ended]));

const candidate = (name: string, kind: CandidateKind, logBytes: number): Candidate => ({
  index: NAMES.indexOf(name),
  arn: queueArn(name),
  kind,
  logBytes,
});

async function prepare(
  candidates: readonly Candidate[],
  world: World = { logs },
  batches = ["0001"],
  names: readonly string[] = NAMES,
) {
  const ports = createFakePorts(world);
  const discovery: Discovery = {
    account: ACCOUNT,
    region: REGION,
    batches,
    paths: 3,
    excludedQueues: 0,
    sharedFunctions: [],
    unreadable: [],
  };
  const put = (key: string, value: unknown) => ports.ledger.putDocument(SCAN.scanId, key, value);
  await put("discovery", discovery);
  await put(
    "batch/0001",
    names.map((name) => deliveryPath(name)),
  );
  await put("candidates/0001", candidates);
  return ports;
}

const read = (ports: FakePorts, key: string) => ports.ledger.getDocument(SCAN.scanId, key);

describe("startQueries", () => {
  test("starts one query for small log groups, a little before the window, with the row limit", async () => {
    const ports = await prepare([
      candidate("a", "suspect", 1e6),
      candidate("b", "routine", 1e6),
      candidate("c", "routine", 1e7),
    ]);
    expect(await startQueries(ports, SETTINGS, BATCH)).toEqual({ queries: 2 });
    expect(ports.started.map((query) => query.logGroups)).toEqual([
      ["/aws/lambda/a-worker", "/aws/lambda/b-worker"],
      ["/aws/lambda/c-worker"],
    ]);
    expect(ports.started[0]).toMatchObject({
      limit: SETTINGS.maxLogRows,
      query: expect.stringContaining("@message"),
      window: { endMs: SCAN.window.endMs },
    });
    expect(ports.started[0]?.window.startMs).toBeLessThan(SCAN.window.startMs);
    expect(await read(ports, "queries/0001")).toMatchObject({
      startedAtMs: ports.nowMs(),
      started: [
        {
          queryId: "query:/aws/lambda/a-worker /aws/lambda/b-worker",
          groups: [{ paths: [0] }, { paths: [1] }],
        },
        { queryId: "query:/aws/lambda/c-worker", groups: [{ paths: [2] }] },
      ],
      leftOut: [],
    });
  });

  test("a repeat starts nothing again (I6)", async () => {
    const ports = await prepare([candidate("a", "suspect", 1e6)]);
    const first = await startQueries(ports, SETTINGS, BATCH);
    expect(await startQueries(ports, SETTINGS, BATCH)).toEqual(first);
    expect(ports.started).toHaveLength(1);
  });

  test("a suspect over the budget is listed as unreadable, with the budget (I8)", async () => {
    const ports = await prepare([candidate("a", "suspect", 9e9), candidate("b", "suspect", 1e6)]);
    expect(await startQueries(ports, SETTINGS, BATCH)).toEqual({ queries: 1 });
    const reason = "logs not read: over the byte budget of 5 GB";
    expect(await read(ports, "queries/0001")).toMatchObject({ leftOut: [{ index: 0, reason }] });
    expect(await read(ports, "deliveries/0001/0")).toMatchObject({
      coverage: { logged: "not-read" },
      unreadable: [{ resource: queueArn("a"), reason }],
    });
  });

  test("a routine look over its share is left out, and that is no unreadable thing", async () => {
    const ports = await prepare([candidate("a", "suspect", 1e6), candidate("b", "routine", 2e9)]);
    expect(await startQueries(ports, SETTINGS, BATCH)).toEqual({ queries: 1 });
    expect(await read(ports, "queries/0001")).toMatchObject({ leftOut: [{ index: 1 }] });
    expect(await read(ports, "deliveries/0001/1")).toBeUndefined();
  });

  test("a batch takes no more of the routine share than its part", async () => {
    const wish = [candidate("a", "routine", 6e8)];
    const alone = await prepare(wish);
    expect(await startQueries(alone, SETTINGS, BATCH)).toEqual({ queries: 1 });
    const oneOfTwo = await prepare(wish, { logs }, ["0001", "0002"]);
    expect(await startQueries(oneOfTwo, SETTINGS, BATCH)).toEqual({ queries: 0 });
  });

  test("bytes that another batch has taken are gone", async () => {
    const ports = await prepare([candidate("a", "suspect", 1e9)]);
    await ports.ledger.reserve(SCAN.scanId, "0002", 3.5e9, 4e9);
    expect(await startQueries(ports, SETTINGS, BATCH)).toEqual({ queries: 0 });
  });

  test("with a budget of nothing it starts nothing", async () => {
    const ports = await prepare([candidate("a", "suspect", 1e3)]);
    expect(await startQueries(ports, { ...SETTINGS, maxLogBytes: 0 }, BATCH)).toEqual({ queries: 0 });
  });

  const logGroup = (name: string) => `/aws/lambda/${name}-worker`;
  const startedQueries = async (ports: FakePorts) => ((await read(ports, "queries/0001")) as Queries).started;

  test.each([
    {
      error: new UnreadableError(logGroup("a"), "logs:StartQuery is not allowed"),
      noted: { failure: "logs:StartQuery is not allowed" },
    },
    { error: new TransientError("too many queries run"), noted: { waitingFor: "too many queries run" } },
  ])(
    "a query that cannot be started is noted, and the rest starts (I9): $error.name",
    async ({ error, noted }) => {
      const world = { logs: { ...logs, [logGroup("a")]: error } };
      const ports = await prepare([candidate("a", "suspect", 1e7), candidate("b", "suspect", 1)], world);
      expect(await startQueries(ports, SETTINGS, BATCH)).toEqual({ queries: 2 });
      const started = await startedQueries(ports);
      expect(started).toMatchObject([
        { groups: [{ logGroup: logGroup("a") }], ...noted },
        { queryId: `query:${logGroup("b")}` },
      ]);
      expect(started[0]).not.toHaveProperty("queryId");
    },
  );

  describe("I9: a log group that cannot be read stops none that shares its query", () => {
    const names = Array.from({ length: 50 }, (_, index) => `q${index}`);
    const started = async (refused: readonly string[]) => {
      const unreadable = (name: string) => new UnreadableError("all of them", `no ${name}`);
      const ports = await prepare(
        names.map((name, index) => ({ index, arn: queueArn(name), kind: "suspect", logBytes: 1000 })),
        {
          logs: Object.fromEntries(
            names.map((name) => [logGroup(name), refused.includes(name) ? unreadable(name) : ended]),
          ),
        },
        ["0001"],
        names,
      );
      const looks: StartedQuery[][] = [];
      await startQueries(ports, SETTINGS, BATCH);
      let queries = await startedQueries(ports);
      looks.push(queries);
      for (let look = 0; look < 5; look += 1) {
        queries = await startWaiting(ports.logs, SETTINGS, queries);
        looks.push(queries);
      }
      const calls = ports.log.filter((call) => call.startsWith("logs.startQuery")).length;
      return { queries, calls, looks };
    };
    const groupsOf = (queries: readonly StartedQuery[], key: "queryId" | "failure" | "waitingFor") =>
      queries.flatMap((query) => (key in query ? query.groups.map((group) => group.logGroup) : []));

    test.each([
      { refused: [], calls: 1 },
      { refused: ["q11"], calls: 1 + 7 + 8 },
      { refused: ["q11", "q12"], calls: 1 + 7 + 8 },
      { refused: ["q0", "q49"], calls: 1 + 7 + 8 + 2 },
      { refused: names, calls: 1 + 7 + 50 },
    ])("$refused of fifty takes $calls calls", async ({ refused, calls }) => {
      const { queries, calls: made } = await started(refused);
      expect(groupsOf(queries, "failure").toSorted()).toEqual(refused.map(logGroup).toSorted());
      expect(groupsOf(queries, "queryId").toSorted()).toEqual(
        names
          .filter((name) => !refused.includes(name))
          .map(logGroup)
          .toSorted(),
      );
      expect(made).toBe(calls);
      for (const query of queries) {
        if ("failure" in query)
          expect(query).toMatchObject({ groups: [{ logGroup: logGroup(query.failure.slice(3)) }] });
      }
    });

    test("one invocation makes twenty calls; what is left waits for the next", async () => {
      const { looks } = await started(names);
      // Of the first twenty calls four are of several log groups.
      expect(looks.map((queries) => groupsOf(queries, "failure").length)).toEqual([16, 34, 50, 50, 50, 50]);
      for (const queries of looks) {
        expect(queries.flatMap((query) => query.groups)).toHaveLength(50);
      }
    });
  });

  test("stops when the account itself cannot be read", async () => {
    const error = new AccountUnreadableError("expired");
    const ports = await prepare([candidate("a", "suspect", 1)], { logs: { "/aws/lambda/a-worker": error } });
    await expect(startQueries(ports, SETTINGS, BATCH)).rejects.toBe(error);
  });
});
