// What a scan leaves in the ledger, made from the model's queues: the documents that ProposeChanges and MeasureEffect read.
import { makePlan } from "../../core/advise/plan.ts";
import type { PathDeliveries } from "../../core/model/delivery.ts";
import type { PathMeasurement, Window } from "../../core/model/measurement.ts";
import type { Ledger } from "../../core/ports.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import { documentKey } from "../../core/scan/documents.ts";
import { findingDocument } from "./finding-documents.ts";
import { finding } from "./findings.ts";
import { type Effect, type ModelQueue, pathOf } from "./invariant-model-account.ts";
import { measurement } from "./measurements.ts";
import { ACCOUNT, REGION } from "./scan-fakes.ts";

const BATCH = "0001";
const MINUTE_MS = 60_000;
const SEVERITIES = ["critical", "high", "medium", "low"] as const;

/** Three hours that ended twenty minutes ago, on whole minutes. */
function windowAt(nowMs: number): Window {
  const endMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - 20 * MINUTE_MS;
  return { startMs: endMs - 180 * MINUTE_MS, endMs };
}

function measured(queue: ModelQueue, window: Window, oldestMessageAgeSeconds: number): PathMeasurement {
  return {
    ...measurement(queue.name, { totals: { oldestMessageAgeSeconds } }),
    window,
    exposure: {
      level: "exceeded",
      visibilityTimeoutSeconds: queue.seconds,
      functionTimeoutSeconds: queue.functionSeconds,
      batchingWindowSeconds: queue.windowSeconds,
      recommendedSeconds: 6 * queue.functionSeconds,
      maxDurationMs: queue.seconds * 1500,
      p99DurationMs: queue.seconds * 1100,
    },
  };
}

function delivered(queue: ModelQueue, duplicates: number): PathDeliveries {
  return {
    queueArn: queue.arn,
    coverage: {
      logged: "ids",
      invocations: 440,
      messages: 400,
      deliveries: 400 + duplicates,
      maxReceiveCount: 2,
      bytesScanned: 1000,
      truncated: false,
    },
    causes: [{ cause: "visibility-expired", messages: duplicates, redeliveries: duplicates, duplicates }],
    examples: [],
    unreadable: [],
  };
}

/** @returns what was planned, the worst first. */
export async function writeScan(
  ledger: Ledger,
  scanId: string,
  queues: readonly ModelQueue[],
  settings: RemediationSettings,
  nowMs: number,
): Promise<{ readonly queue: ModelQueue; readonly hash: string }[]> {
  const window = windowAt(nowMs);
  const consumed = queues.filter((queue) => queue.mapping !== "deleted");
  const found = consumed.flatMap((queue) => {
    const { evidence } = queue;
    const plan = makePlan({
      path: pathOf(queue),
      measurement: measured(queue, window, 40),
      settings: settings.scan,
      cause: "visibility-expired",
      evidence,
      observedSharePercent: 10,
      logsUnreadable: false,
    });
    const severity = SEVERITIES[queues.indexOf(queue)] ?? "low";
    return plan === undefined
      ? []
      : [{ queue, hash: plan.hash, finding: finding(queue.name, { plan, evidence, severity }) }];
  });
  await ledger.putDocument(scanId, documentKey.discovery, {
    account: ACCOUNT,
    region: REGION,
    batches: [BATCH],
    paths: consumed.length,
    excludedQueues: 0,
    sharedFunctions: [],
    unreadable: [],
  });
  await ledger.putDocument(scanId, documentKey.batch(BATCH), consumed.map(pathOf));
  const measurements = consumed.map((queue) => measured(queue, window, 40));
  await ledger.putDocument(scanId, documentKey.measurement(BATCH), measurements);
  for (const [index, queue] of consumed.entries()) {
    await ledger.putDocument(scanId, documentKey.deliveries(BATCH, index), delivered(queue, 40));
  }
  // The weakest first: whoever proposes has to sort them.
  const findings = found.map((one) => one.finding).toReversed();
  await ledger.putDocument(scanId, documentKey.document, findingDocument({ findings, paths: [] }));
  return found;
}

/** What Measure finds out in the observation window. */
export const measuredAfter = (queue: ModelQueue, window: Window): PathMeasurement[] => [
  measured(queue, window, queue.effect === "worse" ? 1_000_000 : 40),
];

const DUPLICATES_AFTER: Readonly<Record<Effect, number>> = { better: 0, unchanged: 40, worse: 0, nothing: 0 };

/** What the logs of the observation window say. */
export const deliveredAfter = (queue: ModelQueue): PathDeliveries =>
  delivered(queue, DUPLICATES_AFTER[queue.effect]);
