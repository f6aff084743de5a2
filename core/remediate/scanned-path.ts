// What a scan noted of one path: the material of a proposal.
import { PathDeliveries } from "../model/delivery.ts";
import { DeliveryPath } from "../model/delivery-path.ts";
import { PathMeasurement } from "../model/measurement.ts";
import type { Ledger } from "../ports.ts";
import { Discovery, documentKey, isAsyncBatch, readDocument } from "../scan/documents.ts";

export interface ScannedPath {
  readonly path: DeliveryPath;
  readonly measurement: PathMeasurement;
  /** undefined when the logs were not read. */
  readonly deliveries: PathDeliveries | undefined;
}

/** Paths of one scan by queue ARN; a queue whose batch was not measured is missing. Reads each batch at most once. */
export function scannedPaths(
  ledger: Ledger,
  scanId: string,
): (queueArn: string) => Promise<ScannedPath | undefined> {
  // Read when it is first needed: a promise that fails and that nobody waits for ends the function.
  let discovery: Promise<Discovery | undefined> | undefined;
  const batches = new Map<string, Promise<DeliveryPath[] | undefined>>();
  const readBatch = (batchKey: string) => {
    const read =
      batches.get(batchKey) ??
      readDocument(ledger, scanId, documentKey.batch(batchKey), DeliveryPath.array());
    batches.set(batchKey, read);
    return read;
  };
  return async (queueArn) => {
    discovery ??= readDocument(ledger, scanId, documentKey.discovery, Discovery);
    for (const batchKey of (await discovery)?.batches ?? []) {
      if (isAsyncBatch(batchKey)) continue;
      const paths = (await readBatch(batchKey)) ?? [];
      const index = paths.findIndex((one) => one.queueArn === queueArn);
      const path = paths[index];
      if (path === undefined) continue;
      const measurementKey = documentKey.measurement(batchKey);
      const measured = await readDocument(ledger, scanId, measurementKey, PathMeasurement.array());
      const measurement = measured?.[index];
      if (measurement === undefined) return undefined;
      const deliveriesKey = documentKey.deliveries(batchKey, index);
      const deliveries = await readDocument(ledger, scanId, deliveriesKey, PathDeliveries);
      return { path, measurement, deliveries };
    }
    return undefined;
  };
}
