// What becomes of a path that is not read in full, from Measure to the finding document.
import { describe, expect, test } from "@jest/globals";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import { FindingDocument, type FindingState } from "../../../core/model/finding.ts";
import type { BatchContext } from "../../../core/model/workflow.ts";
import { diagnose } from "../../../core/scan/diagnose.ts";
import { type Discovery, documentKey, requireDocument } from "../../../core/scan/documents.ts";
import { duePeriod, isDue } from "../../../core/scan/due.ts";
import { measure } from "../../../core/scan/measure.ts";
import { summarise } from "../../../core/scan/summarise.ts";
import { finding } from "../../support/findings.ts";
import {
  ACCOUNT,
  createFakePorts,
  deliveryPath,
  type FakePorts,
  queueArn,
  queueSettings,
  REGION,
  SETTINGS,
  WINDOW,
  type World,
} from "../../support/scan-fakes.ts";

const settings = { ...SETTINGS, calmPaths: "daily" as const, readLogs: false };
const HOUR_MS = 3_600_000;

/** The scans of a day, every three hours. */
const scans: BatchContext[] = Array.from({ length: 8 }, (_, index) => ({
  scanId: `scan-${index}`,
  batchKey: "0001",
  window: { startMs: WINDOW.startMs + index * 3 * HOUR_MS, endMs: WINDOW.endMs + index * 3 * HOUR_MS },
}));

const steady: World = {
  metric: ({ metricName }) => {
    if (/^NumberOfMessages|^Invocations$/.test(metricName)) return 1;
    return metricName === "Duration" ? 200 : 0;
  },
};

const discovery: Discovery = {
  account: ACCOUNT,
  region: REGION,
  batches: ["0001"],
  paths: 1,
  excludedQueues: 0,
  sharedFunctions: [],
  unreadable: [],
};

/** One path through the steps of one scan. */
async function scan(ports: FakePorts, path: DeliveryPath, context: BatchContext) {
  const put = (key: string, value: unknown) => ports.ledger.putDocument(context.scanId, key, value);
  await put(documentKey.claim, { startedAtMs: ports.nowMs() });
  await put(documentKey.discovery, discovery);
  await put(documentKey.batch(context.batchKey), [path]);
  await measure(ports, settings, context);
  await diagnose(ports, settings, context);
  await summarise(ports, context, { deployed: true });
  const document = await requireDocument(ports.ledger, context.scanId, documentKey.document, FindingDocument);
  const [verdict] = document.paths;
  return { verdict, document };
}

const notDueNow = (context: BatchContext) => {
  const names = Array.from({ length: 50 }, (_, index) => `orders-${index}`);
  return names.find((name) => !isDue(queueArn(name), duePeriod(context.window, settings))) ?? "";
};
const [first] = scans as [BatchContext, ...BatchContext[]];
const name = notDueNow(first);

describe("a path that was only screened", () => {
  test("is healthy, and the document tells that not everything was read", async () => {
    const { verdict, document } = await scan(createFakePorts(steady), deliveryPath(name), first);
    expect(verdict).toMatchObject({
      verdict: "healthy",
      depth: "screened",
      incomplete: false,
      logsRead: false,
      idle: false,
    });
    expect(document.scan.unreadable).toEqual([]);
    expect(document.scan.estimatedCostUsd).toBeGreaterThan(0);
  });

  test("is idle where nothing moved", async () => {
    const { verdict } = await scan(createFakePorts({ metric: () => 0 }), deliveryPath(name), first);
    expect(verdict).toMatchObject({
      verdict: "healthy",
      depth: "screened",
      idle: true,
      note: "no traffic in the window",
    });
  });

  test("has the same advisory finding as one that was read in full, but for the figures", async () => {
    const settingsOf = queueSettings(name, { visibilityTimeoutSeconds: 30 });
    const path = deliveryPath(name, { settings: settingsOf });
    const ports = createFakePorts(steady);
    const documents = [];
    for (const context of scans) documents.push((await scan(ports, path, context)).document);
    const depths = documents.map(({ paths }) => paths[0]?.depth ?? "full");
    expect(new Set(depths)).toEqual(new Set(["screened", "full"]));
    const advisory = documents.flatMap(({ findings }) => findings);
    expect(advisory.map(({ evidence, id }) => [evidence, id])).toEqual(
      documents.map(() => ["advisory", advisory[0]?.id]),
    );
    expect(advisory[0]?.confidence?.settledBy).toEqual([
      "nothing but time: another scan of the day reads this path in full",
    ]);
  });
});

describe("a path read in full", () => {
  test("is told without a depth, as every path was before", async () => {
    const exposed = deliveryPath(name, { settings: queueSettings(name, { visibilityTimeoutSeconds: 5 }) });
    const { verdict } = await scan(createFakePorts(steady), exposed, first);
    expect(verdict?.verdict).toBe("at-risk");
    expect(verdict).not.toHaveProperty("depth");
  });

  test("is the only one that closes a finding: while it is open, every scan reads the path in full", async () => {
    const ports = createFakePorts(steady);
    const open: FindingState = {
      id: "measured-before",
      queueArn: queueArn(name),
      status: "open",
      firstSeenScanId: "earlier",
      lastSeenScanId: "earlier",
      lastSeenMs: first.window.startMs,
      strongestEvidence: "measured",
      notifiedScanId: "earlier",
      finding: finding(name, { id: "measured-before", evidence: "measured" }),
    };
    await ports.ledger.putFindingStates([open]);
    const seen = [];
    for (const context of [...scans, ...scans.map(nextDay)]) {
      const [before] = await ports.ledger.listFindingStates();
      const { verdict } = await scan(ports, deliveryPath(name), context);
      const [after] = await ports.ledger.listFindingStates();
      seen.push({ depth: verdict?.depth ?? "full", before: before?.status, after: after?.status });
    }
    expect(seen.filter(({ before }) => before === "open").every(({ depth }) => depth === "full")).toBe(true);
    expect(seen.filter(({ before, after }) => before !== after)).toEqual([
      { depth: "full", before: "open", after: "resolved" },
    ]);
    expect(seen.at(-1)).toMatchObject({ before: "resolved" });
    expect(seen.some(({ depth }) => depth === "screened")).toBe(true);
  });
});

function nextDay(context: BatchContext): BatchContext {
  const { startMs, endMs } = context.window;
  return {
    ...context,
    scanId: `${context.scanId}-next`,
    window: { startMs: startMs + 24 * HOUR_MS, endMs: endMs + 24 * HOUR_MS },
  };
}
