// The two kinds of path that a batch may hold, and what the end of a scan needs to know of each.
import type * as z from "zod";
import { asyncReference, diagnoseAsyncPath } from "../advise/async/diagnose-async-path.ts";
import { diagnosePath, type PathDiagnosis } from "../advise/diagnose-path.ts";
import { asyncTraffic } from "../detect/async/measure-async-path.ts";
import { traffic } from "../detect/suspicions.ts";
import { AsyncMeasurement, AsyncPath } from "../model/async-path.ts";
import { AsyncDeliveries, type LogCoverage, PathDeliveries } from "../model/delivery.ts";
import { DeliveryPath, type Unreadable } from "../model/delivery-path.ts";
import type { PathReference } from "../model/finding.ts";
import { PathMeasurement } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { Ledger } from "../ports.ts";
import { documentKey, isAsyncBatch, requireDocument } from "./documents.ts";
import { IGNORE_TAG, type Ignored, parseIgnoreTag } from "./ignore-tag.ts";
import { asyncNotRead, notRead } from "./start-queries.ts";

/** Its documents in the ledger, and what is made of them. */
export interface PathKind<Path, Measurement, Deliveries> {
  readonly paths: z.ZodType<Path[]>;
  readonly measurements: z.ZodType<Measurement[]>;
  readonly deliveries: z.ZodType<Deliveries>;
  readonly reference: (path: Path) => PathReference;
  /** What the owner's tag says of it, at the end of the window. */
  readonly ignored: (path: Path, nowMs: number) => Ignored | undefined;
  readonly notRead: (arn: string, reason: string) => Deliveries;
  /** True when nothing moved in the window. */
  readonly isIdle: (measurement: Measurement) => boolean;
  readonly diagnose: (
    path: Path,
    measurement: Measurement,
    deliveries: Deliveries | undefined,
    settings: ScanSettings,
  ) => PathDiagnosis;
}

export interface WithUnreadable {
  readonly unreadable: readonly Unreadable[];
}

export interface WithCoverage extends WithUnreadable {
  readonly coverage: LogCoverage;
}

export const QUEUE_PATHS: PathKind<DeliveryPath, PathMeasurement, PathDeliveries> = {
  paths: DeliveryPath.array(),
  measurements: PathMeasurement.array(),
  deliveries: PathDeliveries,
  reference: ({ queueArn, consumers }) => ({
    queueArn,
    functionArns: [...new Set(consumers.map((one) => one.function?.arn ?? one.mapping.functionArn))],
  }),
  ignored: ({ settings }, nowMs) => {
    const ignored = parseIgnoreTag(settings?.tags[IGNORE_TAG], nowMs);
    return typeof ignored === "string" ? undefined : ignored;
  },
  notRead,
  isIdle: (measurement) => traffic(measurement) === "no",
  diagnose: (path, measurement, deliveries, settings) =>
    diagnosePath({ path, measurement, deliveries, settings }),
};

export const ASYNC_PATHS: PathKind<AsyncPath, AsyncMeasurement, AsyncDeliveries> = {
  paths: AsyncPath.array(),
  measurements: AsyncMeasurement.array(),
  deliveries: AsyncDeliveries,
  reference: asyncReference,
  ignored: () => undefined,
  notRead: asyncNotRead,
  isIdle: ({ totals }) => asyncTraffic(totals) === "no",
  diagnose: (path, measurement, deliveries) => diagnoseAsyncPath({ path, measurement, deliveries }),
};

/** The paths of a batch, by their references. */
export async function readReferences(
  ledger: Ledger,
  scanId: string,
  batchKey: string,
): Promise<(WithUnreadable & { readonly reference: PathReference })[]> {
  const key = documentKey.batch(batchKey);
  const read = async <Path extends WithUnreadable>(
    kind: Pick<PathKind<Path, never, never>, "paths" | "reference">,
  ) =>
    (await requireDocument(ledger, scanId, key, kind.paths)).map((path) => ({
      reference: kind.reference(path),
      unreadable: path.unreadable,
    }));
  return isAsyncBatch(batchKey) ? read(ASYNC_PATHS) : read(QUEUE_PATHS);
}
