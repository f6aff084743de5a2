// From the metric series of one path to its measurement.
import type { ConsumerFunction, DeliveryPath } from "../model/delivery-path.ts";
import type {
  FlowBalance,
  PathMeasurement,
  SampleResult,
  Window,
  WindowTotals,
} from "../model/measurement.ts";
import type { MetricSeries } from "../ports.ts";
import { activeConsumers, activeFunctions } from "./consumers.ts";
import { assessExposure, largest } from "./exposure.ts";
import { balanceFlow, deepestFall, messagesHandled } from "./flow-balance.ts";
import { mendPoints } from "./lost-points.ts";
import { functionSeriesId, logGroupSeriesId, type QueueMetric, queueSeriesId } from "./metric-requests.ts";
import { setUpOf } from "./ratio/baseline.ts";
import { findRatioAnomaly } from "./ratio/find-ratio-anomaly.ts";
import type { PathHistory } from "./ratio/history.ts";
import { createSeriesReader, type Points, type SeriesReader, total } from "./series-reader.ts";
import { listSuspicions } from "./suspicions.ts";

const MINUTE_MS = 60_000;
/** Levels are approximate: a smaller part of the peak need not have left. */
const LEVEL_NOISE = 0.1;

export interface MeasureInput {
  readonly path: DeliveryPath;
  readonly window: Window;
  /** Series of all groups of `metricRequests`, in one map. */
  readonly series: ReadonlyMap<string, MetricSeries>;
  /** The path's hours so far; absent when nobody asked for them. */
  readonly history?: PathHistory | undefined;
  /** False when the window ends so recently that metric points may still arrive. @default true */
  readonly settled?: boolean;
  /** What opt-in sampling saw. */
  readonly samples?: readonly SampleResult[];
}

/**
 * Measures one path. A figure that could not be read is null and named in `unreadable`, never 0; the flow
 * balance needs all of the queue's counters and levels, only the dead-letter queue's may be missing.
 */
export function measurePath(input: MeasureInput): PathMeasurement {
  const { path, window } = input;
  const samples = [...(input.samples ?? [])];
  const reader = createSeriesReader(input.series, input.settled);
  const polled = !path.foreign && path.settings !== undefined && activeConsumers(path).length > 0;

  const { flow, counts } = polled ? readQueue(path, reader, window) : NOTHING_OF_QUEUE;
  const functions = readFunctions(path.queueArn, polled ? activeFunctions(path) : [], reader);
  const handled = flow === null ? counts.sent : messagesHandled(flow);
  const ratio = findRatioAnomaly({
    window,
    // The invocations of a function that could not be read are missing in the sum.
    invocations: setUpOf(path) === undefined ? null : functions.invocations,
    messages: handled,
    receivesPerMessage:
      deliversOneByOne(path) && flow !== null && handled !== null && handled > 0
        ? flow.received / handled
        : null,
    history: input.history,
  });
  const exposure = assessExposure(path, functions.durations);
  const totals: WindowTotals = {
    ...counts,
    invocations: functions.invocations,
    errors: functions.errors,
    throttles: functions.throttles,
    maxDurationMs: largest(functions.durations.map((one) => one.maxMs)),
    p99DurationMs: largest(functions.durations.map((one) => one.p99Ms)),
    logBytes: functions.logBytes,
  };
  return {
    queueArn: path.queueArn,
    window,
    depth: "full",
    totals,
    flow,
    ratio,
    exposure,
    samples,
    suspicions: listSuspicions({ path, totals, flow, ratio, exposure, samples }),
    unreadable: [...reader.unreadable()],
  };
}

type QueueCounts = Pick<
  WindowTotals,
  | "sent"
  | "received"
  | "deleted"
  | "backlogChange"
  | "deadLettered"
  | "deadLettersLeft"
  | "deadLettersLeftDuring"
  | "oldestMessageAgeSeconds"
>;

interface QueueFigures {
  readonly flow: FlowBalance | null;
  readonly counts: QueueCounts;
}

const NOTHING_OF_QUEUE: QueueFigures = {
  flow: null,
  counts: {
    sent: null,
    received: null,
    deleted: null,
    backlogChange: null,
    deadLettered: null,
    deadLettersLeft: null,
    oldestMessageAgeSeconds: null,
  },
};

const LEVELS: ReadonlySet<"sent" | "received" | "deleted" | "visible" | "inFlight" | "delayed"> = new Set([
  "visible",
  "inFlight",
  "delayed",
]);

