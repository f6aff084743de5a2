// StartQueries: the log queries of a batch, the most suspicious paths first, within the scan's byte budget.
import { buildLogQuery } from "../correlate/log-query.ts";
import { AsyncPath } from "../model/async-path.ts";
import type { AsyncDeliveries, PathDeliveries } from "../model/delivery.ts";
import { DeliveryPath } from "../model/delivery-path.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { BatchContext, StartQueriesOutput } from "../model/workflow.ts";
import type { Ledger } from "../ports.ts";
import {
  Candidate,
  Discovery,
  documentKey,
  isAsyncBatch,
  Queries,
  readDocument,
  recordCalls,
  requireDocument,
} from "./documents.ts";
import { asyncLogNeedOf, type ByteShares, type LogNeed, logNeedOf, planQueries } from "./plan-queries.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { startQueriesInTurn } from "./start-query.ts";

type StartPorts = Pick<ScanPorts, "logs" | "ledger" | "calls" | "nowMs">;

/** What a path's deliveries document says when its logs were not read. */
export function notRead(queueArn: string, reason: string): PathDeliveries {
  return { queueArn, ...nothingRead(queueArn, reason) };
}

/** The same of an asynchronous path. */
export function asyncNotRead(functionArn: string, reason: string): AsyncDeliveries {
  return { functionArn, ...nothingRead(functionArn, reason) };
}

function nothingRead(resource: string, reason: string): Omit<PathDeliveries, "queueArn"> {
  return {
    coverage: {
      logged: "not-read",
      invocations: 0,
      messages: 0,
      deliveries: 0,
      maxReceiveCount: null,
      bytesScanned: 0,
      truncated: false,
    },
    causes: [],
    examples: [],
    unreadable: [{ resource, reason }],
  };
}

/**
 * The most that one batch may ask for. Routine looks have a purse of their own, shared evenly by the batches, so
 * that they never take what a suspect needs, nor the first batch all of it.
 */
function budgets(settings: ScanSettings, batches: number): ByteShares & { readonly routinePerBatch: number } {
  const routine = Math.floor(settings.maxLogBytes * settings.routineCheckShare);
  return {
    urgent: settings.maxLogBytes - routine,
    routine,
    routinePerBatch: Math.floor(routine / Math.max(1, batches)),
  };
}

/** @param budgetBytes in the sentence, so that a reader knows which setting to raise. */
function overBudgetReason(budgetBytes: number): string {
  return `logs not read: over the byte budget of ${Number((budgetBytes / 1e9).toFixed(2))} GB`;
}

async function readLogNeeds(ledger: Ledger, scanId: string, batchKey: string): Promise<LogNeed[]> {
  const key = documentKey.batch(batchKey);
  return isAsyncBatch(batchKey)
    ? (await requireDocument(ledger, scanId, key, AsyncPath.array())).map(asyncLogNeedOf)
    : (await requireDocument(ledger, scanId, key, DeliveryPath.array())).map(logNeedOf);
}

/** A repeat finds the queries started and starts none again. */
export async function startQueries(
  ports: StartPorts,
  settings: ScanSettings,
  { scanId, window, batchKey }: BatchContext,
): Promise<StartQueriesOutput> {
  const { ledger } = ports;
  const earlier = await readDocument(ledger, scanId, documentKey.queries(batchKey), Queries);
  if (earlier !== undefined) return { queries: earlier.started.length };

  const needs = await readLogNeeds(ledger, scanId, batchKey);
  const candidates = await requireDocument(
    ledger,
    scanId,
    documentKey.candidates(batchKey),
    Candidate.array(),
  );
  const discovery = await requireDocument(ledger, scanId, documentKey.discovery, Discovery);
  const budget = budgets(settings, discovery.batches.length);
  const most = { urgent: budget.urgent, routine: budget.routinePerBatch };
  const { limit } = buildLogQuery(settings);
  const wanted = planQueries(candidates, needs, window, most, limit).bytes;
  const granted = {
    urgent: await ledger.reserve(scanId, batchKey, wanted.urgent, budget.urgent),
    routine: await ledger.reserve(`${scanId}-routine`, batchKey, wanted.routine, budget.routine),
  };
  const plan = planQueries(candidates, needs, window, granted, limit);

  const unread = isAsyncBatch(batchKey) ? asyncNotRead : notRead;
  const reason = overBudgetReason(settings.maxLogBytes);
  for (const candidate of plan.overBudget.filter(({ kind }) => kind !== "routine")) {
    const key = documentKey.deliveries(batchKey, candidate.index);
    await ledger.putDocument(scanId, key, unread(candidate.arn, reason));
  }
  const startedAtMs = ports.nowMs();
  const planned = plan.queries.map((query) => ({ ...query, limit }));
  const started = await startQueriesInTurn(ports.logs, settings, planned);
  const leftOut = plan.overBudget.map(({ index }) => ({ index, reason }));
  const queries: Queries = { startedAtMs, started, leftOut };
  await ledger.putDocument(scanId, documentKey.queries(batchKey), queries);
  await recordCalls(ports, scanId, "start-queries", batchKey);
  return { queries: started.length };
}
