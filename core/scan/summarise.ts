// Summarise: every batch's diagnosis into one document, what changed since earlier scans, and the digest of it.
import * as z from "zod";
import type { Unreadable } from "../model/delivery-path.ts";
import {
  BatchDiagnosis,
  type FindingDocument,
  type PathVerdict,
  pathArn,
  SCHEMA_VERSION,
} from "../model/finding.ts";
import type { ScanContext, SummariseOutput } from "../model/workflow.ts";
import { estimateCostUsd } from "./cost.ts";
import { composeDigest } from "./digest.ts";
import { ClaimRecord, Discovery, documentKey, readDocument, requireDocument, Usage } from "./documents.ts";
import { FailureNote } from "./failure-note.ts";
import { followFindings } from "./finding-states.ts";
import { readReferences } from "./path-kind.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { distinctUnreadable } from "./unreadable.ts";

type SummarisePorts = Pick<ScanPorts, "ledger" | "calls" | "nowMs">;

export interface SummariseOptions {
  /** True when the workflow itself runs on AWS and is paid for. */
  readonly deployed: boolean;
}

const BATCH_FAILED = "the batch of this queue could not be scanned to its end";

const Calls = z.record(z.string(), z.number());

/** What stands in for a batch that has no diagnosis: its paths, unknown, with the reason where one was noted. */
async function withoutDiagnosis(
  ports: SummarisePorts,
  scanId: string,
  batchKey: string,
): Promise<BatchDiagnosis> {
  const note = await readDocument(ports.ledger, scanId, documentKey.failure(batchKey), FailureNote);
  const reason = note === undefined ? BATCH_FAILED : `${BATCH_FAILED}: ${note.reason}`;
  const paths = await readReferences(ports.ledger, scanId, batchKey);
  return {
    paths: paths.map(
      ({ reference }): PathVerdict => ({
        ...reference,
        verdict: "unknown",
        note: reason,
        incomplete: true,
        logsRead: false,
      }),
    ),
    findings: [],
    unreadable: paths.flatMap(({ reference, unreadable }): Unreadable[] => [
      ...unreadable,
      { resource: pathArn(reference), reason },
    ]),
    logBytesScanned: 0,
  };
}

/** API calls of all steps so far, and those of this one. */
async function sumCalls(ports: SummarisePorts, scanId: string): Promise<Record<string, number>> {
  const total = new Map<string, number>();
  const add = (calls: Readonly<Record<string, number>>) => {
    for (const [operation, times] of Object.entries(calls)) {
      total.set(operation, (total.get(operation) ?? 0) + times);
    }
  };
  for (const key of await ports.ledger.listDocumentKeys(scanId, "calls/")) {
    add(await requireDocument(ports.ledger, scanId, key, Calls));
  }
  add(ports.calls.take());
  return Object.fromEntries([...total].sort(([a], [b]) => a.localeCompare(b)));
}

async function readBatches(ports: SummarisePorts, scanId: string, batchKeys: readonly string[]) {
  const diagnoses: BatchDiagnosis[] = [];
  const usages: Usage[] = [];
  for (const batchKey of batchKeys) {
    const { ledger } = ports;
    const diagnosis = await readDocument(ledger, scanId, documentKey.diagnosis(batchKey), BatchDiagnosis);
    diagnoses.push(diagnosis ?? (await withoutDiagnosis(ports, scanId, batchKey)));
    const usage = await readDocument(ledger, scanId, documentKey.usage(batchKey), Usage);
    if (usage !== undefined) usages.push(usage);
  }
  return { diagnoses, usages };
}

/** Writes the finding document, the states of its findings, and the digest where there is something to tell. */
export async function summarise(
  ports: SummarisePorts,
  { scanId, window }: ScanContext,
  { deployed }: SummariseOptions,
): Promise<SummariseOutput> {
  const { ledger } = ports;
  const discovery = await requireDocument(ledger, scanId, documentKey.discovery, Discovery);
  const claim = await requireDocument(ledger, scanId, documentKey.claim, ClaimRecord);
  const { diagnoses, usages } = await readBatches(ports, scanId, discovery.batches);
  const paths = diagnoses.flatMap((one) => one.paths);
  const findings = diagnoses.flatMap((one) => one.findings);
  const logBytesScanned = diagnoses.reduce((sum, one) => sum + one.logBytesScanned, 0);

  const earlier = await ledger.listFindingStates();
  const followed = followFindings(findings, paths, earlier, { scanId, window });
  await ledger.putFindingStates(followed.changed);

  const apiCalls = await sumCalls(ports, scanId);
  const document: FindingDocument = {
    schemaVersion: SCHEMA_VERSION,
    scan: {
      id: scanId,
      account: discovery.account,
      region: discovery.region,
      window: {
        start: new Date(window.startMs).toISOString(),
        end: new Date(window.endMs).toISOString(),
      },
      durationMs: ports.nowMs() - claim.startedAtMs,
      apiCalls,
      estimatedCostUsd: estimateCostUsd({
        metricsRequested: usages.reduce((sum, one) => sum + one.metricsRequested, 0),
        logBytesScanned,
        apiCalls,
        deployedBatches: deployed ? discovery.batches.length : 0,
      }),
      logBytesScanned,
      excludedQueues: discovery.excludedQueues,
      ...(discovery.excludedFunctions === undefined
        ? {}
        : { excludedFunctions: discovery.excludedFunctions }),
      sampledQueues: [...new Set(usages.flatMap((one) => one.sampledQueues))],
      unreadable: distinctUnreadable([
        ...discovery.unreadable,
        ...diagnoses.flatMap((one) => one.unreadable),
      ]),
    },
    paths,
    findings,
  };
  await ledger.putDocument(scanId, documentKey.document, document);

  const changed = followed.news.length + followed.resolved.length > 0;
  if (changed) {
    await ledger.putDocument(scanId, documentKey.digest, composeDigest(document, followed));
  }
  return {
    new: followed.news.length,
    continuing: followed.continuing.length,
    resolved: followed.resolved.length,
    changed,
  };
}
