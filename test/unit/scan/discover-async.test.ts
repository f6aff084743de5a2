import { describe, expect, test } from "@jest/globals";
import { UnreadableError } from "../../../core/errors.ts";
import { AsyncPath } from "../../../core/model/async-path.ts";
import { ScanSettings } from "../../../core/model/settings.ts";
import { discover } from "../../../core/scan/discover.ts";
import { MAX_FUNCTIONS } from "../../../core/scan/discover-async.ts";
import { Discovery, documentKey, isAsyncBatch, requireDocument } from "../../../core/scan/documents.ts";
import {
  consumer,
  createFakePorts,
  functionArn,
  mapping,
  queueSettings,
  SCAN,
  type World,
} from "../../support/scan-fakes.ts";

const THUMBNAILS = functionArn("thumbnails");
const S3 = { eventSources: [{ kind: "s3", arn: "arn:aws:s3:::images" }], maximumRetryAttempts: 2 } as const;
const settingsOf = (arn: string) => ({ [arn]: { ...S3, eventSources: [...S3.eventSources] } });

/** One function that gets events, and nothing else. */
const thumbnails: World = {
  functions: { [THUMBNAILS]: consumer("thumbnails") },
  asyncFunctions: [{ functionName: "thumbnails", qualifiers: [""] }],
  asyncSettings: settingsOf(THUMBNAILS),
};

async function run(world: World, settings: Partial<ScanSettings> = {}) {
  const ports = createFakePorts(world);
  const { batchKeys } = await discover(ports, ScanSettings.parse(settings), SCAN);
  const discovery = await requireDocument(ports.ledger, SCAN.scanId, documentKey.discovery, Discovery);
  const paths = [];
  for (const key of batchKeys.filter(isAsyncBatch)) {
    const batch = documentKey.batch(key);
    paths.push(...(await requireDocument(ports.ledger, SCAN.scanId, batch, AsyncPath.array())));
  }
  return { ports, batchKeys, discovery, paths };
}

