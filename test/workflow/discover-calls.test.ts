// How many calls Discover makes of each kind on a large account, over the wire: AWS allows few of them a second.
import { afterEach, describe, expect, test } from "@jest/globals";
import { connect } from "../../aws/connection.ts";
import { createMemoryLedger } from "../../aws/memory-ledger.ts";
import { createReadPorts } from "../../aws/read-ports.ts";
import type { DeliveryPath } from "../../core/model/delivery-path.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import { discover } from "../../core/scan/discover.ts";
import { documentKey } from "../../core/scan/documents.ts";
import { type Fault, type SimulatorServer, startServer } from "../../simulator/server.ts";
import { createFakeAccount, functionArn, queueArn, REGION } from "../support/fake-account.ts";
import { SCAN } from "../support/scan-fakes.ts";

/** Mappings that name an alias. */
const ALIASES = 5;
const ATTRIBUTES = { VisibilityTimeout: "30", DelaySeconds: "0", MessageRetentionPeriod: "345600" };

const running: SimulatorServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** Each queue with a function of its own, and half as many functions that no queue feeds. */
function accountOf(queues: number) {
  const names = Array.from({ length: queues }, (_, index) => `q${String(index).padStart(4, "0")}`);
  const others = Array.from({ length: queues / 2 }, (_, index) => `z${index}`);
  const functions = [...names, ...others].map((name) => ({
    name,
    arn: functionArn(name),
    timeoutSeconds: 42,
    aliases: { live: "1" },
  }));
  const account = createFakeAccount({ functions, mappings: queues });
  for (const name of names) account.createQueue(name, ATTRIBUTES, { team: name });
  const mappings = account.mappings().map((mapping, index) => ({
    ...mapping,
    eventSourceArn: queueArn(names[index] ?? ""),
    functionArn: functionArn(`${names[index]}${index < ALIASES ? ":live" : ""}`),
  }));
  return { ...account, mappings: () => mappings };
}

async function run(queues: number, faults: readonly Fault[] = []) {
  const server = await startServer({ account: accountOf(queues), faults });
  running.push(server);
  const connection = connect({
    endpointUrl: server.url,
    region: REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    quotaShare: Number.POSITIVE_INFINITY,
  });
  const ledger = createMemoryLedger();
  const { batchKeys } = await discover(
    { ...createReadPorts(connection), ledger },
    ScanSettings.parse({}),
    SCAN,
  );
  const batches = await Promise.all(
    batchKeys.map((key) => ledger.getDocument(SCAN.scanId, documentKey.batch(key))),
  );
  return {
    paths: batches.flat() as DeliveryPath[],
    calls: await ledger.getDocument(SCAN.scanId, documentKey.calls("discover", "all")),
  };
}

const callsOf = (queues: number) => ({
  "sts:GetCallerIdentity": 1,
  "lambda:ListEventSourceMappings": queues / 100,
  "cloudwatch:ListMetrics": 1,
  "lambda:ListFunctions": queues / 50,
  "lambda:GetFunctionConfiguration": ALIASES,
  "sqs:ListQueues": 1,
  "tag:GetResources": queues / 100,
  "sqs:GetQueueAttributes": queues,
});

function expectAllRead(paths: readonly DeliveryPath[]): void {
  for (const { queueName, settings, consumers, unreadable } of paths) {
    expect(unreadable).toEqual([]);
    expect(settings?.tags).toEqual({ team: queueName });
    expect(consumers[0]?.function?.timeoutSeconds).toBe(42);
  }
}

describe("Discover", () => {
  test("of 1,000 queues with a function each: one call a queue, and 48 for everything else", async () => {
    const { paths, calls } = await run(1000);
    expect(paths).toHaveLength(1000);
    expectAllRead(paths);
    expect(calls).toEqual(callsOf(1000));
    expect(Object.values(callsOf(1000)).reduce((sum, count) => sum + count)).toBe(1000 + 48);
  }, 60_000);

  test.each([
    { denied: "lambda:ListFunctions", instead: { "lambda:GetFunctionConfiguration": 100 } },
    { denied: "sqs:ListQueues", instead: { "sqs:GetQueueUrl": 100 } },
    { denied: "tag:GetResources", instead: { "sqs:ListQueueTags": 100 } },
  ])("I9: without $denied it asks one by one, and reads the same", async ({ denied, instead }) => {
    const { paths, calls } = await run(100, [{ kind: "access-denied", operation: denied }]);
    expectAllRead(paths);
    expect(calls).toEqual({ ...callsOf(100), ...instead, [denied]: 1 });
  });
});
