import { describe, expect, test } from "@jest/globals";
import { UnreadableError } from "../../../core/errors.ts";
import type { BatchDiagnosis } from "../../../core/model/finding.ts";
import { FindingDocument } from "../../../core/model/finding.ts";
import { estimateCostUsd } from "../../../core/scan/cost.ts";
import type { Digest } from "../../../core/scan/digest.ts";
import type { Discovery } from "../../../core/scan/documents.ts";
import { notify } from "../../../core/scan/notify.ts";
import { summarise, type Watching } from "../../../core/scan/summarise.ts";
import { finding, verdict } from "../../support/findings.ts";
import { measurement } from "../../support/measurements.ts";
import {
  closedChange,
  createRemediationFakes,
  putChange,
  waitingChange,
} from "../../support/remediation-fakes.ts";
import {
  ACCOUNT,
  createFakePorts,
  deliveryPath,
  type FakePorts,
  functionArn,
  mapping,
  queueArn,
  queueSettings,
  REGION,
  SCAN,
} from "../../support/scan-fakes.ts";

const diagnosis = (more: Partial<BatchDiagnosis> = {}): BatchDiagnosis => ({
  paths: [],
  findings: [],
  unreadable: [],
  logBytesScanned: 0,
  ...more,
});

async function prepare(diagnoses: Readonly<Record<string, BatchDiagnosis>>, more: Partial<Discovery> = {}) {
  const ports = createFakePorts();
  const put = (key: string, value: unknown) => ports.ledger.putDocument(SCAN.scanId, key, value);
  await put("claim", { startedAtMs: ports.nowMs() - 12_000 });
  await put("discovery", {
    account: ACCOUNT,
    region: REGION,
    batches: Object.keys(diagnoses),
    paths: 2,
    excludedQueues: 0,
    sharedFunctions: [],
    unreadable: [],
    ...more,
  } satisfies Discovery);
  for (const [key, one] of Object.entries(diagnoses)) await put(`diagnosis/${key}`, one);
  return { ports, put };
}

async function run(ports: FakePorts, deployed = false, watching?: Watching) {
  const { figures, ...output } = await summarise(ports, SCAN, {
    deployed,
    ...(watching === undefined ? {} : { watching }),
  });
  const document = FindingDocument.parse(await ports.ledger.getDocument(SCAN.scanId, "document"));
  const digest = (await ports.ledger.getDocument(SCAN.scanId, "digest")) as Digest | undefined;
  return { output, figures, document, digest };
}