describe("asynchronous paths", () => {
  test("a function that gets events becomes a path in a batch of its own kind", async () => {
    const orders: World = {
      mappings: [mapping("orders", "orders-worker")],
      functions: { ...thumbnails.functions, [functionArn("orders-worker")]: consumer("orders-worker") },
      queues: { orders: queueSettings("orders") },
    };
    const { paths, batchKeys, discovery } = await run({ ...thumbnails, ...orders });
    expect(batchKeys).toEqual(["0001", "async-0001"]);
    expect(discovery.paths).toBe(2);
    expect(paths).toEqual([
      {
        functionArn: THUMBNAILS,
        functionName: "thumbnails",
        function: consumer("thumbnails"),
        targets: [S3],
        unreadable: [],
      },
    ]);
  });

  test("batches are as large as those of queues", async () => {
    const names = ["a", "b", "c"];
    const { batchKeys } = await run(
      {
        functions: Object.fromEntries(names.map((name) => [functionArn(name), consumer(name)])),
        asyncFunctions: names.map((functionName) => ({ functionName, qualifiers: [""] })),
        asyncSettings: Object.assign({}, ...names.map((name) => settingsOf(functionArn(name)))),
      },
      { batchSize: 2 },
    );
    expect(batchKeys).toEqual(["async-0001", "async-0002"]);
  });

  test.each([
    { state: "Enabled", own: 0 },
    { state: "Updating", own: 0 },
    { state: "Disabled", own: 1 },
  ])("of a function that a queue's mapping feeds ($state): $own", async ({ state, own }) => {
    const { paths } = await run({
      ...thumbnails,
      mappings: [mapping("images", "thumbnails", { state, functionArn: `${THUMBNAILS}:live` })],
      functions: { ...thumbnails.functions, [`${THUMBNAILS}:live`]: consumer("thumbnails") },
      queues: { images: queueSettings("images") },
    });
    expect(paths).toHaveLength(own);
  });

  test("alias by alias", async () => {
    const { paths, ports } = await run({
      ...thumbnails,
      asyncFunctions: [{ functionName: "thumbnails", qualifiers: ["", "live"] }],
      asyncSettings: {
        ...settingsOf(THUMBNAILS),
        [`${THUMBNAILS}:live`]: { eventSources: [], maximumRetryAttempts: 0 },
      },
    });
    expect(paths[0]?.targets).toEqual([S3, { eventSources: [], maximumRetryAttempts: 0, qualifier: "live" }]);
    expect(ports.log.filter((call) => call.startsWith("mappings.describe"))).toHaveLength(1);
  });

  test.each([
    { settings: { asyncSources: false }, looks: 0, found: 0 },
    { settings: { includeQueues: ["orders-*"] }, looks: 1, found: 0 },
    { settings: { includeQueues: ["thumb*"] }, looks: 1, found: 1 },
    { settings: { excludeQueues: ["thumbnails"] }, looks: 1, found: 0 },
  ])("$settings: $looks listing, $found paths", async ({ settings, looks, found }) => {
    const { paths, ports } = await run(thumbnails, settings);
    expect(paths).toHaveLength(found);
    expect(ports.log.filter((call) => call === "asyncEvents.listFunctions")).toHaveLength(looks);
    expect(ports.log.filter((call) => call.startsWith("mappings.describe"))).toHaveLength(found);
  });

  test("functions that the patterns left out are counted, those that a queue feeds are not", async () => {
    const { discovery } = await run(
      {
        ...thumbnails,
        mappings: [mapping("images", "resize")],
        functions: { ...thumbnails.functions, [functionArn("resize")]: consumer("resize") },
        asyncFunctions: ["audit", "resize", "thumbnails"].map((functionName) => ({
          functionName,
          qualifiers: [""],
        })),
      },
      { includeQueues: ["thumbnails"] },
    );
    expect(discovery).toMatchObject({ excludedQueues: 1, excludedFunctions: 1, paths: 1 });
  });

  test("more than one scan can look at are said to be left out", async () => {
    const names = Array.from(
      { length: MAX_FUNCTIONS + 7 },
      (_, index) => `f${String(index).padStart(4, "0")}`,
    );
    const { discovery, ports } = await run({
      functions: Object.fromEntries(names.map((name) => [functionArn(name), consumer(name)])),
      asyncFunctions: names.map((functionName) => ({ functionName, qualifiers: [""] })),
      asyncSettings: Object.assign({}, ...names.map((name) => settingsOf(functionArn(name)))),
    });
    expect(discovery.paths).toBe(MAX_FUNCTIONS);
    expect(discovery.unreadable).toMatchObject([{ reason: expect.stringMatching(/^7 more than the 500 /) }]);
    expect(ports.log.filter((call) => call.startsWith("asyncEvents.describe"))).toHaveLength(MAX_FUNCTIONS);
  });

  test("I9: functions that cannot be listed are unreadable, and the queues are scanned", async () => {
    const { batchKeys, discovery } = await run({
      mappings: [mapping("orders", "orders-worker")],
      functions: { [functionArn("orders-worker")]: consumer("orders-worker") },
      queues: { orders: queueSettings("orders") },
      asyncFunctions: new UnreadableError("functions with asynchronous events", "ListMetrics is not allowed"),
    });
    expect(batchKeys).toEqual(["0001"]);
    expect(discovery.unreadable).toEqual([
      { resource: "functions with asynchronous events", reason: "ListMetrics is not allowed" },
    ]);
  });

  test("a function that was deleted is no path, one that may not be read is one, and says so (I8)", async () => {
    const gone = functionArn("gone");
    const denied = functionArn("denied");
    const { paths, discovery } = await run({
      functions: {
        [gone]: new UnreadableError(gone, "it does not exist", { missing: true }),
        [denied]: new UnreadableError(denied, "not allowed"),
      },
      asyncFunctions: ["denied", "gone"].map((functionName) => ({ functionName, qualifiers: [""] })),
    });
    const unreadable = [{ resource: denied, reason: "not allowed" }];
    expect(paths).toEqual([{ functionArn: denied, functionName: "denied", targets: [], unreadable }]);
    expect(discovery.unreadable).toEqual(unreadable);
  });

  test("details that may not be read are listed", async () => {
    const policy = { resource: THUMBNAILS, reason: "event sources: not allowed" };
    const { discovery } = await run({
      ...thumbnails,
      asyncSettings: {
        [THUMBNAILS]: { eventSources: [], maximumRetryAttempts: 2, unreadable: [policy] },
      },
    });
    expect(discovery.unreadable).toEqual([policy]);
  });

  test.each([
    { region: "eu-west-1", partition: "aws" },
    { region: "cn-north-1", partition: "aws-cn" },
    { region: "us-gov-west-1", partition: "aws-us-gov" },
  ])("a metric names no ARN: in $region it is one of $partition", async ({ region, partition }) => {
    const arn = `arn:${partition}:lambda:${region}:123456789012:function:thumbnails`;
    const ports = createFakePorts({
      functions: { [arn]: consumer("thumbnails") },
      asyncFunctions: [{ functionName: "thumbnails", qualifiers: [""] }],
      asyncSettings: settingsOf(arn),
    });
    const account = { identity: async () => ({ accountId: "123456789012", region }) };
    await discover({ ...ports, account }, ScanSettings.parse({}), SCAN);
    const batch = documentKey.batch("async-0001");
    const [path] = await requireDocument(ports.ledger, SCAN.scanId, batch, AsyncPath.array());
    expect(path?.functionArn).toBe(arn);
  });
});
