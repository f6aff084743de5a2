// A batch of asynchronous paths through the steps of the scan.
import { describe, expect, test } from "@jest/globals";
import { UnreadableError } from "../../../core/errors.ts";
import { AsyncMeasurement } from "../../../core/model/async-path.ts";
import { AsyncDeliveries } from "../../../core/model/delivery.ts";
import { BatchDiagnosis, FindingDocument } from "../../../core/model/finding.ts";
import { ScanSettings } from "../../../core/model/settings.ts";
import type { LogLine } from "../../../core/ports.ts";
import { collectDeliveries } from "../../../core/scan/collect-deliveries.ts";
import { diagnose } from "../../../core/scan/diagnose.ts";
import { Candidate, type Discovery, documentKey, requireDocument } from "../../../core/scan/documents.ts";
import { measure } from "../../../core/scan/measure.ts";
import { startQueries } from "../../../core/scan/start-queries.ts";
import { summarise } from "../../../core/scan/summarise.ts";
import { asyncPath, atMs, THUMBNAILS, TOPIC } from "../../support/async-paths.ts";
import { ACCOUNT, createFakePorts, REGION, SCAN, WINDOW, type World } from "../../support/scan-fakes.ts";

const BATCH = { ...SCAN, batchKey: "async-0001" };
const GROUP = "/aws/lambda/thumbnails";
const REQUEST = "3f2a1b4c-0000-4000-8000-000000000001";
const MINUTES = (WINDOW.endMs - WINDOW.startMs) / 60_000;

/** One event that failed and was run again a minute later. */
const ROWS: readonly LogLine[] = [
  [10, `START RequestId: ${REQUEST} Version: $LATEST`],
  [11, `REPORT RequestId: ${REQUEST}\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\tStatus: error`],
  [71, `START RequestId: ${REQUEST} Version: $LATEST`],
  [72, `REPORT RequestId: ${REQUEST}\tDuration: 1000.00 ms\tBilled Duration: 1000 ms`],
].map(([at, message]) => ({
  timestampMs: atMs(Number(at)),
  logStream: "2026/11/23/[$LATEST]aa",
  message: String(message),
}));

const world: World = {
  metric: ({ metricName }) => (metricName === "AsyncEventsDropped" ? undefined : 1),
  logs: { [GROUP]: { status: { state: "complete", bytesScanned: 500, rows: ROWS.length }, rows: ROWS } },
};

const discovery: Discovery = {
  account: ACCOUNT,
  region: REGION,
  batches: [BATCH.batchKey],
  paths: 1,
  excludedQueues: 0,
  sharedFunctions: [],
  unreadable: [],
};

async function prepare(more: World = {}, path = asyncPath()) {
  const ports = createFakePorts({ ...world, ...more });
  await ports.ledger.putDocument(SCAN.scanId, documentKey.claim, { startedAtMs: ports.nowMs() });
  await ports.ledger.putDocument(SCAN.scanId, documentKey.discovery, discovery);
  await ports.ledger.putDocument(SCAN.scanId, documentKey.batch(BATCH.batchKey), [path]);
  const read = <T>(key: string, schema: Parameters<typeof requireDocument<T>>[3]) =>
    requireDocument(ports.ledger, SCAN.scanId, key, schema);
  return { ports, read };
}

const SETTINGS = ScanSettings.parse({});

