// Every adapter against the simulated account, over the real wire protocols.
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createAccount } from "../../aws/account.ts";
import { type Connection, connect } from "../../aws/connection.ts";
import { createLogs } from "../../aws/logs.ts";
import { createMappings } from "../../aws/mappings.ts";
import { createMetrics } from "../../aws/metrics.ts";
import { createNotifier } from "../../aws/notifier.ts";
import { createQueues } from "../../aws/queues.ts";
import type { LogLine, LogsPort, MetricRequest } from "../../core/ports.ts";
import { createAccount as simulateAccount } from "../../simulator/create-account.ts";
import { type Fault, type SimulatorServer, startServer } from "../../simulator/server.ts";

const END = Date.UTC(2026, 10, 23, 18);
const HOUR_MS = 3_600_000;
const window = { startMs: END - HOUR_MS, endMs: END };

const { account, truth } = simulateAccount({
  seed: 7,
  endMs: END,
  hours: 6,
  scenarios: ["visibility-expired", "healthy-fifo", "foreign-queue", "disabled-mapping", "dlq-redrive"],
});
let server: SimulatorServer;
let connection: Connection;

beforeAll(async () => {
  server = await startServer({ account });
  connection = connect({
    endpointUrl: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 2,
  });
});
afterAll(() => server.close());

function pathOf(scenario: string) {
  const path = truth.paths().find((one) => one.scenario === scenario);
  if (path === undefined) throw new Error(`expected a path of scenario ${scenario}, got none`);
  return path;
}

const nameOf = (arn: string) => arn.split(":").at(-1) ?? "";

async function withFault<T>(fault: Fault, run: () => Promise<T>): Promise<T> {
  server.faults.add(fault);
  try {
    return await run();
  } finally {
    server.faults.remove(fault);
  }
}

test("identity: the simulated account and Region", async () => {
  expect(await createAccount(connection).identity()).toStrictEqual({
    accountId: "123456789012",
    region: "us-east-1",
  });
});

describe("mappings", () => {
  test("every mapping of the account is there, disabled and foreign ones too", async () => {
    const mappings = await createMappings(connection).listQueueMappings();
    expect(mappings.map(({ uuid }) => uuid).sort()).toStrictEqual(
      account
        .mappings()
        .map(({ uuid }) => uuid)
        .sort(),
    );
    const queues = mappings.map(({ queueArn }) => queueArn);
    expect(queues).toContain(pathOf("foreign-queue").queueArn);
    expect(mappings.find(({ queueArn }) => queueArn === pathOf("disabled-mapping").queueArn)?.state).toBe(
      "Disabled",
    );
  });

  test("every function that a mapping names is described as it is", async () => {
    const mappings = createMappings(connection);
    for (const { functionArn } of await mappings.listQueueMappings()) {
      const described = await mappings.describeFunction(functionArn);
      const simulated = account.functions().find(({ arn }) => arn === described.arn);
      expect(described).toMatchObject({
        timeoutSeconds: simulated?.timeoutSeconds,
        logGroup: simulated?.logGroup,
        logFormat: simulated?.logFormat,
      });
      expect(described).not.toHaveProperty("unreadable");
    }
  });

  test("a function that may not be read is unreadable, and named", async () => {
    const [functionArn = ""] = pathOf("visibility-expired").functionArns;
    const described = withFault({ kind: "access-denied", resource: nameOf(functionArn) }, () =>
      createMappings(connection).describeFunction(functionArn),
    );
    await expect(described).rejects.toMatchObject({
      name: "UnreadableError",
      resource: functionArn,
      reason: expect.stringContaining("lambda:GetFunctionConfiguration is not allowed"),
    });
  });

  test("a listing that is throttled on every try can be retried later", async () => {
    const listed = withFault({ kind: "throttle", operation: "lambda:ListEventSourceMappings" }, () =>
      createMappings(connection).listQueueMappings(),
    );
    await expect(listed).rejects.toMatchObject({ name: "TransientError" });
  });
});

