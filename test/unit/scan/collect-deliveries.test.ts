import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError, TransientError, UnreadableError } from "../../../core/errors.ts";
import type { PathDeliveries } from "../../../core/model/delivery.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import type { LogLine } from "../../../core/ports.ts";
import { collectDeliveries } from "../../../core/scan/collect-deliveries.ts";
import type { Discovery, Queries, StartedQuery } from "../../../core/scan/documents.ts";
import { mayBelongTo } from "../../../core/scan/log-stream.ts";
import { lastAttempt, POLL_INTERVAL_MS, QUERY_PATIENCE_MS } from "../../../core/scan/query-endings.ts";
import { measurement } from "../../support/measurements.ts";
import {
  ACCOUNT,
  BATCH,
  consumer,
  createFakePorts,
  deliveryPath,
  type FakePorts,
  type FakeStatus,
  functionArn,
  mapping,
  queueSettings,
  REGION,
  SCAN,
  SETTINGS,
  type World,
} from "../../support/scan-fakes.ts";

/** Sixty, at one look every three seconds. */
const LAST_LOOK = lastAttempt(POLL_INTERVAL_MS);
const HALF = LAST_LOOK / 2;

const running: FakeStatus = { state: "running" };
const complete = (rows = 0, bytesScanned = 1000): FakeStatus => ({ state: "complete", rows, bytesScanned });

const MESSAGE = "059f36b4-87a3-44ab-83d2-661975830a7d";
const requestIds = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const at = (iso: string) => Date.parse(`2026-11-23T${iso}Z`);

/** One invocation of five seconds that logs the message it was given. */
function invocation(requestId: string, startMs: number, logStream: string): LogLine[] {
  const line = (offsetMs: number, message: string) => ({
    timestampMs: startMs + offsetMs,
    logStream,
    message,
  });
  const record = {
    messageId: MESSAGE,
    receiptHandle: "AQEB",
    attributes: { ApproximateReceiveCount: "1" },
    eventSource: "aws:sqs",
  };
  return [
    line(0, `START RequestId: ${requestId} Version: $LATEST`),
    line(
      10,
      `${new Date(startMs + 10).toISOString()}\t${requestId}\tINFO\t${JSON.stringify({ Records: [record] })}`,
    ),
    line(5000, `END RequestId: ${requestId}`),
    line(
      5000,
      `REPORT RequestId: ${requestId}\tDuration: 5000.00 ms\tBilled Duration: 5000 ms\tMemory Size: 128 MB\tMax Memory Used: 70 MB`,
    ),
  ];
}

/** The same message begun twice, the second while the first still runs. */
const overlapping = requestIds.flatMap((id, index) =>
  invocation(id, at("16:00:00") + index * 2000, `2026/11/23/[$LATEST]env${index}`),
);

/** Its visibility timeout ends while the invocations above still run. */
const impatient = deliveryPath("a", { settings: queueSettings("a", { visibilityTimeoutSeconds: 2 }) });

const logGroup = (name: string) => `/aws/lambda/${name}`;

/** Of log groups, each with the paths that need it and its expected size. */
function queryOf(
  groups: Readonly<Record<string, { readonly paths: readonly number[]; readonly bytes?: number }>>,
  limit = 100_000,
): StartedQuery {
  const named = Object.entries(groups);
  return {
    queryId: `query:${named.map(([name]) => logGroup(name)).join(" ")}`,
    groups: named.map(([name, { paths, bytes = 1 }]) => ({
      logGroup: logGroup(name),
      paths: [...paths],
      bytes,
      bytesReadBefore: 0,
    })),
    limit,
    window: SCAN.window,
  };
}

const query = (name: string, paths: readonly number[], limit?: number) =>
  queryOf({ [name]: { paths } }, limit);

/** The same query, not started. */
function unstarted(started: StartedQuery) {
  const { groups, limit, window } = started;
  return { groups, limit, window };
}

