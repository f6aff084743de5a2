import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError, TransientError, UnreadableError } from "../../../core/errors.ts";
import type { Candidate, CandidateKind, Discovery } from "../../../core/scan/documents.ts";
import { startQueries } from "../../../core/scan/start-queries.ts";
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

async function prepare(candidates: readonly Candidate[], world: World = { logs }, batches = ["0001"]) {
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
    NAMES.map((name) => deliveryPath(name)),
  );
  await put("candidates/0001", candidates);
  return ports;
}

const read = (ports: FakePorts, key: string) => ports.ledger.getDocument(SCAN.scanId, key);

describe("startQueries", () => {
  test("starts one query a log group, a little before the window, with the row limit", async () => {
    const ports = await prepare([candidate("a", "suspect", 1e6), candidate("b", "routine", 1e6)]);
    expect(await startQueries(ports, SETTINGS, BATCH)).toEqual({ queries: 2 });
    expect(ports.started.map((query) => query.logGroup)).toEqual([
      "/aws/lambda/a-worker",
      "/aws/lambda/b-worker",
    ]);
    expect(ports.started[0]).toMatchObject({
      limit: SETTINGS.maxLogRows,
      query: expect.stringContaining("@message"),
      window: { endMs: SCAN.window.endMs },
    });
    expect(ports.started[0]?.window.startMs).toBeLessThan(SCAN.window.startMs);
    expect(await read(ports, "queries/0001")).toMatchObject({
      started: [
        { queryId: "query:/aws/lambda/a-worker", paths: [0] },
        { queryId: "query:/aws/lambda/b-worker", paths: [1] },
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

  test.each([
    {
      error: new UnreadableError("/aws/lambda/a-worker", "logs:StartQuery is not allowed"),
      noted: { failure: "logs:StartQuery is not allowed" },
    },
    { error: new TransientError("too many queries run"), noted: { waitingFor: "too many queries run" } },
  ])(
    "a query that cannot be started is noted, and the rest starts (I9): $error.name",
    async ({ error, noted }) => {
      const world = { logs: { ...logs, "/aws/lambda/a-worker": error } };
      const ports = await prepare([candidate("a", "suspect", 1), candidate("b", "suspect", 1)], world);
      expect(await startQueries(ports, SETTINGS, BATCH)).toEqual({ queries: 2 });
      const queries = (await read(ports, "queries/0001")) as { started: object[] };
      expect(queries.started).toMatchObject([
        { logGroup: "/aws/lambda/a-worker", ...noted },
        { queryId: "query:/aws/lambda/b-worker" },
      ]);
      expect(queries.started[0]).not.toHaveProperty("queryId");
    },
  );

  test("stops when the account itself cannot be read", async () => {
    const error = new AccountUnreadableError("expired");
    const ports = await prepare([candidate("a", "suspect", 1)], { logs: { "/aws/lambda/a-worker": error } });
    await expect(startQueries(ports, SETTINGS, BATCH)).rejects.toBe(error);
  });
});