function readQueue(path: DeliveryPath, reader: SeriesReader, window: Window): QueueFigures {
  const arn = path.queueArn;
  const values = (metric: QueueMetric) => reader.values(queueSeriesId(arn, metric), arn);
  const sent = values("sent");
  const received = values("received");
  const deleted = values("deleted");
  const visible = values("visible");
  const inFlight = values("in-flight");
  const delayed = values("delayed");
  const deadLetterBacklog = readDeadLetterBacklog(path, reader);
  const known =
    sent === null ||
    received === null ||
    deleted === null ||
    visible === null ||
    inFlight === null ||
    delayed === null
      ? null
      : mendPoints({ sent, received, deleted, visible, inFlight, delayed }, LEVELS);
  const flow =
    known === null
      ? null
      : balanceFlow({
          sent: known.sent.points,
          received: known.received.points,
          deleted: known.deleted.points,
          visible: known.visible.points,
          inFlight: known.inFlight.points,
          delayed: known.delayed.points,
          deadLetterBacklog,
          arrivesUncounted: path.deadLetterQueueOf !== undefined,
          lostVariance: {
            sent: known.sent.variance,
            received: known.received.variance,
            deleted: known.deleted.variance,
          },
        });
  const sumOf = (points: Points | undefined, read: MetricSeries["values"] | null): number | null =>
    points === undefined ? (read === null ? null : total(read.map((value) => value ?? 0))) : total(points);
  return {
    flow,
    counts: {
      sent: sumOf(known?.sent.points, sent),
      received: sumOf(known?.received.points, received),
      deleted: sumOf(known?.deleted.points, deleted),
      backlogChange: flow?.backlogChange ?? null,
      deadLettered: deadLetterBacklog === null ? null : (flow?.deadLettered ?? null),
      ...leftDeadLetters(deadLetterBacklog, window),
      oldestMessageAgeSeconds: reader.max(queueSeriesId(arn, "oldest-age"), arn),
    },
  };
}

/** How many messages left the dead-letter queue at once, and when. */
function leftDeadLetters(
  backlog: Points | null | undefined,
  window: Window,
): Pick<WindowTotals, "deadLettersLeft" | "deadLettersLeftDuring"> {
  if (backlog === null) return { deadLettersLeft: null };
  const { depth, peak, fromMinute, toMinute } = deepestFall(backlog ?? []);
  if (depth <= LEVEL_NOISE * peak) return { deadLettersLeft: 0 };
  const startMs = window.startMs + fromMinute * MINUTE_MS;
  return {
    deadLettersLeft: depth,
    deadLettersLeftDuring: { startMs, endMs: window.startMs + (toMinute + 1) * MINUTE_MS },
  };
}

/** undefined without a dead-letter queue, null when it could not be read. */
function readDeadLetterBacklog(path: DeliveryPath, reader: SeriesReader): Points | null | undefined {
  const deadLetterArn = path.settings?.redrive?.deadLetterTargetArn;
  if (deadLetterArn === undefined) return undefined;
  const visible = reader.points(queueSeriesId(path.queueArn, "dlq-visible"), deadLetterArn);
  const inFlight = reader.points(queueSeriesId(path.queueArn, "dlq-in-flight"), deadLetterArn);
  if (visible === null || inFlight === null) return null;
  return visible.map((count, minute) => count + (inFlight[minute] ?? 0));
}

/** Figures of the polling functions together; null without any. */
function readFunctions(queueArn: string, functions: readonly ConsumerFunction[], reader: SeriesReader) {
  const id = (arn: string, metric: Parameters<typeof functionSeriesId>[2]) =>
    functionSeriesId(queueArn, arn, metric);
  const sumOver = (metric: "invocations" | "errors" | "throttles") =>
    addUp(functions.map((one) => reader.sum(id(one.arn, metric), one.arn)));
  const logGroups = [...new Set(functions.map((one) => one.logGroup))];
  return {
    invocations: sumOver("invocations"),
    errors: sumOver("errors"),
    throttles: sumOver("throttles"),
    durations: functions.map((one) => ({
      functionArn: one.arn,
      maxMs: reader.max(id(one.arn, "max-duration"), one.arn),
      p99Ms: reader.max(id(one.arn, "p99-duration"), one.arn),
    })),
    logBytes: addUp(logGroups.map((group) => reader.sum(logGroupSeriesId(queueArn, group), group))),
  };
}

/** True where every delivery is exactly one invocation of one mapping. */
function deliversOneByOne(path: DeliveryPath): boolean {
  const [only, ...others] = activeConsumers(path);
  return (
    only !== undefined &&
    others.length === 0 &&
    only.mapping.batchSize === 1 &&
    only.mapping.filterCount === 0
  );
}

/** The sum, or null when there is nothing to add or a part of it is unknown. */
function addUp(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : total(known);
}