describe("queues", () => {
  test.each(["visibility-expired", "healthy-fifo", "dlq-redrive"])(
    "%s is described as it is",
    async (scenario) => {
      const { queueArn } = pathOf(scenario);
      const simulated = account.queues().find(({ arn }) => arn === queueArn);
      const attributes = simulated?.attributes() ?? {};
      expect(await createQueues(connection).describeQueue(queueArn)).toMatchObject({
        url: simulated?.url,
        fifo: scenario === "healthy-fifo",
        visibilityTimeoutSeconds: Number(attributes["VisibilityTimeout"]),
        messageRetentionSeconds: Number(attributes["MessageRetentionPeriod"]),
        tags: simulated?.tags,
        ...(attributes["RedrivePolicy"] && { redrive: JSON.parse(attributes["RedrivePolicy"]) }),
      });
    },
  );

  test("a queue deleted between two calls is unreadable", async () => {
    const { queueArn } = pathOf("visibility-expired");
    const fault: Fault = {
      kind: "queue-deleted",
      queueName: nameOf(queueArn),
      afterOperation: "sqs:GetQueueUrl",
    };
    const described = withFault(fault, () => createQueues(connection).describeQueue(queueArn));
    await expect(described).rejects.toMatchObject({
      name: "UnreadableError",
      resource: queueArn,
      reason: expect.stringContaining("does not exist"),
    });
  });

  test("tags that may not be read leave the settings readable", async () => {
    const { queueArn } = pathOf("visibility-expired");
    const operation = "sqs:ListQueueTags";
    const described = await withFault({ kind: "access-denied", operation, resource: nameOf(queueArn) }, () =>
      createQueues(connection).describeQueue(queueArn),
    );
    expect(described.unreadable).toStrictEqual([
      { resource: queueArn, reason: expect.stringContaining("sqs:ListQueueTags is not allowed") },
    ]);
    expect(described.visibilityTimeoutSeconds).toBeGreaterThan(0);
  });

  test("sampling sees the receive counts and leaves the messages visible", async () => {
    const queue = account.createQueue("sampled", { VisibilityTimeout: "300" }, {});
    const client = connection.client(SQSClient, { useQueueUrlAsEndpoint: false });
    for (const MessageBody of ["a", "b", "c"]) {
      await client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
    }
    const queues = createQueues(connection);
    const counts = { queueArn: queue.arn, messages: 3 };
    expect(await queues.sampleReceiveCounts(queue.url, queue.arn)).toStrictEqual({
      ...counts,
      maxReceiveCount: 1,
    });
    // What was shown again happens at this very instant of virtual time, once it goes on.
    account.advanceTo(account.nowMs());
    expect(queue.attributes()["ApproximateNumberOfMessages"]).toBe("3");
    expect(await queues.sampleReceiveCounts(queue.url, queue.arn)).toStrictEqual({
      ...counts,
      maxReceiveCount: 2,
    });
  });
});

describe("metrics", () => {
  const sent = (id: string, queueArn: string): MetricRequest => ({
    id,
    namespace: "AWS/SQS",
    metricName: "NumberOfMessagesSent",
    dimensions: { QueueName: nameOf(queueArn) },
    stat: "Sum",
  });
  const { queueArn } = pathOf("visibility-expired");
  const fifo = pathOf("healthy-fifo").queueArn;
  const expected = (arn: string) => {
    const values = new Array<number | null>(60).fill(null);
    const id = {
      namespace: "AWS/SQS",
      metricName: "NumberOfMessagesSent",
      dimensions: { QueueName: nameOf(arn) },
    };
    for (const point of account.metricPoints(id, window.startMs, window.endMs)) {
      values[(point.minuteStartMs - window.startMs) / 60_000] = point.sum;
    }
    return values;
  };

  test("one value a minute, as the account has them", async () => {
    const series = await createMetrics(connection).getSeries([sent("a queue", queueArn)], window, 60);
    expect(series.get("a queue")).toStrictEqual({
      values: expected(queueArn),
      periodSeconds: 60,
      status: "complete",
    });
    expect(expected(queueArn).some((value) => value !== null && value > 0)).toBe(true);
  });

  test("more series than one call takes, and more points than one page takes", async () => {
    const fourHours = { startMs: END - 4 * HOUR_MS, endMs: END };
    const requests = Array.from({ length: 510 }, (_, index) =>
      sent(String(index), index % 2 ? fifo : queueArn),
    );
    const series = await createMetrics(connection).getSeries(requests, fourHours, 60);
    expect(series.size).toBe(510);
    for (const [id, { status, values }] of series) {
      expect(status).toBe("complete");
      expect(values.slice(-60)).toStrictEqual(expected(Number(id) % 2 ? fifo : queueArn));
    }
  });

  test.each(["partial-data", "metrics-forbidden"] as const)(
    "%s of one queue harms no other (I9)",
    async (kind) => {
      const series = await withFault({ kind, resource: nameOf(queueArn) }, () =>
        createMetrics(connection).getSeries([sent("bad", queueArn), sent("good", fifo)], window, 60),
      );
      expect(series.get("bad")?.status).toBe(kind === "partial-data" ? "partial" : "forbidden");
      expect(series.get("good")).toMatchObject({ status: "complete", values: expected(fifo) });
    },
  );
});

