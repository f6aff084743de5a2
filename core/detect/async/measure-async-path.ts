// The numbers of one asynchronous path: which metrics it needs, and what they say over one window.
import type { AsyncMeasurement, AsyncPath, AsyncTotals } from "../../model/async-path.ts";
import type { Estimate, Window } from "../../model/measurement.ts";
import type { MetricRequest, MetricSeries } from "../../ports.ts";
import type { Screening } from "../screen.ts";
import { createSeriesReader, type Points, type SeriesReader, total } from "../series-reader.ts";

const FUNCTION_METRICS = {
  events: "AsyncEventsReceived",
  dropped: "AsyncEventsDropped",
  invocations: "Invocations",
  errors: "Errors",
  throttles: "Throttles",
} as const;
type FunctionMetric = keyof typeof FUNCTION_METRICS;

/** A retry needs an error; what runs without one shows as more invocations than events. */
const SCREEN_METRICS = ["events", "invocations", "errors"] as const;

const seriesId = (functionArn: string, metric: FunctionMetric | "log-bytes"): string =>
  `${functionArn}|async|${metric}`;

/**
 * What Measure reads for one asynchronous path, one point a minute; nothing of a function that could not be read.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
export function asyncMetricRequests({ functionArn, function: consumer }: AsyncPath): MetricRequest[] {
  if (consumer === undefined) return [];
  const ofFunction = Object.entries(FUNCTION_METRICS).map(([metric, metricName]) => ({
    id: seriesId(functionArn, metric as FunctionMetric),
    namespace: "AWS/Lambda" as const,
    dimensions: { FunctionName: consumer.name },
    metricName,
    stat: "Sum" as const,
  }));
  const logBytes: MetricRequest = {
    id: seriesId(functionArn, "log-bytes"),
    namespace: "AWS/Logs",
    dimensions: { LogGroupName: consumer.logGroup },
    metricName: "IncomingBytes",
    stat: "Sum",
  };
  return [...ofFunction, logBytes];
}

export interface MeasureAsyncInput {
  readonly path: AsyncPath;
  readonly window: Window;
  /** Series of `asyncMetricRequests`. */
  readonly series: ReadonlyMap<string, MetricSeries>;
  /** False when the window ends so recently that metric points may still arrive. */
  readonly settled: boolean;
}

/** How the events became invocations. */
interface Figures {
  readonly events: Points | null;
  readonly invocations: Points | null;
  readonly errors: number | null;
}

function readFigures(functionArn: string, reader: SeriesReader): Figures {
  const id = (metric: FunctionMetric) => seriesId(functionArn, metric);
  return {
    events: reader.points(id("events"), functionArn),
    invocations: reader.points(id("invocations"), functionArn),
    errors: reader.sum(id("errors"), functionArn),
  };
}

const excessOf = ({ events, invocations }: Figures, throttled: boolean): Estimate | null =>
  events === null || invocations === null ? null : estimateExcess(events, invocations, throttled);

const NOTHING_READ: AsyncTotals = {
  events: null,
  dropped: null,
  invocations: null,
  errors: null,
  throttles: null,
  logBytes: null,
};

/** What is read of every path; some of `asyncMetricRequests`, under the same ids. */
export function asyncScreenRequests(path: AsyncPath): MetricRequest[] {
  const wanted = SCREEN_METRICS.map((metric) => seriesId(path.functionArn, metric));
  return asyncMetricRequests(path).filter(({ id }) => wanted.includes(id));
}

/**
 * Calm is a path without errors, and without more invocations than events. What it can hide: an event that its source
 * delivered twice, and, within the busiest minute's events, one that Lambda ran twice.
 */
export function screenAsync({ path, series, settled }: Omit<MeasureAsyncInput, "window">): Screening {
  if (path.function === undefined) return "unclear";
  const figures = readFigures(path.functionArn, createSeriesReader(series, settled));
  if (figures.events === null) return "unclear";
  if (total(figures.events) === 0) return "idle";
  const excess = excessOf(figures, false);
  return excess !== null && excess.low <= 0 && figures.errors === 0 ? "calm" : "unclear";
}

