// Measure, of a batch of asynchronous paths.
import {
  asyncMetricRequests,
  asyncScreenRequests,
  measureAsyncPath,
  measureAsyncScreened,
  screenAsync,
} from "../detect/async/measure-async-path.ts";
import { AsyncPath } from "../model/async-path.ts";
import { isSettled, type ScanSettings } from "../model/settings.ts";
import type { BatchContext, MeasureOutput } from "../model/workflow.ts";
import { countCandidates, selectAsyncCandidates } from "./candidates.ts";
import {
  Candidate,
  documentKey,
  readDocument,
  recordCalls,
  requireDocument,
  type Usage,
} from "./documents.ts";
import { isReadInFull, readOccasions } from "./occasions.ts";
import { joinReads, readMinutes } from "./read-series.ts";
import type { ScanPorts } from "./scan-ports.ts";

/** A repeat finds the batch measured. */
export async function measureAsync(
  ports: Pick<ScanPorts, "metrics" | "ledger" | "calls">,
  settings: ScanSettings,
  context: BatchContext,
): Promise<MeasureOutput> {
  const { scanId, window, batchKey } = context;
  const { ledger } = ports;
  const paths = await requireDocument(ledger, scanId, documentKey.batch(batchKey), AsyncPath.array());
  const earlier = await readDocument(ledger, scanId, documentKey.candidates(batchKey), Candidate.array());
  if (earlier !== undefined) return countCandidates(paths.length, earlier);

  const settled = isSettled(settings);
  const occasions = await readOccasions(ledger, settings, context);
  const screened = await readMinutes(
    ports,
    occasions.everything ? [] : paths.flatMap(asyncScreenRequests),
    window,
  );
  const inFull = new Set(
    paths.filter((path) =>
      isReadInFull(path.functionArn, screenAsync({ path, series: screened.series, settled }), occasions),
    ),
  );
  const more = [...inFull].flatMap(asyncMetricRequests).filter(({ id }) => !screened.series.has(id));
  const { series, metricsRequested } = joinReads([screened, await readMinutes(ports, more, window)]);
  const measurements = paths.map((path) =>
    (inFull.has(path) ? measureAsyncPath : measureAsyncScreened)({ path, window, series, settled }),
  );
  const candidates = selectAsyncCandidates(paths, measurements, occasions, settings);
  const usage: Usage = { metricsRequested, sampledQueues: [] };

  await ledger.putDocument(scanId, documentKey.measurement(batchKey), measurements);
  await ledger.putDocument(scanId, documentKey.usage(batchKey), usage);
  await recordCalls(ports, scanId, "measure", batchKey);
  await ledger.putDocument(scanId, documentKey.candidates(batchKey), candidates);
  return countCandidates(paths.length, candidates);
}
