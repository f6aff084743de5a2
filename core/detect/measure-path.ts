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
import { balanceFlow, largestFall, messagesHandled } from "./flow-balance.ts";
import { functionSeriesId, logGroupSeriesId, type QueueMetric, queueSeriesId } from "./metric-requests.ts";
import { setUpOf } from "./ratio/baseline.ts";
import { findRatioAnomaly } from "./ratio/find-ratio-anomaly.ts";
import type { PathHistory } from "./ratio/history.ts";
import { createSeriesReader, type Points, type SeriesReader, total } from "./series-reader.ts";
import { listSuspicions } from "./suspicions.ts";

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

  const { flow, counts } = polled ? readQueue(path, reader) : NOTHING_OF_QUEUE;
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

function readQueue(path: DeliveryPath, reader: SeriesReader): QueueFigures {
  const arn = path.queueArn;
  const points = (metric: QueueMetric) => reader.points(queueSeriesId(arn, metric), arn);
  const sent = points("sent");
  const received = points("received");
  const deleted = points("deleted");
  const visible = points("visible");
  const inFlight = points("in-flight");
  const delayed = points("delayed");
  const deadLetterBacklog = readDeadLetterBacklog(path, reader);
  const flow =
    sent === null ||
    received === null ||
    deleted === null ||
    visible === null ||
    inFlight === null ||
    delayed === null
      ? null
      : balanceFlow({
          sent,
          received,
          deleted,
          visible,
          inFlight,
          delayed,
          deadLetterBacklog,
          arrivesUncounted: path.deadLetterQueueOf !== undefined,
        });
  return {
    flow,
    counts: {
      sent: sumOf(sent),
      received: sumOf(received),
      deleted: sumOf(deleted),
      backlogChange: flow?.backlogChange ?? null,
      deadLettered: deadLetterBacklog === null ? null : (flow?.deadLettered ?? null),
      deadLettersLeft: deadLetterBacklog === null ? null : largestFall(deadLetterBacklog ?? []),
      oldestMessageAgeSeconds: reader.max(queueSeriesId(arn, "oldest-age"), arn),
    },
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

const sumOf = (points: Points | null): number | null => (points === null ? null : total(points));

/** The sum, or null when there is nothing to add or a part of it is unknown. */
function addUp(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : total(known);
}
