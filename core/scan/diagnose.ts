// Diagnose: numbers and deliveries of one batch in, verdicts and findings out.
import type * as z from "zod";
import { ContractError } from "../errors.ts";
import type { Unreadable } from "../model/delivery-path.ts";
import { type BatchDiagnosis, type Finding, type PathVerdict, pathArn } from "../model/finding.ts";
import type { Depth } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { BatchContext, DiagnoseOutput } from "../model/workflow.ts";
import {
  Candidate,
  documentKey,
  isAsyncBatch,
  Queries,
  readDocument,
  recordCalls,
  requireDocument,
} from "./documents.ts";
import {
  ASYNC_PATHS,
  type PathKind,
  QUEUE_PATHS,
  type WithCoverage,
  type WithUnreadable,
} from "./path-kind.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { distinctUnreadable } from "./unreadable.ts";

type DiagnosePorts = Pick<ScanPorts, "ledger" | "calls">;

const LOGS_NOT_FINISHED = "logs not read: the step that reads them failed";

/** Findings of every path; one without deliveries is judged by its numbers alone. */
export function diagnose(
  ports: DiagnosePorts,
  settings: ScanSettings,
  context: BatchContext,
): Promise<DiagnoseOutput> {
  return isAsyncBatch(context.batchKey)
    ? diagnoseBatch(ASYNC_PATHS, ports, settings, context)
    : diagnoseBatch(QUEUE_PATHS, ports, settings, context);
}

async function diagnoseBatch<
  Path extends WithUnreadable,
  Measurement extends WithUnreadable & { readonly depth: Depth },
  Deliveries extends WithCoverage,
>(
  kind: PathKind<Path, Measurement, Deliveries>,
  ports: DiagnosePorts,
  settings: ScanSettings,
  { scanId, batchKey, window }: BatchContext,
): Promise<DiagnoseOutput> {
  const { ledger } = ports;
  const require = <T>(key: string, schema: z.ZodType<T>) => requireDocument(ledger, scanId, key, schema);
  const batch = await require(documentKey.batch(batchKey), kind.paths);
  const measurements = await require(documentKey.measurement(batchKey), kind.measurements);
  const candidates = await require(documentKey.candidates(batchKey), Candidate.array());
  const queries = await readDocument(ledger, scanId, documentKey.queries(batchKey), Queries);
  const candidate = new Set(candidates.map(({ index }) => index));
  const leftOut = new Map(queries?.leftOut.map(({ index, reason }) => [index, reason]));
  const written = await readWritten(ports, kind.deliveries, scanId, batchKey, batch.length);

  const paths: PathVerdict[] = [];
  const findings: Finding[] = [];
  const unreadable: Unreadable[] = [];
  let logBytesScanned = 0;
  for (const [index, path] of batch.entries()) {
    const arn = pathArn(kind.reference(path));
    const measurement = measurements[index];
    if (measurement === undefined) throw new ContractError(`expected a measurement of ${arn}, got none`);
    // What should have been read of its logs and was not says so.
    const isOpenEnded = candidate.has(index) && !leftOut.has(index);
    const deliveries = written.get(index) ?? (isOpenEnded ? kind.notRead(arn, LOGS_NOT_FINISHED) : undefined);
    const diagnosed = kind.diagnose(path, measurement, deliveries, settings);
    const problems = [...path.unreadable, ...measurement.unreadable, ...(deliveries?.unreadable ?? [])];
    const note = diagnosed.verdict.note ?? leftOut.get(index);
    const ignored = kind.ignored(path, window.endMs);
    paths.push({
      ...diagnosed.verdict,
      ...(note === undefined ? {} : { note }),
      incomplete: problems.length > 0,
      ...(measurement.depth === "full" ? {} : { depth: measurement.depth }),
      logsRead: deliveries !== undefined && deliveries.coverage.logged !== "not-read",
      idle: kind.isIdle(measurement),
      ...(ignored === undefined ? {} : { ignored }),
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
async function readWritten<Deliveries>(
  ports: DiagnosePorts,
  schema: z.ZodType<Deliveries>,
  scanId: string,
  batchKey: string,
  paths: number,
): Promise<Map<number, Deliveries>> {
  const keys = new Set(await ports.ledger.listDocumentKeys(scanId, `deliveries/${batchKey}/`));
  const found = new Map<number, Deliveries>();
  for (let index = 0; index < paths; index++) {
    const key = documentKey.deliveries(batchKey, index);
    if (!keys.has(key)) continue;
    found.set(index, await requireDocument(ports.ledger, scanId, key, schema));
  }
  return found;
}
