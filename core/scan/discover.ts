// Discover: every queue that a Lambda function consumes, with its settings and its consumers, and every function whose
// events come with no queue between, in batches.
import pMap from "p-map";
import type { DeliveryPath, EventSourceMapping } from "../model/delivery-path.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { DiscoverOutput, ScanContext } from "../model/workflow.ts";
import { accountOfArn, queueNameOfArn, unqualifiedFunctionArn } from "./arn.ts";
import { listAsyncFunctions, readAsyncPaths, selectAsyncFunctions } from "./discover-async.ts";
import { asyncBatchKey, type Discovery, documentKey, queueBatchKey, recordCalls } from "./documents.ts";
import { duePeriod, isDue } from "./due.ts";
import { isFirstScan, noteFirstScan } from "./first-scan.ts";
import { freshAnswers, keptAnswers } from "./kept-answers.ts";
import { functionReader, queueReader, readPath } from "./read-path.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { isSelected } from "./selection.ts";

/** Queues described at a time. */
const CONCURRENCY = 24;

type DiscoverPorts = Pick<ScanPorts, "account" | "mappings" | "asyncEvents" | "queues" | "ledger" | "calls">;

function foreignPath(queueArn: string, mappings: readonly EventSourceMapping[]): DeliveryPath {
  return {
    queueArn,
    queueName: queueNameOfArn(queueArn),
    foreign: true,
    consumers: mappings.map((mapping) => ({ mapping })),
    unreadable: [],
  };
}

/** Every path with the paths that name its queue in their redrive policy. Queues that were not read are not known. */
function withSources(paths: readonly DeliveryPath[]): DeliveryPath[] {
  const sources = Map.groupBy(paths, ({ settings }) => settings?.redrive?.deadLetterTargetArn);
  return paths.map((path) => {
    const of = sources.get(path.queueArn);
    return of === undefined ? path : { ...path, deadLetterQueueOf: of.map(({ queueArn }) => queueArn) };
  });
}

/** @param keyOf the key of the batch at a position, counted from 1. */
function inBatches<Path>(
  paths: readonly Path[],
  size: number,
  keyOf: (position: number) => string,
): [string, Path[]][] {
  const batches: [string, Path[]][] = [];
  for (let start = 0; start < paths.length; start += size) {
    batches.push([keyOf(batches.length + 1), paths.slice(start, start + size)]);
  }
  return batches;
}

/** Functions that any mapping, disabled or not selected ones too, connects with more than one queue. */
function functionsOfSeveralQueues(mappings: readonly EventSourceMapping[]): string[] {
  const byFunction = Map.groupBy(mappings, (mapping) => unqualifiedFunctionArn(mapping.functionArn));
  return [...byFunction]
    .filter(([, of]) => new Set(of.map((mapping) => mapping.queueArn)).size > 1)
    .map(([functionArn]) => functionArn)
    .sort();
}

const withUnqualified = (functionArn: string): string[] => [functionArn, unqualifiedFunctionArn(functionArn)];

/**
 * Writes the batches to the ledger and returns their keys. Queues of other accounts are listed, never read. A batch
 * holds delivery paths or asynchronous paths, never both.
 */
export async function discover(
  ports: DiscoverPorts,
  settings: ScanSettings,
  { scanId, window }: ScanContext,
): Promise<DiscoverOutput> {
  const { accountId, region } = await ports.account.identity();
  const [mappings, asyncFunctions] = await Promise.all([
    ports.mappings.listQueueMappings(),
    listAsyncFunctions(ports, settings),
  ]);
  const byQueue = Map.groupBy(mappings, (mapping) => mapping.queueArn);
  const queues = [...byQueue].sort(([a], [b]) => a.localeCompare(b));
  const selected = queues.filter(([arn]) => isSelected(queueNameOfArn(arn), settings));
  const isOwn = ([queueArn]: readonly [string, unknown]) => accountOfArn(queueArn) === accountId;
  const own = selected.filter(isOwn);
  const asynchronous = selectAsyncFunctions(asyncFunctions, settings, { accountId, region }, mappings);
  const functionArns = [
    ...own.flatMap(([, of]) => of.map((mapping) => mapping.functionArn)),
    ...asynchronous.looked.map(({ arn }) => arn),
  ];
  const daily = settings.calmPaths === "daily";
  const [functions, queueOf] = await Promise.all([
    // The revision of a function is that of its unqualified ARN.
    ports.mappings.forMany(daily ? functionArns.flatMap(withUnqualified) : functionArns),
    queueReader(
      ports.queues,
      settings,
      own.map(([arn]) => arn),
    ),
  ]);
  const isFirst = daily && (await isFirstScan(ports.ledger, scanId));
  const period = duePeriod(window, settings);
  const answers = daily
    ? await keptAnswers(ports, functions, (arn) => isFirst || isDue(arn, period))
    : freshAnswers(ports, functions);
  const describeFunction = functionReader(answers);
  const [read, asyncPaths] = await Promise.all([
    pMap(
      selected,
      async (one) => {
        const [arn, of] = one;
        return isOwn(one)
          ? readPath({ queues: queueOf }, settings, arn, of, describeFunction)
          : foreignPath(arn, of);
      },
      { concurrency: CONCURRENCY },
    ),
    readAsyncPaths(answers, asynchronous.looked),
  ]);

  const paths = withSources(read);
  const batches = [
    ...inBatches(paths, settings.batchSize, queueBatchKey),
    ...inBatches(asyncPaths, settings.batchSize, asyncBatchKey),
  ];
  for (const [batchKey, batch] of batches) {
    await ports.ledger.putDocument(scanId, documentKey.batch(batchKey), batch);
  }
  const batchKeys = batches.map(([batchKey]) => batchKey);
  const discovery: Discovery = {
    account: accountId,
    region,
    batches: batchKeys,
    paths: paths.length + asyncPaths.length,
    excludedQueues: queues.length - selected.length,
    excludedFunctions: asynchronous.excluded,
    sharedFunctions: functionsOfSeveralQueues(mappings),
    ...(isFirst && { inFull: true }),
    unreadable: [...asynchronous.unreadable, ...[...paths, ...asyncPaths].flatMap((path) => path.unreadable)],
  };
  if (isFirst) await noteFirstScan(ports.ledger, scanId);
  await answers.keep();
  await ports.ledger.putDocument(scanId, documentKey.discovery, discovery);
  await recordCalls(ports, scanId, "discover", "all");
  return { batchKeys, paths: discovery.paths };
}
