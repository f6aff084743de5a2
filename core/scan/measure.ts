// Measure: the numbers of one batch of paths, and which of them are worth reading logs for.
import pMap from "p-map";
import { measurePath } from "../detect/measure-path.ts";
import { metricRequests, queueSeriesId } from "../detect/metric-requests.ts";
import { LEAST_MESSAGES } from "../detect/ratio/history.ts";
import { maySample } from "../detect/sampling.ts";
import { measureScreened, screen, screenRequests } from "../detect/screen.ts";
import { createSeriesReader } from "../detect/series-reader.ts";
import { DeliveryPath, type QueueSettings, type Unreadable } from "../model/delivery-path.ts";
import type { PathMeasurement, SampleResult, Window } from "../model/measurement.ts";
import { isSettled, type ScanSettings } from "../model/settings.ts";
import type { BatchContext, MeasureOutput } from "../model/workflow.ts";
import type { MetricSeries } from "../ports.ts";
import { countCandidates, selectCandidates } from "./candidates.ts";
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
import { isReadInFull, type Occasions, readOccasions } from "./occasions.ts";
import { readHistories } from "./path-histories.ts";
import { joinReads, readMinutes, readSeries, type SeriesRead } from "./read-series.ts";
import { readReservedConcurrency } from "./reserved-concurrency.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { asUnreadable, distinctUnreadable } from "./unreadable.ts";

const SAMPLING_CONCURRENCY = 4;

type MeasurePorts = Pick<ScanPorts, "metrics" | "mappings" | "queues" | "ledger" | "calls">;

interface WindowRead extends SeriesRead {
  /** The paths of which everything was read. */
  readonly inFull: ReadonlySet<DeliveryPath>;
}

/**
 * The window's own figures: first the few that show which paths are calm, then everything of the others. One call for
 * the whole batch each time, and one for the figures that need another period.
 */
async function readWindow(
  ports: MeasurePorts,
  paths: readonly DeliveryPath[],
  window: Window,
  settings: ScanSettings,
  occasions: Occasions,
): Promise<WindowRead> {
  const screenedPaths = occasions.everything ? [] : paths;
  const screened = await readMinutes(ports, screenedPaths.flatMap(screenRequests), window);
  const { series } = screened;
  const settled = isSettled(settings);
  const inFull = paths.filter(
    (path) =>
      isReadInFull(path.queueArn, screen({ path, series, settled }), occasions) ||
      samplable(path, settings).length > 0,
  );
  const requests = inFull.map(metricRequests);
  const byTheMinute = requests.flatMap((one) => one.window).filter(({ id }) => !series.has(id));
  const wholeSeconds = (window.endMs - window.startMs) / 1000;
  const rest = await Promise.all([
    readMinutes(ports, byTheMinute, window),
    readSeries(
      ports,
      requests.flatMap((one) => one.whole),
      window,
      wholeSeconds,
    ),
  ]);
  return { ...joinReads([screened, ...rest]), inFull: new Set(inFull) };
}

interface Sampling {
  readonly samples: readonly SampleResult[];
  readonly unreadable: readonly Unreadable[];
}

/** The queue and its dead-letter queue, where their owner has opted in and nothing speaks against it. */
function samplable(path: DeliveryPath, settings: ScanSettings): (readonly [arn: string, url: string])[] {
  const deadLetterArn = path.settings?.redrive?.deadLetterTargetArn;
  const queues: [string | undefined, QueueSettings | undefined][] = [
    [path.queueArn, path.settings],
    [deadLetterArn, path.deadLetterQueue],
  ];
  return queues.flatMap(([arn, queue]) =>
    arn !== undefined && queue !== undefined && maySample(queue, settings).allowed ? [[arn, queue.url]] : [],
  );
}

async function sample(ports: MeasurePorts, path: DeliveryPath, settings: ScanSettings): Promise<Sampling> {
  const samples: SampleResult[] = [];
  const unreadable: Unreadable[] = [];
  for (const [queueArn, url] of samplable(path, settings)) {
    try {
      samples.push(await ports.queues.sampleReceiveCounts(url, queueArn));
    } catch (error) {
      unreadable.push(asUnreadable(error, queueArn));
    }
  }
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

  const settled = isSettled(settings);
  const occasions = await readOccasions(ledger, settings, context);
  const read = await readWindow(ports, paths, window, settings, occasions);
  const { series, inFull } = read;
  const busy = [...inFull].filter((path) => isBusy(path, series));
  const { pasts, metricsRequested } = await readHistories(ports, busy, window, settings);
  const sampled = await pMap(paths, async (path) => ({ path, ...(await sample(ports, path, settings)) }), {
    concurrency: SAMPLING_CONCURRENCY,
  });
  const measured = sampled.map(({ path, samples, unreadable }): PathMeasurement => {
    if (!inFull.has(path)) return measureScreened({ path, window, series, settled });
    const past = pasts.get(path.queueArn);
    const one = measurePath({ path, window, series, history: past?.history, settled, samples });
    return { ...one, unreadable: [...one.unreadable, ...(past?.unreadable ?? []), ...unreadable] };
  });
  const concurrent = await readReservedConcurrency(ports.mappings, paths, measured);
  const measurements = concurrent.map((one) => ({ ...one, unreadable: distinctUnreadable(one.unreadable) }));
  const candidates = selectCandidates(paths, measurements, occasions, settings);
  const usage: Usage = {
    metricsRequested: read.metricsRequested + metricsRequested,
    sampledQueues: sampled.flatMap(({ samples }) => samples.map((one) => one.queueArn)),
  };

  await ledger.putDocument(scanId, documentKey.measurement(batchKey), measurements);
  await ledger.putDocument(scanId, documentKey.usage(batchKey), usage);
  await recordCalls(ports, scanId, "measure", batchKey);
  await ledger.putDocument(scanId, documentKey.candidates(batchKey), candidates);
  return countCandidates(paths.length, candidates);
}
