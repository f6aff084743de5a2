// What CollectDeliveries needs to know of a path, whichever kind it is: whose lines to read how, and what to make of them.
import { correlateAsyncPath } from "../correlate/async/correlate-async-path.ts";
import { scanEvents } from "../correlate/async/event-ids.ts";
import { createLogReader, type LogReader } from "../correlate/log-reader.ts";
import type { LogObservations } from "../correlate/observations.ts";
import { type ClassifiedRedelivery, correlatePath } from "../correlate/path-deliveries.ts";
import { activeFunctions } from "../detect/consumers.ts";
import { ContractError } from "../errors.ts";
import { AsyncMeasurement, AsyncPath } from "../model/async-path.ts";
import type { AsyncDeliveries, PathDeliveries } from "../model/delivery.ts";
import { type ConsumerFunction, DeliveryPath, type Unreadable } from "../model/delivery-path.ts";
import { PathMeasurement } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { Ledger } from "../ports.ts";
import { Discovery, documentKey, isAsyncBatch, requireDocument } from "./documents.ts";

interface ReadLogs {
  /** One per function whose logs were read. */
  readonly observations: readonly LogObservations[];
  readonly bytesScanned: number;
  readonly truncated: boolean;
  readonly unreadable: readonly Unreadable[];
}

export interface Collectable {
  /** Functions whose lines belong to the path; a new reader each time it is asked for. */
  readonly functions: readonly { readonly consumer: ConsumerFunction; readonly reader: () => LogReader }[];
  readonly correlate: (logs: ReadLogs) => PathDeliveries | AsyncDeliveries;
}

export interface CollectableOptions {
  /** Told of every redelivery on a queue's path that is counted, for whoever measures how well that is done. */
  readonly onRedelivery?: ((redelivery: ClassifiedRedelivery) => void) | undefined;
}

/** The paths of a batch, in order. */
export async function readCollectables(
  ledger: Ledger,
  settings: ScanSettings,
  { scanId, batchKey }: { readonly scanId: string; readonly batchKey: string },
  options: CollectableOptions,
): Promise<Collectable[]> {
  const pathsKey = documentKey.batch(batchKey);
  const measurementsKey = documentKey.measurement(batchKey);
  if (isAsyncBatch(batchKey)) {
    const paths = await requireDocument(ledger, scanId, pathsKey, AsyncPath.array());
    const measured = await requireDocument(ledger, scanId, measurementsKey, AsyncMeasurement.array());
    return paths.map((path, index) =>
      asyncCollectable(path, required(measured[index], path.functionArn), settings),
    );
  }
  const paths = await requireDocument(ledger, scanId, pathsKey, DeliveryPath.array());
  const measured = await requireDocument(ledger, scanId, measurementsKey, PathMeasurement.array());
  const discovery = await requireDocument(ledger, scanId, documentKey.discovery, Discovery);
  const shared = new Set(discovery.sharedFunctions);
  return paths.map((path, index) =>
    queueCollectable(path, required(measured[index], path.queueArn), settings, shared, options),
  );
}

function queueCollectable(
  path: DeliveryPath,
  measurement: PathMeasurement,
  settings: ScanSettings,
  sharedFunctions: ReadonlySet<string>,
  { onRedelivery }: CollectableOptions,
): Collectable {
  const { queueArn } = path;
  return {
    functions: activeFunctions(path).map((consumer) => {
      const { arn: functionArn, logFormat } = consumer;
      const consumesOtherQueues = sharedFunctions.has(functionArn);
      const options = { functionArn, logFormat, settings, queueArn, consumesOtherQueues };
      return { consumer, reader: () => createLogReader(options) };
    }),
    correlate: (logs) => correlatePath({ path, measurement, onRedelivery, ...logs }),
  };
}

function asyncCollectable(
  path: AsyncPath,
  measurement: AsyncMeasurement,
  settings: ScanSettings,
): Collectable {
  const { function: consumer } = path;
  return {
    functions:
      consumer === undefined
        ? []
        : [
            {
              consumer,
              reader: () =>
                createLogReader({
                  functionArn: consumer.arn,
                  logFormat: consumer.logFormat,
                  settings,
                  // There is none: events are found instead of a queue's records.
                  queueArn: "",
                  scan: scanEvents,
                }),
            },
          ],
    correlate: (logs) => correlateAsyncPath({ path, measurement, ...logs }),
  };
}

function required<T>(measurement: T | undefined, arn: string): T {
  if (measurement === undefined) throw new ContractError(`expected a measurement of ${arn}, got none`);
  return measurement;
}