describe("summarise", () => {
  test("puts all batches into one document, and tells of what is new", async () => {
    const [denied, slow] = [
      { resource: "fn", reason: "denied" },
      { resource: "log", reason: "slow" },
    ];
    const { ports, put } = await prepare(
      {
        "0001": diagnosis({
          paths: [verdict("a", { verdict: "duplicating" })],
          findings: [finding("a")],
          unreadable: [denied],
          logBytesScanned: 600,
        }),
        "0002": diagnosis({ paths: [verdict("b")], unreadable: [slow, denied], logBytesScanned: 400 }),
      },
      { unreadable: [denied] },
    );
    await put("usage/0001", { metricsRequested: 1000, sampledQueues: [queueArn("a")] });
    await put("usage/0002", { metricsRequested: 500, sampledQueues: [queueArn("a")] });
    await put("calls/discover/all", { "sqs:GetQueueUrl": 2, "lambda:GetFunctionConfiguration": 1 });
    await put("calls/measure/0001", { "sqs:GetQueueUrl": 3 });
    const { output, document, digest } = await run(ports);
    expect(output).toEqual({ new: 1, continuing: 0, resolved: 0, unreached: 0, changed: true });
    expect(document.scan).toEqual({
      id: SCAN.scanId,
      account: ACCOUNT,
      region: REGION,
      window: { start: "2026-11-23T14:40:00.000Z", end: "2026-11-23T17:40:00.000Z" },
      durationMs: 12_000,
      apiCalls: { "lambda:GetFunctionConfiguration": 1, "sqs:GetQueueUrl": 5 },
      estimatedCostUsd: expect.closeTo(0.015 + 0.000002 + 0.000000005, 9),
      logBytesScanned: 1000,
      excludedQueues: 0,
      sampledQueues: [queueArn("a")],
      unreadable: [denied, slow],
    });
    expect(document.paths.map((path) => path.verdict)).toEqual(["duplicating", "healthy"]);
    expect(document.findings).toEqual([finding("a")]);
    expect(digest?.told).toEqual([{ id: "finding-a", status: "open" }]);
  });

  test("a repeat tells the same (I6)", async () => {
    const { ports } = await prepare({
      "0001": diagnosis({ paths: [verdict("a")], findings: [finding("a")] }),
    });
    const first = await run(ports);
    const again = await run(ports);
    expect(again).toEqual(first);
  });

  test("writes no digest when nothing changed", async () => {
    const { ports } = await prepare({ "0001": diagnosis({ paths: [verdict("a")] }) });
    const { output, digest } = await run(ports);
    expect(output).toEqual({ new: 0, continuing: 0, resolved: 0, unreached: 0, changed: false });
    expect(digest).toBeUndefined();
  });

  test("advice alone is in the document and in no digest", async () => {
    const { ports } = await prepare({
      "0001": diagnosis({ paths: [verdict("a")], findings: [finding("a", { evidence: "advisory" })] }),
    });
    const { output, document } = await run(ports);
    expect(document.findings).toHaveLength(1);
    expect(output.changed).toBe(false);
  });

  test("a batch without a diagnosis is unknown, named, and resolves nothing (I8, I9)", async () => {
    const { ports, put } = await prepare({ "0001": diagnosis({ paths: [verdict("ok")] }) });
    await ports.ledger.putFindingStates([
      {
        id: "finding-a",
        queueArn: queueArn("a"),
        status: "open",
        firstSeenScanId: "earlier",
        lastSeenScanId: "earlier",
        lastSeenMs: SCAN.window.startMs,
        strongestEvidence: "proven",
        notifiedScanId: "earlier",
        finding: finding("a"),
      },
    ]);
    const discovery = (await ports.ledger.getDocument(SCAN.scanId, "discovery")) as Discovery;
    await put("discovery", { ...discovery, batches: ["0001", "0002"] });
    const unread = { resource: functionArn("gone"), reason: "it does not exist" };
    await put("batch/0002", [
      deliveryPath("a", { unreadable: [unread] }),
      deliveryPath("b", { consumers: [{ mapping: mapping("b", "gone") }] }),
    ]);
    const { output, document } = await run(ports);
    const reason = "the batch of this queue could not be scanned to its end";
    expect(document.paths).toMatchObject([
      { queueArn: queueArn("ok"), verdict: "healthy" },
      { queueArn: queueArn("a"), verdict: "unknown", note: reason, functionArns: [functionArn("a-worker")] },
      { queueArn: queueArn("b"), verdict: "unknown", note: reason, functionArns: [functionArn("gone")] },
    ]);
    expect(document.scan.unreadable).toEqual([
      unread,
      { resource: queueArn("a"), reason },
      { resource: queueArn("b"), reason },
    ]);
    expect(output).toEqual({ new: 0, continuing: 1, resolved: 0, unreached: 0, changed: false });
  });

  test("a batch that failed says why, where its step noted it", async () => {
    const { ports, put } = await prepare({}, { batches: ["0001"] });
    await put("batch/0001", [deliveryPath("a")]);
    const throttled = "throttled: cloudwatch:GetMetricData was refused on every try, try again later";
    await put("failure/0001", { reason: throttled });
    const { document } = await run(ports);
    const reason = `the batch of this queue could not be scanned to its end: ${throttled}`;
    expect(document.paths).toEqual([expect.objectContaining({ verdict: "unknown", note: reason })]);
    expect(document.scan.unreadable).toEqual([{ resource: queueArn("a"), reason }]);
  });

  test("the workflow's own cost counts only where it is deployed", async () => {
    const { ports } = await prepare({ "0001": diagnosis() });
    expect((await run(ports, false)).document.scan.estimatedCostUsd).toBe(0);
    expect((await run(ports, true)).document.scan.estimatedCostUsd).toBeGreaterThan(0);
  });

  test("refuses a document of another shape, and says which", async () => {
    const { ports, put } = await prepare({});
    await put("discovery", { account: 7 });
    await expect(run(ports)).rejects.toMatchObject({
      name: "ContractError",
      message: expect.stringContaining("document discovery of scan 20261123T180000Z has an unexpected shape"),
    });
  });
});