/** The measurement of a path that is not read in full: what was not asked for is null, and nothing is unreadable. */
export function measureAsyncScreened({ path, window, series, settled }: MeasureAsyncInput): AsyncMeasurement {
  const figures = readFigures(path.functionArn, createSeriesReader(series, settled));
  return {
    functionArn: path.functionArn,
    window,
    depth: "screened",
    totals: {
      ...NOTHING_READ,
      events: sumOf(figures.events),
      invocations: sumOf(figures.invocations),
      errors: figures.errors,
    },
    excessInvocations: excessOf(figures, false),
    suspicions: [],
    unreadable: [],
  };
}

/** A figure that could not be read is null and named in `unreadable`, never 0. */
export function measureAsyncPath({ path, window, series, settled }: MeasureAsyncInput): AsyncMeasurement {
  const { functionArn, function: consumer } = path;
  const measured = { functionArn, window, depth: "full" as const };
  if (consumer === undefined) {
    return { ...measured, totals: NOTHING_READ, excessInvocations: null, suspicions: [], unreadable: [] };
  }
  const reader = createSeriesReader(series, settled);
  const figures = readFigures(functionArn, reader);
  const sum = (metric: FunctionMetric) => reader.sum(seriesId(functionArn, metric), functionArn);
  const totals: AsyncTotals = {
    events: sumOf(figures.events),
    dropped: sum("dropped"),
    invocations: sumOf(figures.invocations),
    errors: figures.errors,
    throttles: sum("throttles"),
    logBytes: reader.sum(seriesId(functionArn, "log-bytes"), consumer.logGroup),
  };
  const excessInvocations = excessOf(figures, totals.throttles !== 0);
  return {
    ...measured,
    totals,
    excessInvocations,
    suspicions: listAsyncSuspicions(totals, excessInvocations),
    unreadable: [...reader.unreadable()],
  };
}

/**
 * Invocations beyond one an event: ΣI − ΣE, each event run once giving 0. Lambda counts both exactly, so all that is
 * uncertain lies at the window's edges: an event received in the last minute may run after it, one received before
 * the window may run in it. That is at most the busiest minute's events on either side. While the function is
 * throttled, events wait in Lambda's queue for up to six hours, and what runs now may have come long before: then
 * the lower end is 0.
 * @param events,invocations a minute each, over the same minutes.
 */
export function estimateExcess(events: Points, invocations: Points, throttled: boolean): Estimate {
  const all = total(invocations);
  const clamp = (value: number) => Math.min(all, Math.max(0, value));
  const excess = all - total(events);
  const edge = events.reduce((most, minute) => Math.max(most, minute), 0);
  return {
    value: clamp(excess),
    low: throttled ? 0 : clamp(excess - edge),
    high: clamp(excess + edge),
  };
}

/** Whether asynchronous events came in the window; unknown when they could not be counted. */
export function asyncTraffic({ events }: Pick<AsyncTotals, "events">): "yes" | "no" | "unknown" {
  if (events === null) return "unknown";
  return events > 0 ? "yes" : "no";
}

/** In sentences a person understands, the strongest first; none where no event came. */
function listAsyncSuspicions(totals: AsyncTotals, excess: Estimate | null): string[] {
  if (asyncTraffic(totals) === "no") return [];
  const errors = totals.errors ?? 0;
  const dropped = totals.dropped ?? 0;
  return [
    ...(excess !== null && excess.low > 0
      ? [`about ${Math.round(excess.value)} more invocations than asynchronous events`]
      : []),
    ...(errors > 0 ? [`${errors} function errors or timeouts`] : []),
    ...(dropped > 0 ? [`${dropped} events given up`] : []),
    ...(excess === null ? ["the function's numbers could not be read, so only the logs can tell"] : []),
  ];
}

const sumOf = (points: Points | null): number | null => (points === null ? null : total(points));
