// Whether a path is calm, from the few metrics that are read of every path. Only what they cannot clear is read in full.
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { PathMeasurement, WindowTotals } from "../model/measurement.ts";
import type { MetricRequest } from "../ports.ts";
import { activeConsumers, activeFunctions, consumerTimings } from "./consumers.ts";
import { assessExposure, largest } from "./exposure.ts";
import { edgeVariance, noiseOf } from "./flow-balance.ts";
import { mendPoints } from "./lost-points.ts";
import type { MeasureInput } from "./measure-path.ts";
import { functionSeriesId, metricRequests, queueSeriesId } from "./metric-requests.ts";
import { NO_BASELINE } from "./ratio/find-ratio-anomaly.ts";
import { createSeriesReader, type SeriesReader, total } from "./series-reader.ts";

/** A message may be back this much before its timeout is over: hops, and the rounding of times. */
const HOPS_SECONDS = 1;

/** `idle`: nothing was sent or received · `calm`: nothing to see · `unclear`: only a full reading can tell. */
export type Screening = "idle" | "calm" | "unclear";

export type ScreenInput = Pick<MeasureInput, "path" | "series" | "settled">;

/**
 * What is read of every path: messages sent and received, and the errors of its functions. Durations only where the
 * settings leave it open whether a run can outlast the visibility timeout: usually they tell without.
 * @returns some of `metricRequests`, under the same ids.
 */
export function screenRequests(path: DeliveryPath): MetricRequest[] {
  const arn = path.queueArn;
  const wanted = new Set([
    queueSeriesId(arn, "sent"),
    queueSeriesId(arn, "received"),
    ...activeFunctions(path).flatMap((one) => [
      functionSeriesId(arn, one.arn, "errors"),
      ...(endsCloseToTimeout(path) ? [functionSeriesId(arn, one.arn, "max-duration")] : []),
    ]),
  ]);
  return metricRequests(path).window.filter(({ id }) => wanted.has(id));
}

/**
 * Calm is a path where as many messages were received as sent, within the noise of the flow balance, without errors
 * (timeouts are errors, too), and where no run can have outlasted the visibility timeout, by the settings or by the
 * longest run. What the metrics cannot show is never calm: a function that could not be read, and a dead-letter queue,
 * whose messages arrive uncounted.
 *
 * What a calm path can hide: up to the noise of messages that came back without an error, repeats that a growing
 * backlog makes up for exactly, and whatever shows in the logs alone. For these it is read in full once a day.
 */
export function screen({ path, series, settled }: ScreenInput): Screening {
  if (metricRequests(path).window.length === 0) return "unclear";
  const reader = createSeriesReader(series, settled);
  const counts = readCounts(path, reader);
  if (counts === undefined) return "unclear";
  if (counts.sent === 0 && counts.received === 0) return "idle";
  const calm =
    Math.abs(counts.received - counts.sent) <= counts.noise &&
    path.deadLetterQueueOf === undefined &&
    activeConsumers(path).every((consumer) => consumer.function !== undefined) &&
    errorsOf(path, reader) === 0 &&
    !mayOutlast(path, reader);
  return calm ? "calm" : "unclear";
}

/** The measurement of a path that is not read in full: what was not asked for is null, and nothing is unreadable. */
export function measureScreened({
  path,
  series,
  settled,
  window,
}: ScreenInput & Pick<MeasureInput, "window">): PathMeasurement {
  const reader = createSeriesReader(series, settled);
  const counts = readCounts(path, reader);
  const durations = endsCloseToTimeout(path) ? readDurations(path, reader) : [];
  return {
    queueArn: path.queueArn,
    window,
    depth: "screened",
    totals: {
      ...NOTHING_ASKED,
      sent: counts?.sent ?? null,
      received: counts?.received ?? null,
      errors: errorsOf(path, reader),
      maxDurationMs: largest(durations.map(({ maxMs }) => maxMs)),
    },
    flow: null,
    ratio: NO_BASELINE,
    exposure: assessExposure(path, durations),
    samples: [],
    suspicions: [],
    unreadable: [],
  };
}

const NOTHING_ASKED: WindowTotals = {
  sent: null,
  received: null,
  deleted: null,
  backlogChange: null,
  deadLettered: null,
  oldestMessageAgeSeconds: null,
  invocations: null,
  errors: null,
  throttles: null,
  maxDurationMs: null,
  p99DurationMs: null,
  logBytes: null,
};

interface Counts {
  readonly sent: number;
  readonly received: number;
  /** By how much they may differ when nothing is wrong. */
  readonly noise: number;
}

/** undefined when either could not be read. */
function readCounts({ queueArn }: DeliveryPath, reader: SeriesReader): Counts | undefined {
  const sent = reader.values(queueSeriesId(queueArn, "sent"), queueArn);
  const received = reader.values(queueSeriesId(queueArn, "received"), queueArn);
  if (sent === null || received === null) return undefined;
  const mended = mendPoints({ sent, received }, new Set());
  const counts = { sent: total(mended.sent.points), received: total(mended.received.points) };
  // Levels are not read: their part of the noise is left out.
  const levels = mended.sent.points.map(() => 0);
  const edges = edgeVariance(mended.sent.points, mended.received.points, levels);
  const variance = edges + mended.sent.variance + mended.received.variance;
  return { ...counts, noise: noiseOf({ sent: counts.sent, counted: counts.received, variance }) };
}

/** null when any function's could not be read. */
function errorsOf(path: DeliveryPath, reader: SeriesReader): number | null {
  const errors = activeFunctions(path).map(({ arn }) =>
    reader.sum(functionSeriesId(path.queueArn, arn, "errors"), arn),
  );
  return errors.every((count) => count !== null) ? total(errors) : null;
}

const isExposed = (path: DeliveryPath): boolean => assessExposure(path, [])?.level === "exposed";

/** True where a run that takes all of its function's timeout ends just when its message may be back. */
function endsCloseToTimeout(path: DeliveryPath): boolean {
  const visibilityTimeoutSeconds = path.settings?.visibilityTimeoutSeconds ?? 0;
  return (
    !isExposed(path) &&
    consumerTimings(path).some(
      ({ functionTimeoutSeconds, batchingWindowSeconds }) =>
        functionTimeoutSeconds + batchingWindowSeconds + HOPS_SECONDS > visibilityTimeoutSeconds,
    )
  );
}

function mayOutlast(path: DeliveryPath, reader: SeriesReader): boolean {
  if (isExposed(path)) return true;
  if (!endsCloseToTimeout(path)) return false;
  const visibilityTimeoutSeconds = path.settings?.visibilityTimeoutSeconds ?? 0;
  const longest = new Map(readDurations(path, reader).map((one) => [one.functionArn, one.maxMs]));
  return (
    reader.unreadable().length > 0 ||
    consumerTimings(path).some(
      ({ functionArn, batchingWindowSeconds }) =>
        (longest.get(functionArn) ?? 0) / 1000 + batchingWindowSeconds + HOPS_SECONDS >
        visibilityTimeoutSeconds,
    )
  );
}

const readDurations = (path: DeliveryPath, reader: SeriesReader) =>
  activeFunctions(path).map(({ arn }) => ({
    functionArn: arn,
    maxMs: reader.max(functionSeriesId(path.queueArn, arn, "max-duration"), arn),
    p99Ms: null,
  }));
