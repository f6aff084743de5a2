// Measure, of a batch of asynchronous paths.
import { asyncMetricRequests, measureAsyncPath } from "../detect/async/measure-async-path.ts";
import { AsyncPath } from "../model/async-path.ts";
import { METRICS_SETTLE_MINUTES, type ScanSettings } from "../model/settings.ts";
import type { BatchContext, MeasureOutput } from "../model/workflow.ts";
import { countCandidates, openPaths, selectAsyncCandidates } from "./candidates.ts";
import {
  Candidate,
  documentKey,
  readDocument,
  recordCalls,
  requireDocument,
  type Usage,
} from "./documents.ts";
import { readSeries } from "./read-series.ts";
import type { ScanPorts } from "./scan-ports.ts";

const MINUTE_SECONDS = 60;

/** A repeat finds the batch measured. */
export async function measureAsync(
  ports: Pick<ScanPorts, "metrics" | "ledger" | "calls">,
  settings: ScanSettings,
  { scanId, window, batchKey }: BatchContext,
): Promise<MeasureOutput> {
  const { ledger } = ports;
  const paths = await requireDocument(ledger, scanId, documentKey.batch(batchKey), AsyncPath.array());
  const earlier = await readDocument(ledger, scanId, documentKey.candidates(batchKey), Candidate.array());
  if (earlier !== undefined) return countCandidates(paths.length, earlier);

  const settled = settings.settleMinutes >= METRICS_SETTLE_MINUTES;
  const requests = paths.flatMap(asyncMetricRequests);
  const series = await readSeries(ports, requests, window, MINUTE_SECONDS);
  const measurements = paths.map((path) => measureAsyncPath({ path, window, series, settled }));
  const open = openPaths(await ledger.listFindingStates());
  const candidates = selectAsyncCandidates(paths, measurements, open, settings);
  const usage: Usage = { metricsRequested: requests.length, sampledQueues: [] };

  await ledger.putDocument(scanId, documentKey.measurement(batchKey), measurements);
  await ledger.putDocument(scanId, documentKey.usage(batchKey), usage);
  await recordCalls(ports, scanId, "measure", batchKey);
  await ledger.putDocument(scanId, documentKey.candidates(batchKey), candidates);
  return countCandidates(paths.length, candidates);
}