describe("a batch of asynchronous paths", () => {
  test("is measured by its own metrics in one call, and chosen for a look at its logs", async () => {
    const { ports, read } = await prepare();
    expect(await measure(ports, SETTINGS, BATCH)).toEqual({ paths: 1, suspects: 1, candidates: 1 });
    const [measured] = await read(documentKey.measurement(BATCH.batchKey), AsyncMeasurement.array());
    expect(measured).toMatchObject({
      functionArn: THUMBNAILS,
      totals: { events: MINUTES, dropped: 0, errors: MINUTES },
    });
    expect(ports.log).toEqual(["metrics.getSeries 60"]);
    expect(await read(documentKey.candidates(BATCH.batchKey), Candidate.array())).toEqual([
      { index: 0, arn: THUMBNAILS, kind: "suspect", logBytes: MINUTES },
    ]);
  });

  test("a repeat reads no metric again", async () => {
    const { ports } = await prepare();
    const once = await measure(ports, SETTINGS, BATCH);
    expect(await measure(ports, SETTINGS, BATCH)).toEqual(once);
    expect(ports.log).toHaveLength(1);
  });

  test.each([
    { name: "logs are not read", settings: { readLogs: false }, more: {}, candidates: 0 },
    { name: "no events came", settings: {}, more: { metric: () => 0 }, candidates: 0 },
    {
      name: "nothing looks wrong: a routine look",
      settings: {},
      more: { metric: ({ metricName }) => (/Errors|Dropped/.test(metricName) ? 0 : 1) } satisfies World,
      candidates: 1,
    },
    {
      name: "no metric can be read: only the logs can tell",
      settings: {},
      more: { metricsError: new UnreadableError("metrics", "denied") },
      candidates: 1,
    },
  ])("$name: $candidates", async ({ settings, more, candidates }) => {
    const { ports } = await prepare(more);
    const measured = await measure(ports, ScanSettings.parse(settings), BATCH);
    expect(measured.candidates).toBe(candidates);
  });

  test("where calm paths are read once a day, a calm one is screened, and read in full when it is due", async () => {
    const calm = {
      metric: ({ metricName }: { readonly metricName: string }) =>
        /Received|Invocations/.test(metricName) ? 1 : 0,
    };
    const daily = ScanSettings.parse({ calmPaths: "daily", scanIntervalMinutes: 1 });
    const { ports, read } = await prepare(calm);
    expect(await measure(ports, daily, BATCH)).toEqual({ paths: 1, suspects: 0, candidates: 0 });
    expect(ports.requested.map(({ metricName }) => metricName)).toEqual([
      "AsyncEventsReceived",
      "Invocations",
      "Errors",
    ]);
    await diagnose(ports, daily, BATCH);
    const { paths } = await read(documentKey.diagnosis(BATCH.batchKey), BatchDiagnosis);
    expect(paths).toMatchObject([{ verdict: "healthy", depth: "screened", incomplete: false }]);

    const everyDay = ScanSettings.parse({ calmPaths: "daily", scanIntervalMinutes: 1440 });
    const due = await prepare(calm);
    expect(await measure(due.ports, everyDay, BATCH)).toEqual({ paths: 1, suspects: 0, candidates: 1 });
    expect(due.ports.requested).toHaveLength(6);
  });

  test("its logs are read from before the window, so that first tries are seen, and correlated", async () => {
    const { ports, read } = await prepare();
    await measure(ports, SETTINGS, BATCH);
    expect(await startQueries(ports, SETTINGS, BATCH)).toEqual({ queries: 1 });
    // Three minutes of waiting and two runs of at most ten seconds.
    expect(ports.started).toMatchObject([
      { logGroups: [GROUP], window: { startMs: WINDOW.startMs - 5 * 60_000, endMs: WINDOW.endMs } },
    ]);
    expect(await collectDeliveries(ports, SETTINGS, { ...BATCH, attempt: 1 })).toEqual({
      pending: 0,
      running: 0,
      attempt: 1,
    });
    const deliveries = await read(documentKey.deliveries(BATCH.batchKey, 0), AsyncDeliveries);
    expect(deliveries).toMatchObject({
      functionArn: THUMBNAILS,
      causes: [{ cause: "async-retry", messages: 1, redeliveries: 1, duplicates: 0 }],
      coverage: { bytesScanned: 500 },
    });
  });

  test("is diagnosed and told in the document with its sources, and without a queue", async () => {
    const { ports, read } = await prepare();
    await measure(ports, SETTINGS, BATCH);
    await startQueries(ports, SETTINGS, BATCH);
    await collectDeliveries(ports, SETTINGS, { ...BATCH, attempt: 1 });
    expect(await diagnose(ports, SETTINGS, BATCH)).toEqual({ findings: 1 });
    expect(await summarise(ports, SCAN, { deployed: false })).toMatchObject({ new: 1 });
    const { paths, findings } = await read(documentKey.document, FindingDocument);
    const reference = {
      source: "async",
      functionArns: [THUMBNAILS],
      eventSources: [{ kind: "sns", arn: TOPIC }],
    };
    expect(paths).toEqual([
      { ...reference, verdict: "retrying", incomplete: false, logsRead: true, idle: false },
    ]);
    expect(findings).toMatchObject([{ ...reference, cause: "async-retry", evidence: "proven" }]);
  });

  test("over the byte budget it says so", async () => {
    const { ports, read } = await prepare();
    const stingy = ScanSettings.parse({ maxLogBytes: 10 });
    await measure(ports, stingy, BATCH);
    await startQueries(ports, stingy, BATCH);
    const deliveries = await read(documentKey.deliveries(BATCH.batchKey, 0), AsyncDeliveries);
    expect(deliveries).toMatchObject({ functionArn: THUMBNAILS, coverage: { logged: "not-read" } });
    await diagnose(ports, stingy, BATCH);
    const { paths } = await read(documentKey.diagnosis(BATCH.batchKey), BatchDiagnosis);
    expect(paths[0]).toMatchObject({
      note: expect.stringContaining("over the byte budget"),
      logsRead: false,
    });
  });

  test("I8: a function that could not be read is told as unknown, and nothing of it is asked for", async () => {
    const unreadable = [{ resource: THUMBNAILS, reason: "denied" }];
    const { ports, read } = await prepare(
      {},
      { functionArn: THUMBNAILS, functionName: "thumbnails", targets: [], unreadable },
    );
    await measure(ports, SETTINGS, BATCH);
    await diagnose(ports, SETTINGS, BATCH);
    expect(ports.log).toEqual([]);
    const diagnosis = await read(documentKey.diagnosis(BATCH.batchKey), BatchDiagnosis);
    expect(diagnosis).toMatchObject({ unreadable, paths: [{ verdict: "unknown", incomplete: true }] });
  });

  test("one whose batch failed is unknown in the document", async () => {
    const { ports, read } = await prepare();
    await summarise(ports, SCAN, { deployed: false });
    const { paths, scan } = await read(documentKey.document, FindingDocument);
    expect(paths).toMatchObject([{ source: "async", functionArns: [THUMBNAILS], verdict: "unknown" }]);
    expect(scan.unreadable).toMatchObject([{ resource: THUMBNAILS }]);
  });
});