describe("logs", () => {
  const [functionArn = ""] = pathOf("visibility-expired").functionArns;
  const group = account.functions().find(({ arn }) => arn === functionArn)?.logGroup ?? "";
  const query = {
    logGroups: [group],
    window,
    query: "fields @timestamp, @log, @logStream, @message | sort @timestamp asc",
    limit: 100_000,
  };
  async function ended(logs: LogsPort, id: string) {
    for (let tries = 0; tries < 20; tries += 1) {
      const status = await logs.queryStatus(id, window);
      if (status.state !== "running") return status;
    }
    throw new Error("expected the query to end, got a running one");
  }

  async function read(logGroups: readonly string[]) {
    const logs = createLogs(connection);
    const id = await logs.startQuery({ ...query, logGroups });
    const status = await ended(logs, id);
    if (status.state !== "complete") throw new Error(`expected a complete query, got a ${status.state} one`);
    const lines: LogLine[] = [];
    for await (const page of status.pages) lines.push(...page);
    await expect(logs.stopQuery(id)).resolves.toBeUndefined();
    return { lines, bytesScanned: status.bytesScanned };
  }
  const simulated = (name: string) => {
    const events = account
      .logGroups()
      .find((one) => one.name === name)
      ?.events(window.startMs, window.endMs);
    return [...(events ?? [])].map(({ timestampMs, logStream, message }) => ({
      timestampMs,
      logStream,
      message,
      logGroup: name,
    }));
  };

  test("every line of the window, in order, and the bytes that were read", async () => {
    const { lines, bytesScanned } = await read([group]);
    expect(lines).toStrictEqual(simulated(group));
    expect(lines.length).toBeGreaterThan(100);
    expect(bytesScanned).toBeGreaterThan(0);
  });

  test("one query reads several log groups, and each line names its own", async () => {
    const names = account.logGroups().map(({ name }) => name);
    const { lines, bytesScanned } = await read(names);
    for (const name of names) {
      expect(lines.filter(({ logGroup }) => logGroup === name)).toStrictEqual(simulated(name));
    }
    expect(lines.map(({ timestampMs }) => timestampMs)).toStrictEqual(
      lines.map(({ timestampMs }) => timestampMs).toSorted((a, b) => a - b),
    );
    const singly = await Promise.all(names.map((name) => read([name])));
    expect(bytesScanned).toBe(singly.reduce((sum, one) => sum + one.bytesScanned, 0));
  });

  test("more than fifty log groups are refused", async () => {
    const logGroups = Array.from({ length: 51 }, () => group);
    await expect(createLogs(connection).startQuery({ ...query, logGroups })).rejects.toMatchObject({
      reason: expect.stringContaining("InvalidParameterException"),
    });
  });

  test("a log group that is not there is unreadable", async () => {
    await expect(createLogs(connection).startQuery({ ...query, logGroups: ["/gone"] })).rejects.toMatchObject(
      {
        name: "UnreadableError",
        resource: "/gone",
        reason: expect.stringContaining("does not exist"),
      },
    );
  });

  test("a query that fails says so", async () => {
    const logs = createLogs(connection);
    await withFault({ kind: "query-fails", logGroup: group }, async () => {
      const status = await ended(logs, await logs.startQuery(query));
      expect(status).toStrictEqual({ state: "failed", reason: "the log query ended as Failed" });
    });
  });

  test("a query that hangs runs until it is stopped", async () => {
    const logs = createLogs(connection);
    await withFault({ kind: "query-hangs", logGroup: group }, async () => {
      const id = await logs.startQuery(query);
      await expect(ended(logs, id)).rejects.toThrow("running one");
      await logs.stopQuery(id);
      expect(await logs.queryStatus(id)).toMatchObject({ state: "failed" });
    });
  });
});

test("notifier: subscribers of each kind get their form", async () => {
  const { TopicArn = "" } = await connection
    .client(SNSClient)
    .send(new CreateTopicCommand({ Name: "digest" }));
  const notifier = createNotifier(connection, TopicArn);
  await notifier.publish({ subject: "Doubletake: 1 new", text: "text", json: { new: 1 } });
  expect(server.published()).toHaveLength(1);
  expect(server.published()[0]).toMatchObject({
    topicArn: TopicArn,
    subject: "Doubletake: 1 new",
    bodies: { email: "text", default: '{"new":1}' },
  });
  await expect(
    createNotifier(connection, `${TopicArn}-gone`).publish({ subject: "s", text: "t", json: 1 }),
  ).rejects.toMatchObject({ name: "ConfigError" });
});

test("the calls of all adapters are counted as the server saw them", async () => {
  await createQueues(connection).describeQueue(pathOf("healthy-fifo").queueArn);
  const counted = connection.calls.take();
  const seen = server.requests();
  expect(counted["sqs:GetQueueAttributes"]).toBeGreaterThan(0);
  expect(counted).toStrictEqual(seen);
});