describe("what a deployed system looks after beside the findings", () => {
  const TOPIC = "arn:aws:sns:eu-west-1:123456789012:digest";
  const ann = (confirmed: boolean) => ({ endpoint: "ann@example.com", protocol: "email", confirmed });

  /** Ann gets the digest; what is seen of the queue `orders` is 30 s. */
  async function watched(subscriptions: ReturnType<typeof ann>[] = [ann(true)]) {
    const { ports, put } = await prepare({ "0001": diagnosis({ paths: [verdict("orders")] }) });
    await put("batch/0001", [
      deliveryPath("orders", { settings: queueSettings("orders", { visibilityTimeoutSeconds: 30 }) }),
    ]);
    await put("measurement/0001", [measurement("orders")]);
    const fakes = createRemediationFakes();
    fakes.subscriptions.set(TOPIC, subscriptions);
    const watching: Watching = {
      changes: fakes.ports.changes,
      subscriptions: fakes.ports.subscriptions,
      audiences: [{ topicArn: TOPIC, what: "the digest", addresses: ["ann@example.com"] }],
    };
    return { ports, put, fakes, look: () => run(ports, true, watching) };
  }

  test("all is well: nothing to tell", async () => {
    const { look } = await watched();
    expect((await look()).output).toMatchObject({ unreached: 0, changed: false });
  });

  test("somebody undid a change: news, until it is told", async () => {
    const { ports, fakes, look } = await watched();
    await putChange(fakes, closedChange("better"));
    const { output, digest } = await look();
    expect(output.changed).toBe(true);
    expect(digest).toMatchObject({ toldUndone: ["change-orders"] });
    await notify({ ...ports, changes: fakes.ports.changes }, { ...SCAN });
    const later = { ...SCAN, scanId: "later" };
    for (const key of ["discovery", "claim", "diagnosis/0001", "batch/0001", "measurement/0001"]) {
      await ports.ledger.putDocument(later.scanId, key, await ports.ledger.getDocument(SCAN.scanId, key));
    }
    const watching: Watching = {
      changes: fakes.ports.changes,
      subscriptions: fakes.ports.subscriptions,
      audiences: [],
    };
    expect(await summarise(ports, later, { deployed: true, watching })).toMatchObject({ changed: false });
  });

  test("a change that waits is named in a digest, and is none of its own", async () => {
    const { fakes, look } = await watched([ann(false)]);
    await putChange(fakes, waitingChange());
    expect((await look()).digest).toMatchObject({
      json: { counts: { waitingForApproval: 1 } },
      text: expect.stringContaining("WAITING FOR APPROVAL (1)"),
    });
    const quiet = await watched();
    await putChange(quiet.fakes, waitingChange());
    expect((await quiet.look()).output.changed).toBe(false);
  });

  test("somebody is not reached: counted at every scan, news at the first", async () => {
    const { ports, look } = await watched([ann(false)]);
    const first = await look();
    expect(first.output).toMatchObject({ unreached: 1, changed: true });
    expect(first.digest?.toldUnreached).toEqual([
      "ann@example.com the digest has not confirmed the subscription",
    ]);
    await notify(ports, SCAN);
    expect((await look()).output).toMatchObject({ unreached: 1, changed: false });
  });

  test("another trouble with the same address is news again", async () => {
    const { ports, fakes, look } = await watched([ann(false)]);
    await look();
    await notify(ports, SCAN);
    fakes.subscriptions.set(TOPIC, []);
    expect((await look()).output).toMatchObject({ unreached: 1, changed: true });
  });

  // Between the two nothing else had changed, so there was no digest that could note it.
  test("an address that was reached in between is news again when it fails a second time", async () => {
    const { ports, put, fakes, look } = await watched([ann(false)]);
    await look();
    await notify(ports, SCAN);
    fakes.subscriptions.set(TOPIC, [ann(true)]);
    await put("digest", undefined);
    await look();
    fakes.subscriptions.set(TOPIC, [ann(false)]);
    expect((await look()).output).toMatchObject({ changed: true });
  });

  test("I9: a topic that cannot be read is listed, and no news", async () => {
    const { fakes, look } = await watched();
    fakes.fail("subscriptions.list", new UnreadableError(TOPIC, "denied"));
    const { output, document } = await look();
    expect(output).toMatchObject({ unreached: 0, changed: false });
    expect(document.scan.unreadable).toEqual([{ resource: TOPIC, reason: "denied" }]);
  });

  test("findings on a queue that its owner ignores are no news, and are told once that is over", async () => {
    const ignored = { untilMs: SCAN.window.endMs, reason: "load test" };
    const { ports, put } = await prepare({
      "0001": diagnosis({ paths: [verdict("a", { ignored })], findings: [finding("a")] }),
    });
    const first = await run(ports);
    expect(first.output).toMatchObject({ new: 0, changed: false });
    expect(first.document.findings).toHaveLength(1);
    await put("diagnosis/0001", diagnosis({ paths: [verdict("a")], findings: [finding("a")] }));
    expect((await run(ports)).output).toMatchObject({ new: 1, changed: true });
  });
});

describe("estimateCostUsd", () => {
  const nothing = { metricsRequested: 0, logBytesScanned: 0, apiCalls: {}, deployedBatches: 0 };

  test.each([
    { what: "nothing", usage: {}, usd: 0 },
    { what: "a thousand metrics", usage: { metricsRequested: 1000 }, usd: 0.01 },
    { what: "a gigabyte of logs", usage: { logBytesScanned: 1e9 }, usd: 0.005 },
    { what: "a million SQS requests", usage: { apiCalls: { "sqs:GetQueueAttributes": 1e6 } }, usd: 0.4 },
    { what: "500 listings of metrics", usage: { apiCalls: { "cloudwatch:ListMetrics": 500 } }, usd: 0.005 },
    { what: "requests that are free", usage: { apiCalls: { "lambda:GetFunction": 1e6 } }, usd: 0 },
    // 8 transitions, 10 Lambda calls of 3 s at a gigabyte, one EXPRESS child of 60 s at 64 MB.
    { what: "one deployed batch", usage: { deployedBatches: 1 }, usd: 0.0002 + 0.000402 + 0.000065 },
  ])("$what costs $usd USD", ({ usage, usd }) => {
    expect(estimateCostUsd({ ...nothing, ...usage })).toBeCloseTo(usd, 6);
  });
});
