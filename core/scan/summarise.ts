// Summarise: every batch's diagnosis into one document, what changed since earlier scans, and the digest of it.
import * as z from "zod";
import type { Change } from "../model/change.ts";
import type { Unreadable } from "../model/delivery-path.ts";
import {
  BatchDiagnosis,
  type FindingDocument,
  type PathVerdict,
  pathArn,
  SCHEMA_VERSION,
} from "../model/finding.ts";
import type { ScanContext, SummariseOutput } from "../model/workflow.ts";
import type { ChangeLedger, Ledger, SubscriptionsPort } from "../ports.ts";
import { type Audience, checkAudiences, type Unreached, unreachedKey } from "./audience.ts";
import { estimateCostUsd } from "./cost.ts";
import { composeDigest } from "./digest.ts";
import {
  ClaimRecord,
  Discovery,
  documentKey,
  readDocument,
  requireDocument,
  TOLD,
  ToldUnreached,
  Usage,
} from "./documents.ts";
import { FailureNote } from "./failure-note.ts";
import { type FollowedFindings, followFindings } from "./finding-states.ts";
import { readReferences } from "./path-kind.ts";
import { type ScanFigures, scanFigures } from "./scan-figures.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { findUndone, type UndoneChange } from "./undone.ts";
import { distinctUnreadable } from "./unreadable.ts";

type SummarisePorts = Pick<ScanPorts, "ledger" | "calls" | "nowMs">;

/** What only a deployed system can look after: its own changes, and the people it tells. */
export interface Watching {
  readonly changes: Pick<ChangeLedger, "list">;
  readonly subscriptions: SubscriptionsPort;
  readonly audiences: readonly Audience[];
}

export interface SummariseOptions {
  /** True when the workflow itself runs on AWS and is paid for. */
  readonly deployed: boolean;
  readonly watching?: Watching;
}

/** What the state gives to the next one, and the scan in figures, which stay behind. */
export interface Summary extends SummariseOutput {
  readonly figures: ScanFigures;
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

/** Findings on a queue whose owner ignores them for a while are no news; they wait untold until it is over. */
function withoutIgnored(followed: FollowedFindings, paths: readonly PathVerdict[]): FollowedFindings {
  const ignored = new Set(paths.filter((path) => path.ignored !== undefined).map(pathArn));
  return { ...followed, news: followed.news.filter(({ finding }) => !ignored.has(pathArn(finding))) };
}

interface Watched {
  readonly undone: readonly UndoneChange[];
  readonly waiting: readonly Change[];
  readonly unreached: readonly Unreached[];
  /** Those that no digest has told of. */
  readonly unreachedNews: readonly Unreached[];
  readonly unreadable: readonly Unreadable[];
}

async function watch(ledger: Ledger, scanId: string, watching: Watching | undefined): Promise<Watched> {
  if (watching === undefined) {
    return { undone: [], waiting: [], unreached: [], unreachedNews: [], unreadable: [] };
  }
  const changes = await watching.changes.list();
  const { unreached, unreadable } = await checkAudiences(watching.subscriptions, watching.audiences);
  const told = await toldOf(ledger, unreached);
  return {
    undone: await findUndone(ledger, scanId, changes),
    waiting: changes.filter(({ status }) => status === "waiting"),
    unreached,
    unreachedNews: unreached.filter((one) => !told.has(unreachedKey(one))),
    unreadable,
  };
}

/** What was told before and is so still. What is over is forgotten: it is news again when it comes back. */
async function toldOf(ledger: Ledger, unreached: readonly Unreached[]): Promise<ReadonlySet<string>> {
  const keys = (await readDocument(ledger, TOLD.scanId, TOLD.key, ToldUnreached))?.keys ?? [];
  const present = new Set(unreached.map(unreachedKey));
  const still = keys.filter((key) => present.has(key));
  if (still.length < keys.length) await ledger.putDocument(TOLD.scanId, TOLD.key, { keys: still });
  return new Set(still);
}

/** Writes the finding document, the states of its findings, and the digest where there is something to tell. */
export async function summarise(
  ports: SummarisePorts,
  { scanId, window }: ScanContext,
  { deployed, watching }: SummariseOptions,
): Promise<Summary> {
  const { ledger } = ports;
  const discovery = await requireDocument(ledger, scanId, documentKey.discovery, Discovery);
  const claim = await requireDocument(ledger, scanId, documentKey.claim, ClaimRecord);
  const { diagnoses, usages } = await readBatches(ports, scanId, discovery.batches);
  const paths = diagnoses.flatMap((one) => one.paths);
  const findings = diagnoses.flatMap((one) => one.findings);
  const logBytesScanned = diagnoses.reduce((sum, one) => sum + one.logBytesScanned, 0);

  const earlier = await ledger.listFindingStates();
  const followed = withoutIgnored(followFindings(findings, paths, earlier, { scanId, window }), paths);
  await ledger.putFindingStates(followed.changed);
  const watched = await watch(ledger, scanId, watching);

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
        ...watched.unreadable,
      ]),
    },
    paths,
    findings,
  };
  await ledger.putDocument(scanId, documentKey.document, document);

  const news = [followed.news, followed.resolved, watched.undone, watched.unreachedNews];
  const changed = news.some((one) => one.length > 0);
  if (changed) {
    await ledger.putDocument(scanId, documentKey.digest, composeDigest(document, followed, watched));
  }
  return {
    new: followed.news.length,
    continuing: followed.continuing.length,
    resolved: followed.resolved.length,
    unreached: watched.unreached.length,
    changed,
    figures: scanFigures(document, followed, watched.waiting.length),
  };
}