async function prepare(
  started: readonly StartedQuery[],
  world: World,
  paths: readonly DeliveryPath[] = [impatient],
  sharedFunctions: readonly string[] = [],
): Promise<FakePorts> {
  const ports = createFakePorts(world);
  const discovery: Discovery = {
    account: ACCOUNT,
    region: REGION,
    batches: ["0001"],
    paths: paths.length,
    excludedQueues: 0,
    sharedFunctions: [...sharedFunctions],
    unreadable: [],
  };
  const put = (key: string, value: unknown) => ports.ledger.putDocument(SCAN.scanId, key, value);
  await put("discovery", discovery);
  await put("batch/0001", paths);
  await put(
    "measurement/0001",
    paths.map((path) => measurement(path.queueName)),
  );
  await put("queries/0001", { startedAtMs: ports.nowMs(), started, leftOut: [] });
  return ports;
}

const collect = (ports: FakePorts, attempt = 1, options = {}) =>
  collectDeliveries(ports, SETTINGS, { ...BATCH, attempt }, options);

const deliveries = async (ports: FakePorts, index = 0) =>
  (await ports.ledger.getDocument(SCAN.scanId, `deliveries/0001/${index}`)) as PathDeliveries | undefined;

describe("mayBelongTo", () => {
  test.each([
    ["2026/11/23/[$LATEST]abc", "worker", true],
    ["2026/11/23/worker[$LATEST][abc]", "worker", true],
    ["2026/11/23/other[7][abc]", "worker", false],
    ["2026/11/23/worker-two[$LATEST][abc]", "worker", false],
    ["a-stream-of-ones-own", "worker", true],
  ])("%s for %s: %s", (stream, name, expected) => {
    expect(mayBelongTo(stream, name)).toBe(expected);
  });
});

