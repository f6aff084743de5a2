// Diagnose: numbers and deliveries of one batch in, verdicts and findings out.
import { diagnosePath } from "../advise/diagnose-path.ts";
import { traffic } from "../detect/suspicions.ts";
import { ContractError } from "../errors.ts";
import { PathDeliveries } from "../model/delivery.ts";
import { DeliveryPath, type Unreadable } from "../model/delivery-path.ts";
import type { BatchDiagnosis, Finding, PathVerdict } from "../model/finding.ts";
import { PathMeasurement } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { BatchContext, DiagnoseOutput } from "../model/workflow.ts";
import { Candidate, documentKey, Queries, readDocument, recordCalls, requireDocument } from "./documents.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { notRead } from "./start-queries.ts";
import { distinctUnreadable } from "./unreadable.ts";

type DiagnosePorts = Pick<ScanPorts, "ledger" | "calls">;

const LOGS_NOT_FINISHED = "logs not read: the step that reads them failed";

/** What was read of the path's logs; what should have been read and was not says so. */
function deliveriesOf(
  queueArn: string,
  written: PathDeliveries | undefined,
  isOpenEnded: boolean,
): PathDeliveries | undefined {
  if (written !== undefined) return written;
  return isOpenEnded ? notRead(queueArn, LOGS_NOT_FINISHED) : undefined;
}

/** Findings of every path; one without deliveries is judged by its numbers alone. */
export async function diagnose(
  ports: DiagnosePorts,
  settings: ScanSettings,
  { scanId, batchKey }: BatchContext,
): Promise<DiagnoseOutput> {
  const { ledger } = ports;
  const batch = await requireDocument(ledger, scanId, documentKey.batch(batchKey), DeliveryPath.array());
  const measurements = await requireDocument(
    ledger,
    scanId,
    documentKey.measurement(batchKey),
    PathMeasurement.array(),
  );
  const candidates = await requireDocument(
    ledger,
    scanId,
    documentKey.candidates(batchKey),
    Candidate.array(),
  );
  const queries = await readDocument(ledger, scanId, documentKey.queries(batchKey), Queries);
  const candidate = new Set(candidates.map(({ index }) => index));
  const leftOut = new Map(queries?.leftOut.map(({ index, reason }) => [index, reason]));
  const written = await readWritten(ports, scanId, batchKey, batch.length);

  const paths: PathVerdict[] = [];
  const findings: Finding[] = [];
  const unreadable: Unreadable[] = [];
  let logBytesScanned = 0;
  for (const [index, path] of batch.entries()) {
    const measurement = measurements[index];
    if (measurement === undefined)
      throw new ContractError(`expected a measurement of ${path.queueArn}, got none`);
    const isOpenEnded = candidate.has(index) && !leftOut.has(index);
    const deliveries = deliveriesOf(path.queueArn, written.get(index), isOpenEnded);
    const diagnosed = diagnosePath({ path, measurement, deliveries, settings });
    const problems = [...path.unreadable, ...measurement.unreadable, ...(deliveries?.unreadable ?? [])];
    const note = diagnosed.verdict.note ?? leftOut.get(index);
    paths.push({
      ...diagnosed.verdict,
      ...(note === undefined ? {} : { note }),
      incomplete: problems.length > 0,
      logsRead: deliveries !== undefined && deliveries.coverage.logged !== "not-read",
      idle: traffic(measurement.totals) === "no",
    });
    findings.push(...diagnosed.findings);
    unreadable.push(...problems);
    logBytesScanned += deliveries?.coverage.bytesScanned ?? 0;
  }
  const diagnosis: BatchDiagnosis = {
    paths,
    findings,
    unreadable: distinctUnreadable(unreadable),
    logBytesScanned: Math.round(logBytesScanned),
  };
  await ledger.putDocument(scanId, documentKey.diagnosis(batchKey), diagnosis);
  await recordCalls(ports, scanId, "diagnose", batchKey);
  return { findings: findings.length };
}

/** The deliveries documents of the batch, by the position of their path. */
async function readWritten(
  ports: DiagnosePorts,
  scanId: string,
  batchKey: string,
  paths: number,
): Promise<Map<number, PathDeliveries>> {
  const keys = new Set(await ports.ledger.listDocumentKeys(scanId, `deliveries/${batchKey}/`));
  const found = new Map<number, PathDeliveries>();
  for (let index = 0; index < paths; index++) {
    const key = documentKey.deliveries(batchKey, index);
    if (!keys.has(key)) continue;
    found.set(index, await requireDocument(ports.ledger, scanId, key, PathDeliveries));
  }
  return found;
}
