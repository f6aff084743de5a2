import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError, TransientError, UnreadableError } from "../../../core/errors.ts";
import type { PathDeliveries } from "../../../core/model/delivery.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import type { LogLine, QueryStatus } from "../../../core/ports.ts";
import { collectDeliveries } from "../../../core/scan/collect-deliveries.ts";
import type { Discovery, StartedQuery } from "../../../core/scan/documents.ts";
import { mayBelongTo } from "../../../core/scan/log-stream.ts";
import { lastAttempt, QUERY_PATIENCE_MS } from "../../../core/scan/query-endings.ts";
import { measurement } from "../../support/measurements.ts";
import {
  ACCOUNT,
  BATCH,
  consumer,
  createFakePorts,
  deliveryPath,
  type FakePorts,
  functionArn,
  mapping,
  queueSettings,
  REGION,
  SCAN,
  SETTINGS,
  type World,
} from "../../support/scan-fakes.ts";

const running: QueryStatus = { state: "running" };
const complete = (rows = 0, bytesScanned = 1000): QueryStatus => ({ state: "complete", rows, bytesScanned });

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

const query = (name: string, paths: readonly number[], more: { readonly limit?: number } = {}) => ({
  logGroup: `/aws/lambda/${name}`,
  queryId: `query:/aws/lambda/${name}`,
  paths: [...paths],
  limit: 100_000,
  window: SCAN.window,
  ...more,
});

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
  await put("queries/0001", { started, leftOut: [] });
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

describe("lastAttempt", () => {
  test.each([
    [10_000, 18],
    [7_000, 26],
    [QUERY_PATIENCE_MS, 1],
  ])("looking every %d ms: %d", (intervalMs, attempts) => {
    expect(lastAttempt(intervalMs)).toBe(attempts);
  });
});

describe("collectDeliveries", () => {
  describe("a query that AWS had no room for", () => {
    const { queryId: _, ...planned } = query("a-worker", [0]);
    const waiting = { ...planned, waitingFor: "too many queries run" };
    const noRoom = new TransientError("too many queries run");

    test("is started at the next look that finds room, and only once", async () => {
      const logs: Record<string, NonNullable<World["logs"]>[string]> = { "/aws/lambda/a-worker": noRoom };
      const ports = await prepare([waiting], { logs });
      expect(await collect(ports, 1)).toEqual({ pending: 1, attempt: 1 });
      logs["/aws/lambda/a-worker"] = { status: [running, complete(8)], rows: overlapping };
      expect(await collect(ports, 2)).toEqual({ pending: 1, attempt: 2 });
      expect(await collect(ports, 3)).toEqual({ pending: 0, attempt: 3 });
      expect(ports.started).toMatchObject([{ logGroup: "/aws/lambda/a-worker", limit: planned.limit }]);
      expect((await deliveries(ports))?.causes).toMatchObject([{ cause: "visibility-expired" }]);
    });

    test("is given up on the last attempt, with the reason, and not started for nothing (I8)", async () => {
      const ports = await prepare([waiting], { logs: { "/aws/lambda/a-worker": { status: running } } });
      expect(await collect(ports, lastAttempt(10_000))).toMatchObject({ pending: 0 });
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
    expect(await collect(ports)).toEqual({ pending: 0, attempt: 1 });
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
    expect(await collect(ports, 1)).toEqual({ pending: 1, attempt: 1 });
    expect(ports.log.filter((call) => call.startsWith("logs.readRows"))).toEqual([]);
    expect(await collect(ports, 2)).toEqual({ pending: 0, attempt: 2 });
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
    const ports = await prepare([query("a-worker", [0], { limit: 8 })], { logs });
    await collect(ports);
    expect((await deliveries(ports))?.coverage.truncated).toBe(true);
  });

  test("a query that failed leaves the path unread, with the reason (I8)", async () => {
    const logs = { "/aws/lambda/a-worker": { status: { state: "failed", reason: "it timed out" } as const } };
    const ports = await prepare([query("a-worker", [0])], { logs });
    expect(await collect(ports)).toEqual({ pending: 0, attempt: 1 });
    expect(await deliveries(ports)).toMatchObject({
      coverage: { logged: "not-read", bytesScanned: 0 },
      unreadable: [{ resource: "/aws/lambda/a-worker", reason: "it timed out" }],
    });
  });

  test("a query that could not be started is never asked for", async () => {
    const { queryId: _, ...planned } = query("a-worker", [0]);
    const ports = await prepare([{ ...planned, failure: "access denied" }], {});
    expect(await collect(ports)).toEqual({ pending: 0, attempt: 1 });
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
      expect(await collect(ports, 17)).toEqual({ pending: 1, attempt: 17 });
      expect(await collect(ports, 18)).toEqual({ pending: 0, attempt: 18 });
      expect(ports.log).toContain("logs.stopQuery query:/aws/lambda/a-worker");
      expect((await deliveries(ports))?.unreadable).toEqual([
        { resource: "/aws/lambda/a-worker", reason: "the log query did not end within 3 minutes" },
      ]);
    },
  );

  test("very many rows are read over several attempts, at the latest on the last", async () => {
    const names = ["a", "b", "c"];
    const logs = Object.fromEntries(
      names.map((name) => [`/aws/lambda/${name}-worker`, { status: complete(name === "c" ? 10 : 150_000) }]),
    );
    const several = () =>
      prepare(
        names.map((name, index) => query(`${name}-worker`, [index], { limit: 200_000 })),
        { logs },
        names.map((name) => deliveryPath(name)),
      );
    const ports = await several();
    expect(await collect(ports, 1)).toEqual({ pending: 1, attempt: 1 });
    expect(await deliveries(ports, 1)).toBeUndefined();
    expect(await collect(ports, 2)).toEqual({ pending: 0, attempt: 2 });
    expect(await collect(await several(), 18)).toEqual({ pending: 0, attempt: 18 });
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
    expect(await collect(ports, 2, { lastAttempt: 2 })).toEqual({ pending: 0, attempt: 2 });
  });
});