describe("collectDeliveries", () => {
  describe("a query that AWS had no room for", () => {
    const planned = unstarted(query("a-worker", [0]));
    const waiting = { ...planned, waitingFor: "too many queries run" };
    const noRoom = new TransientError("too many queries run");

    test("is started at the next look that finds room, and only once", async () => {
      const logs: Record<string, NonNullable<World["logs"]>[string]> = { "/aws/lambda/a-worker": noRoom };
      const ports = await prepare([waiting], { logs });
      expect(await collect(ports, 1)).toEqual({ pending: 1, running: 1, attempt: 1 });
      logs["/aws/lambda/a-worker"] = { status: [running, complete(8)], rows: overlapping };
      expect(await collect(ports, 2)).toEqual({ pending: 1, running: 1, attempt: 2 });
      expect(await collect(ports, 3)).toEqual({ pending: 0, running: 0, attempt: 3 });
      expect(ports.started).toMatchObject([{ logGroups: ["/aws/lambda/a-worker"], limit: planned.limit }]);
      expect((await deliveries(ports))?.causes).toMatchObject([{ cause: "visibility-expired" }]);
    });

    test("is given up on the last attempt, with the reason, and not started for nothing (I8)", async () => {
      const ports = await prepare([waiting], { logs: { "/aws/lambda/a-worker": { status: running } } });
      expect(await collect(ports, LAST_LOOK)).toMatchObject({ pending: 0 });
      expect(ports.started).toEqual([]);
      expect((await deliveries(ports))?.unreadable).toEqual([
        {
          resource: "/aws/lambda/a-worker",
          reason: "no log query could be started: too many queries run",
        },
      ]);
    });
  });

  test("turns the rows of an ended query into proven deliveries", async () => {
    const logs = { "/aws/lambda/a-worker": { status: complete(8), rows: overlapping } };
    const ports = await prepare([query("a-worker", [0])], { logs });
    expect(await collect(ports)).toEqual({ pending: 0, running: 0, attempt: 1 });
    expect(await deliveries(ports)).toMatchObject({
      coverage: { logged: "ids-and-receive-count", deliveries: 2, bytesScanned: 1000, truncated: false },
      causes: [{ cause: "visibility-expired", messages: 1, redeliveries: 1, duplicates: 1 }],
      unreadable: [],
    });
  });

  test("keeps no message body (I7)", async () => {
    const secret = overlapping.map((line) => ({
      ...line,
      message: line.message.replace('"receiptHandle"', '"body":"card 9999-0000","receiptHandle"'),
    }));
    const ports = await prepare([query("a-worker", [0])], {
      logs: { "/aws/lambda/a-worker": { status: complete(8), rows: secret } },
    });
    await collect(ports);
    expect(JSON.stringify(await deliveries(ports))).not.toContain("9999-0000");
  });

  test("waits for every query of a path, and reads the ended ones only then", async () => {
    const path = deliveryPath("a", {
      consumers: ["x", "y"].map((name) => ({ mapping: mapping("a", name), function: consumer(name) })),
    });
    const logs = {
      "/aws/lambda/x": { status: complete() },
      "/aws/lambda/y": { status: [running, complete()] },
    };
    const ports = await prepare([query("x", [0]), query("y", [0])], { logs }, [path]);
    expect(await collect(ports, 1)).toEqual({ pending: 1, running: 1, attempt: 1 });
    expect(ports.log.filter((call) => call.startsWith("logs.readRows"))).toEqual([]);
    expect(await collect(ports, 2)).toEqual({ pending: 0, running: 0, attempt: 2 });
    expect(await deliveries(ports)).toBeDefined();
  });

  test("a path that is done is not read again while another waits, nor by a repeat (I6)", async () => {
    const logs = {
      "/aws/lambda/a-worker": { status: complete() },
      "/aws/lambda/b-worker": { status: [running, complete()] },
    };
    const paths = [deliveryPath("a"), deliveryPath("b")];
    const ports = await prepare([query("a-worker", [0]), query("b-worker", [1])], { logs }, paths);
    await collect(ports, 1);
    await collect(ports, 2);
    await collect(ports, 2);
    expect(ports.log.filter((call) => call.startsWith("logs.readRows"))).toEqual([
      "logs.readRows query:/aws/lambda/a-worker",
      "logs.readRows query:/aws/lambda/b-worker",
    ]);
  });

  test("reads a shared log group once, and gives each function its own lines", async () => {
    const of = (name: string, index: number) =>
      invocation(requestIds[index] ?? "", at("16:00:00"), `2026/11/23/${name}[$LATEST][env]`);
    const paths = ["a", "b"].map((name) =>
      deliveryPath(name, {
        consumers: [
          {
            mapping: mapping(name, `${name}-worker`),
            function: consumer(`${name}-worker`, { logGroup: "/aws/lambda/shared" }),
          },
        ],
      }),
    );
    const rows = [...of("a-worker", 0), ...of("b-worker", 1)];
    const ports = await prepare(
      [query("shared", [0, 1])],
      { logs: { "/aws/lambda/shared": { status: complete(8, 1000), rows } } },
      paths,
    );
    await collect(ports);
    expect(ports.log.filter((call) => call.startsWith("logs.readRows"))).toHaveLength(1);
    for (const index of [0, 1]) {
      expect(await deliveries(ports, index)).toMatchObject({
        coverage: { deliveries: 1, invocations: 1, bytesScanned: 500 },
      });
    }
  });

  test("a function of several queues proves nothing with a bare id", async () => {
    const logs = { "/aws/lambda/a-worker": { status: complete(8), rows: overlapping } };
    const shared = await prepare([query("a-worker", [0])], { logs }, [impatient], [functionArn("a-worker")]);
    await collect(shared);
    expect((await deliveries(shared))?.causes).toEqual([]);
  });

  test("as many rows as the limit means that some may be missing", async () => {
    const logs = { "/aws/lambda/a-worker": { status: complete(8), rows: overlapping } };
    const ports = await prepare([query("a-worker", [0], 8)], { logs });
    await collect(ports);
    expect((await deliveries(ports))?.coverage.truncated).toBe(true);
  });

  test("a query that failed leaves the path unread, with the reason (I8)", async () => {
    const logs = { "/aws/lambda/a-worker": { status: { state: "failed", reason: "it timed out" } as const } };
    const ports = await prepare([query("a-worker", [0])], { logs });
    expect(await collect(ports)).toEqual({ pending: 0, running: 0, attempt: 1 });
    expect(await deliveries(ports)).toMatchObject({
      coverage: { logged: "not-read", bytesScanned: 0 },
      unreadable: [{ resource: "/aws/lambda/a-worker", reason: "it timed out" }],
    });
  });

  test("a query that could not be started is never asked for", async () => {
    const failed = { ...unstarted(query("a-worker", [0])), failure: "access denied" };
    const ports = await prepare([failed], {});
    expect(await collect(ports)).toEqual({ pending: 0, running: 0, attempt: 1 });
    expect(ports.log).toEqual([]);
    expect((await deliveries(ports))?.unreadable).toEqual([
      { resource: "/aws/lambda/a-worker", reason: "access denied" },
    ]);
  });

  test("rows that break off leave what was read a lower bound", async () => {
    const status = complete(8);
    const rows = new UnreadableError("/aws/lambda/a-worker", "the results are gone");
    const ports = await prepare([query("a-worker", [0])], {
      logs: { "/aws/lambda/a-worker": { status, rows } },
    });
    await collect(ports);
    expect(await deliveries(ports)).toMatchObject({
      coverage: { truncated: true },
      unreadable: [{ reason: "the results are gone" }],
    });
  });

  test.each([
    { name: "a question that was throttled", error: new TransientError("throttled"), pending: 1 },
    { name: "an answer that was denied", error: new UnreadableError("q", "denied"), pending: 0 },
  ])("$name leaves $pending pending", async ({ error, pending }) => {
    const ports = await prepare([query("a-worker", [0])], {
      logs: { "/aws/lambda/a-worker": { status: error } },
    });
    expect(await collect(ports)).toMatchObject({ pending });
  });

  test("stops when the account itself cannot be read", async () => {
    const error = new AccountUnreadableError("expired");
    const ports = await prepare([query("a-worker", [0])], {
      logs: { "/aws/lambda/a-worker": { status: error } },
    });
    await expect(collect(ports)).rejects.toBe(error);
  });

  test.each([undefined, new UnreadableError("q", "logs:StopQuery is not allowed")])(
    "on the last attempt a query that still runs is stopped and given up (stopping: %s)",
    async (stopError) => {
      const world = { logs: { "/aws/lambda/a-worker": { status: running } } };
      const ports = await prepare([query("a-worker", [0])], {
        ...world,
        ...(stopError === undefined ? {} : { stopError }),
      });
      expect(await collect(ports, LAST_LOOK - 1)).toEqual({ pending: 1, running: 1, attempt: LAST_LOOK - 1 });
      expect(await collect(ports, LAST_LOOK)).toEqual({ pending: 0, running: 0, attempt: LAST_LOOK });
      expect(ports.log).toContain("logs.stopQuery query:/aws/lambda/a-worker");
      expect((await deliveries(ports))?.unreadable).toEqual([
        { resource: "/aws/lambda/a-worker", reason: "the log query did not end within 3 minutes" },
      ]);
    },
  );

  describe("very many rows", () => {
    const names = ["a", "b", "c"];
    const rows = Array.from({ length: 60_000 }, (_, index) => ({
      timestampMs: index,
      logStream: "2026/11/23/[$LATEST]env",
      message: "",
    }));
    const several = () =>
      prepare(
        names.map((name, index) => query(`${name}-worker`, [index])),
        {
          logs: Object.fromEntries(
            names.map((name) => [logGroup(`${name}-worker`), { status: complete(60_000), rows }]),
          ),
        },
        names.map((name) => deliveryPath(name)),
      );

    test("are read over several looks, with no wait between", async () => {
      const ports = await several();
      expect(await collect(ports, 1)).toEqual({ pending: 1, running: 0, attempt: 1 });
      expect(await deliveries(ports, 2)).toBeUndefined();
      expect(await collect(ports, 2)).toEqual({ pending: 0, running: 0, attempt: 2 });
      expect(ports.log.filter((call) => call.startsWith("logs.")).length).toBe(2 * names.length);
    });

    test("that the last look has no time for are listed as unreadable (I8)", async () => {
      const ports = await several();
      expect(await collect(ports, LAST_LOOK)).toEqual({ pending: 0, running: 0, attempt: LAST_LOOK });
      expect((await deliveries(ports, 1))?.unreadable).toEqual([]);
      expect(await deliveries(ports, 2)).toMatchObject({
        coverage: { logged: "not-read" },
        unreadable: [
          { resource: "/aws/lambda/c-worker", reason: "the scan had no time left to read its rows" },
        ],
      });
    });
  });

  test("very many queries are asked about over several looks, others first each time", async () => {
    const names = Array.from({ length: 45 }, (_, index) => `q${index}`);
    const ports = await prepare(
      names.map((name, index) => query(name, [index])),
      { logs: Object.fromEntries(names.map((name) => [logGroup(name), { status: running }])) },
      names.map((name) => deliveryPath(name)),
    );
    const asked = async (attempt: number) => {
      ports.log.length = 0;
      const output = await collect(ports, attempt);
      return { output, asked: ports.log.map((call) => call.replace(/^.*\/q/, "")) };
    };
    const from = (first: number, length: number) =>
      Array.from({ length }, (_, index) => String((first + index) % names.length));
    expect(await asked(1)).toEqual({
      output: { pending: 45, running: 0, attempt: 1 },
      asked: from(0, 20),
    });
    expect((await asked(2)).asked).toEqual(from(20, 20));
    expect((await asked(3)).asked).toEqual(from(40, 20));
  });

  describe("a query of several log groups", () => {
    const names = ["a-worker", "b-worker", "c-worker"];
    const paths = ["a", "b", "c"].map((name) => ({
      ...impatient,
      ...deliveryPath(name),
      settings: impatient.settings,
    }));
    const shared = (limit?: number) =>
      queryOf(
        {
          "a-worker": { paths: [0], bytes: 100 },
          "b-worker": { paths: [1], bytes: 300 },
          "c-worker": { paths: [2], bytes: 100 },
        },
        limit,
      );
    type Logs = NonNullable<World["logs"]>;
    const logsOf = (of: (name: string) => Logs[string]): Logs =>
      Object.fromEntries(names.map((name) => [logGroup(name), of(name)]));
    const started = async (ports: FakePorts) =>
      ((await ports.ledger.getDocument(SCAN.scanId, "queries/0001")) as Queries).started;
    const bytes = async (ports: FakePorts) => {
      const all = await Promise.all([0, 1, 2].map((index) => deliveries(ports, index)));
      return all.map((one) => one?.coverage.bytesScanned);
    };

    test("gives each path its own rows, and its part of the bytes", async () => {
      const logs = logsOf((name) => ({
        status: complete(8, 1000),
        rows: name === "b-worker" ? overlapping : [],
      }));
      const ports = await prepare([shared()], { logs }, paths);
      expect(await collect(ports)).toEqual({ pending: 0, running: 0, attempt: 1 });
      expect(ports.log.filter((call) => call.startsWith("logs."))).toHaveLength(2);
      expect((await deliveries(ports, 0))?.causes).toEqual([]);
      expect((await deliveries(ports, 1))?.causes).toMatchObject([{ cause: "visibility-expired" }]);
      expect((await deliveries(ports, 2))?.causes).toEqual([]);
      expect(await bytes(ports)).toEqual([600, 1800, 600]);
    });

    test("a path that needs another query too waits for it, and holds up those that share its query", async () => {
      const two = deliveryPath("c", {
        consumers: ["c-worker", "x"].map((name) => ({
          mapping: mapping("c", name),
          function: consumer(name),
        })),
      });
      const logs = {
        ...logsOf(() => ({ status: complete() })),
        [logGroup("x")]: { status: [running, complete()] },
      };
      const ports = await prepare([shared(), query("x", [2])], { logs }, [...paths.slice(0, 2), two]);
      expect(await collect(ports, 1)).toEqual({ pending: 3, running: 1, attempt: 1 });
      expect(await collect(ports, 2)).toEqual({ pending: 0, running: 0, attempt: 2 });
      expect(ports.log.filter((call) => call.startsWith("logs.readRows"))).toHaveLength(2);
    });

    test.each([
      {
        name: "whose rows reach the limit",
        status: complete(8, 1000),
        limit: 24,
        // 3,000 in vain, by their expected parts, and 1,000 each again.
        bytes: [600 + 1000, 1800 + 1000, 600 + 1000],
      },
      {
        name: "that failed",
        status: [{ state: "failed", reason: "odd" } as const],
        limit: 100,
        bytes: [1000, 1000, 1000],
      },
    ])(
      "$name is split, so that each log group is asked alone (I9)",
      async ({ status, limit, bytes: expected }) => {
        const logs = logsOf(() => ({ status, rows: overlapping })) as Record<string, Logs[string]>;
        const ports = await prepare([shared(limit)], { logs }, paths);
        expect(await collect(ports, 1)).toEqual({ pending: 3, running: 0, attempt: 1 });
        for (const name of names) logs[logGroup(name)] = { status: complete(8, 1000), rows: overlapping };
        expect(await collect(ports, 2)).toEqual({ pending: 0, running: 0, attempt: 2 });
        expect(ports.started.map(({ logGroups }) => logGroups)).toEqual(
          names.map((name) => [logGroup(name)]),
        );
        for (const index of [0, 1, 2]) {
          expect(await deliveries(ports, index)).toMatchObject({
            coverage: { truncated: false, deliveries: 2 },
            unreadable: [],
          });
        }
        expect(await bytes(ports)).toEqual(expected);
      },
    );

    test("one log group that reaches the limit by itself is cut off, and split no further", async () => {
      const logs = logsOf((name) => ({ status: complete(name === "b-worker" ? 8 : 0), rows: [] }));
      const ports = await prepare([shared(8)], { logs }, paths);
      await collect(ports, 1);
      expect(await collect(ports, 2)).toMatchObject({ pending: 0 });
      const truncated = await Promise.all([0, 1, 2].map((index) => deliveries(ports, index)));
      expect(truncated.map((one) => one?.coverage.truncated)).toEqual([false, true, false]);
    });

    test("that one of them holds up is stopped after half of the patience, and split (I9)", async () => {
      const logs = logsOf((name) => ({ status: name === "b-worker" ? running : complete() }));
      const ports = await prepare([shared()], { logs }, paths);
      expect(await collect(ports, HALF - 1)).toEqual({ pending: 3, running: 1, attempt: HALF - 1 });
      expect(await collect(ports, HALF)).toEqual({ pending: 3, running: 0, attempt: HALF });
      expect(ports.log).toContain(`logs.stopQuery query:${names.map(logGroup).join(" ")}`);
      expect(await collect(ports, HALF + 1)).toEqual({ pending: 1, running: 1, attempt: HALF + 1 });
      expect(await collect(ports, LAST_LOOK)).toEqual({ pending: 0, running: 0, attempt: LAST_LOOK });
      expect((await deliveries(ports, 0))?.unreadable).toEqual([]);
      expect((await deliveries(ports, 1))?.unreadable).toEqual([
        { resource: logGroup("b-worker"), reason: "the log query did not end within 3 minutes" },
      ]);
    });

    test("that nobody may ask about is not started again for nothing; each log group is named (I8)", async () => {
      const logs = logsOf(() => ({
        status: new UnreadableError("q", "logs:GetQueryResults is not allowed"),
      }));
      const ports = await prepare([shared()], { logs }, paths);
      expect(await collect(ports)).toEqual({ pending: 0, running: 0, attempt: 1 });
      for (const [index, name] of names.entries()) {
        expect((await deliveries(ports, index))?.unreadable).toEqual([
          { resource: logGroup(name), reason: "logs:GetQueryResults is not allowed" },
        ]);
      }
    });

    test("whose rows do not tell their log groups is split", async () => {
      const logs = logsOf(() => ({ status: complete(8, 1000), rows: overlapping }));
      const ports = await prepare([shared()], { logs, hidesLogGroups: true }, paths);
      expect(await collect(ports, 1)).toEqual({ pending: 3, running: 0, attempt: 1 });
      expect(await started(ports)).toHaveLength(3);
      expect(await collect(ports, 2)).toEqual({ pending: 0, running: 0, attempt: 2 });
      expect(await deliveries(ports)).toMatchObject({ coverage: { deliveries: 2 }, unreadable: [] });
    });

    test("at the last look nothing is split any more: what there is counts as cut off, with the reason (I8)", async () => {
      const logs = logsOf(() => ({ status: complete(8, 1000), rows: overlapping }));
      const ports = await prepare([shared(24)], { logs, hidesLogGroups: true }, paths);
      expect(await collect(ports, LAST_LOOK)).toEqual({ pending: 0, running: 0, attempt: LAST_LOOK });
      expect(await deliveries(ports)).toMatchObject({
        coverage: { truncated: true },
        unreadable: [
          { resource: logGroup("a-worker"), reason: "the log query's rows do not tell their log groups" },
        ],
      });
    });
  });

  describe("the looks end within the five minutes of an EXPRESS child", () => {
    const WAIT_MS = POLL_INTERVAL_MS;
    /** As the workflow does it: waits while queries run, and looks at once where there is something to read. */
    async function look(
      world: World,
      started: readonly StartedQuery[],
      paths: readonly DeliveryPath[],
      lookMs: number,
    ) {
      const ports = await prepare(started, world, paths);
      const startMs = ports.nowMs();
      let passedMs = WAIT_MS;
      for (let attempt = 1; ; attempt += 1) {
        const now = { ...ports, nowMs: () => startMs + passedMs };
        const { pending, running: waitFor } = await collect(now, attempt);
        passedMs += lookMs;
        if (pending === 0) return { passedMs, attempt, ports };
        expect(attempt).toBeLessThan(100);
        if (waitFor > 0) passedMs += WAIT_MS;
      }
    }
    const names = Array.from({ length: 100 }, (_, index) => `q${index}`);
    const paths = names.map((name) =>
      deliveryPath(name, { consumers: [{ mapping: mapping(name, name), function: consumer(name) }] }),
    );
    const all = (status: FakeStatus): World => ({
      logs: Object.fromEntries(names.map((name) => [logGroup(name), { status }])),
    });
    const alone = names.map((name, index) => query(name, [index]));
    const together = [0, 50].map((first) =>
      queryOf(
        Object.fromEntries(
          names.slice(first, first + 50).map((name, index) => [name, { paths: [first + index] }]),
        ),
      ),
    );

    test.each([
      { name: "a hundred queries that never end", started: alone, status: running, lookMs: 20_000 },
      { name: "two of fifty log groups that never end", started: together, status: running, lookMs: 20_000 },
      { name: "looks that take no time", started: alone, status: running, lookMs: 0 },
      {
        name: "queries that AWS never has room for",
        started: alone.map((one) => ({ ...unstarted(one), waitingFor: "no room" })),
        status: running,
        lookMs: 40_000,
      },
    ])("$name", async ({ started, status, lookMs }) => {
      const { passedMs, ports } = await look(all(status), started, paths, lookMs);
      expect(passedMs).toBeLessThanOrEqual(QUERY_PATIENCE_MS + WAIT_MS + 2 * lookMs);
      expect(await ports.ledger.listDocumentKeys(SCAN.scanId, "deliveries/0001/")).toHaveLength(names.length);
    });

    test("by their number, too, where the clock stands still", async () => {
      const ports = await prepare([query("q0", [0])], all(running), paths.slice(0, 1));
      expect(await collect(ports, LAST_LOOK)).toMatchObject({ pending: 0, running: 0 });
    });
  });

  test("refuses a batch that was not measured in full", async () => {
    const ports = await prepare([query("a-worker", [0])], {
      logs: { "/aws/lambda/a-worker": { status: complete() } },
    });
    await ports.ledger.putDocument(SCAN.scanId, "measurement/0001", []);
    await expect(collect(ports)).rejects.toThrow("expected a measurement of");
  });

  test("gives up sooner where that was asked for", async () => {
    const ports = await prepare([query("a-worker", [0])], {
      logs: { "/aws/lambda/a-worker": { status: running } },
    });
    expect(await collect(ports, 2, { lastAttempt: 2 })).toEqual({
      pending: 0,
      running: 0,
      attempt: 2,
    });
  });
});
