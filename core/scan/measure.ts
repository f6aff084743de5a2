// Measure: the numbers of one batch of paths, and which of them are worth reading logs for.
import pMap from "p-map";
import { measurePath } from "../detect/measure-path.ts";
import { metricRequests, type PathMetricRequests, queueSeriesId } from "../detect/metric-requests.ts";
import { LEAST_MESSAGES } from "../detect/ratio/history.ts";
import { maySample } from "../detect/sampling.ts";
import { createSeriesReader } from "../detect/series-reader.ts";
import { DeliveryPath, type QueueSettings, type Unreadable } from "../model/delivery-path.ts";
import type { SampleResult, Window } from "../model/measurement.ts";
import { METRICS_SETTLE_MINUTES, type ScanSettings } from "../model/settings.ts";
import type { BatchContext, MeasureOutput } from "../model/workflow.ts";
import type { MetricSeries } from "../ports.ts";
import { countCandidates, openPaths, selectCandidates } from "./candidates.ts";
import {
  Candidate,
  documentKey,
  isAsyncBatch,
  readDocument,
  recordCalls,
  requireDocument,
  type Usage,
} from "./documents.ts";
import { measureAsync } from "./measure-async.ts";
import { readHistories } from "./path-histories.ts";
import { readSeries } from "./read-series.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { asUnreadable, distinctUnreadable } from "./unreadable.ts";

const MINUTE_SECONDS = 60;
const SAMPLING_CONCURRENCY = 4;

type MeasurePorts = Pick<ScanPorts, "metrics" | "queues" | "ledger" | "calls">;

/** The window's own figures: one call a period for the whole batch. */
async function readWindow(
  ports: MeasurePorts,
  requests: readonly PathMetricRequests[],
  window: Window,
): Promise<ReadonlyMap<string, MetricSeries>> {
  const group = (name: "window" | "whole") => requests.flatMap((one) => one[name]);
  const wholeSeconds = (window.endMs - window.startMs) / 1000;
  const answers = await Promise.all([
    readSeries(ports, group("window"), window, MINUTE_SECONDS),
    readSeries(ports, group("whole"), window, wholeSeconds),
  ]);
  return new Map(answers.flatMap((answer) => [...answer]));
}

interface Sampling {
  readonly samples: readonly SampleResult[];
  readonly unreadable: readonly Unreadable[];
}

/** Samples the queue and its dead-letter queue where their owner has opted in and nothing speaks against it. */
async function sample(ports: MeasurePorts, path: DeliveryPath, settings: ScanSettings): Promise<Sampling> {
  const samples: SampleResult[] = [];
  const unreadable: Unreadable[] = [];
  const attempt = async (queueArn: string, queue: QueueSettings | undefined) => {
    if (queue === undefined || !maySample(queue, settings).allowed) return;
    try {
      samples.push(await ports.queues.sampleReceiveCounts(queue.url, queueArn));
    } catch (error) {
      unreadable.push(asUnreadable(error, queueArn));
    }
  };
  await attempt(path.queueArn, path.settings);
  const deadLetterArn = path.settings?.redrive?.deadLetterTargetArn;
  if (deadLetterArn !== undefined) await attempt(deadLetterArn, path.deadLetterQueue);
  return { samples, unreadable };
}

/** Where hardly anything was received no ratio can be unusual: its history is not asked for until there is more. */
function isBusy({ queueArn }: DeliveryPath, series: ReadonlyMap<string, MetricSeries>): boolean {
  const received = createSeriesReader(series).sum(queueSeriesId(queueArn, "received"), queueArn);
  return (received ?? 0) >= LEAST_MESSAGES;
}

/** A repeat finds the batch measured and samples no message a second time. */
export async function measure(
  ports: MeasurePorts,
  settings: ScanSettings,
  context: BatchContext,
): Promise<MeasureOutput> {
  const { scanId, window, batchKey } = context;
  if (isAsyncBatch(batchKey)) return measureAsync(ports, settings, context);
  const { ledger } = ports;
  const paths = await requireDocument(ledger, scanId, documentKey.batch(batchKey), DeliveryPath.array());
  const earlier = await readDocument(ledger, scanId, documentKey.candidates(batchKey), Candidate.array());
  if (earlier !== undefined) return countCandidates(paths.length, earlier);

  const settled = settings.settleMinutes >= METRICS_SETTLE_MINUTES;
  const requests = paths.map(metricRequests);
  const series = await readWindow(ports, requests, window);
  const busy = paths.filter((path) => isBusy(path, series));
  const { pasts, metricsRequested } = await readHistories(ports, busy, window, settings);
  const sampled = await pMap(paths, async (path) => ({ path, ...(await sample(ports, path, settings)) }), {
    concurrency: SAMPLING_CONCURRENCY,
  });
  const measurements = sampled.map(({ path, samples, unreadable }) => {
    const past = pasts.get(path.queueArn);
    const measured = measurePath({ path, window, series, history: past?.history, settled, samples });
    return {
      ...measured,
      unreadable: distinctUnreadable([...measured.unreadable, ...(past?.unreadable ?? []), ...unreadable]),
    };
  });
  const open = openPaths(await ledger.listFindingStates());
  const candidates = selectCandidates(paths, measurements, open, settings);
  const usage: Usage = {
    metricsRequested: requests.reduce(
      (sum, one) => sum + one.window.length + one.whole.length,
      metricsRequested,
    ),
    sampledQueues: sampled.flatMap(({ samples }) => samples.map((one) => one.queueArn)),
  };

  await ledger.putDocument(scanId, documentKey.measurement(batchKey), measurements);
  await ledger.putDocument(scanId, documentKey.usage(batchKey), usage);
  await recordCalls(ports, scanId, "measure", batchKey);
  await ledger.putDocument(scanId, documentKey.candidates(batchKey), candidates);
  return countCandidates(paths.length, candidates);
}
