// How many calls Discover makes of each kind on a large account, over the wire: AWS allows few of them a second.
import { afterEach, describe, expect, test } from "@jest/globals";
import { connect } from "../../aws/connection.ts";
import { createMemoryLedger } from "../../aws/memory-ledger.ts";
import { createReadPorts } from "../../aws/read-ports.ts";
import { HOUR_MS } from "../../core/detect/ratio/history.ts";
import type { DeliveryPath } from "../../core/model/delivery-path.ts";
import type { Window } from "../../core/model/measurement.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import type { ScanContext } from "../../core/model/workflow.ts";
import { discover } from "../../core/scan/discover.ts";
import { documentKey, isAsyncBatch } from "../../core/scan/documents.ts";
import { isDue } from "../../core/scan/due.ts";
import { type Fault, type SimulatorServer, startServer } from "../../simulator/server.ts";
import { createFakeAccount, functionArn, queueArn, REGION } from "../support/fake-account.ts";
import { SCAN } from "../support/scan-fakes.ts";

/** Mappings that name an alias. */
const ALIASES = 5;
/** Functions with asynchronous events. */
const EVENTS = 3;
/** As a deployment scans. */
const DAILY = { calmPaths: "daily", scanIntervalMinutes: 60 } as const;
const ATTRIBUTES = { VisibilityTimeout: "30", DelaySeconds: "0", MessageRetentionPeriod: "345600" };

const running: SimulatorServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** Each queue with a function of its own, and half as many functions that no queue feeds, of which some get events. */
function accountOf(queues: number, withEvents: number) {
  const names = Array.from({ length: queues }, (_, index) => `q${String(index).padStart(4, "0")}`);
  const others = Array.from({ length: queues / 2 }, (_, index) => `z${index}`);
  const functions = [...names, ...others].map((name) => ({
    name,
    arn: functionArn(name),
    timeoutSeconds: 42,
    aliases: { live: "1" },
  }));
  const metrics = others.slice(0, withEvents).map((name) => ({
    namespace: "AWS/Lambda",
    metricName: "AsyncEventsReceived",
    dimensions: { FunctionName: name },
    minutes: [],
  }));
  const account = createFakeAccount({ functions, metrics, mappings: queues });
  for (const name of names) account.createQueue(name, ATTRIBUTES, { team: name });
  const mappings = account.mappings().map((mapping, index) => ({
    ...mapping,
    eventSourceArn: queueArn(names[index] ?? ""),
    functionArn: functionArn(`${names[index]}${index < ALIASES ? ":live" : ""}`),
  }));
  return { ...account, mappings: () => mappings };
}

interface Run {
  readonly faults?: readonly Fault[];
  readonly withEvents?: number;
  readonly settings?: Partial<ScanSettings>;
  /** One after the other. */
  readonly scans?: readonly ScanContext[];
}

/** @returns what the last scan found, and the calls of each. */
async function run(queues: number, { faults = [], withEvents = 0, settings = {}, scans = [SCAN] }: Run = {}) {
  const server = await startServer({ account: accountOf(queues, withEvents), faults });
  running.push(server);
  const connection = connect({
    endpointUrl: server.url,
    region: REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    quotaShare: Number.POSITIVE_INFINITY,
  });
  const ledger = createMemoryLedger();
  const ports = { ...createReadPorts(connection), ledger };
  const paths: DeliveryPath[] = [];
  const calls: unknown[] = [];
  for (const scan of scans) {
    const { batchKeys } = await discover(ports, ScanSettings.parse(settings), scan);
    const queueKeys = batchKeys.filter((key) => !isAsyncBatch(key));
    const batches = await Promise.all(
      queueKeys.map((key) => ledger.getDocument(scan.scanId, documentKey.batch(key))),
    );
    paths.splice(0, paths.length, ...(batches.flat() as DeliveryPath[]));
    calls.push(await ledger.getDocument(scan.scanId, documentKey.calls("discover", "all")));
  }
  return { paths, calls };
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

/** In which one alias is due, and nothing else. */
function windowWithOneDue(): Window {
  const aliases = Array.from({ length: ALIASES }, (_, index) => functionArn(`q000${index}:live`));
  const events = Array.from({ length: EVENTS }, (_, index) => functionArn(`z${index}`));
  for (let hour = 0; hour < 240; hour += 1) {
    const endMs = SCAN.window.endMs + hour * HOUR_MS;
    const window = { startMs: endMs - HOUR_MS, endMs };
    const due = [...aliases, ...events].filter((arn) => isDue(arn, window));
    if (due.length === 1 && due[0]?.endsWith(":live")) return window;
  }
  throw new Error("in no hour of ten days exactly one alias is due");
}

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
    expect(calls).toEqual([callsOf(1000)]);
    expect(Object.values(callsOf(1000)).reduce((sum, count) => sum + count)).toBe(1000 + 48);
  }, 60_000);

  test.each([
    { denied: "lambda:ListFunctions", instead: { "lambda:GetFunctionConfiguration": 100 } },
    { denied: "sqs:ListQueues", instead: { "sqs:GetQueueUrl": 100 } },
    { denied: "tag:GetResources", instead: { "sqs:ListQueueTags": 100 } },
  ])("I9: without $denied it asks one by one, and reads the same", async ({ denied, instead }) => {
    const { paths, calls } = await run(100, { faults: [{ kind: "access-denied", operation: denied }] });
    expectAllRead(paths);
    expect(calls).toEqual([{ ...callsOf(100), ...instead, [denied]: 1 }]);
  });

  test("of a deployment: the second scan asks about no alias and no function's events but the one that is due", async () => {
    const { paths, calls } = await run(100, {
      withEvents: EVENTS,
      settings: DAILY,
      scans: [SCAN, { scanId: "second", window: windowWithOneDue() }],
    });
    expectAllRead(paths);
    const { "lambda:GetFunctionConfiguration": _, ...listings } = callsOf(100);
    // The functions with events are among the last of the account.
    const listed = { ...listings, "lambda:ListFunctions": 3 };
    expect(calls).toEqual([
      {
        ...listed,
        "lambda:GetFunctionConfiguration": ALIASES,
        "lambda:GetPolicy": EVENTS,
        "lambda:GetFunctionEventInvokeConfig": EVENTS,
      },
      { ...listed, "lambda:GetFunctionConfiguration": 1 },
    ]);
  });
});
