import { UnreadableError } from "../errors.ts";
import type { Window } from "../model/measurement.ts";
import type { MetricRequest, MetricSeries } from "../ports.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { edgesOf, MINUTE_SECONDS, periodOf, toMinutes, withEdges } from "./window-minutes.ts";

export interface SeriesRead {
  readonly series: ReadonlyMap<string, MetricSeries>;
  /** What is paid for. */
  readonly metricsRequested: number;
}

/**
 * Asks once for what several requests have in common: paths share functions, log groups and dead-letter queues. Where
 * metrics cannot be read at all, every series says so and the scan goes on with the logs.
 */
export async function readSeries(
  ports: Pick<ScanPorts, "metrics">,
  requests: readonly MetricRequest[],
  window: Window,
  periodSeconds: number,
): Promise<SeriesRead> {
  const byMetric = Map.groupBy(requests, metricOf);
  const asked = [...byMetric.values()].flatMap(([first]) => first ?? []);
  if (asked.length === 0) return { series: new Map(), metricsRequested: 0 };
  const answers = await ask(ports, asked, window, periodSeconds);
  const series = requests.flatMap((request): [string, MetricSeries][] => {
    const answer = answers.get(byMetric.get(metricOf(request))?.[0]?.id ?? "");
    return answer === undefined ? [] : [[request.id, answer]];
  });
  return { series: new Map(series), metricsRequested: asked.length };
}

/**
 * One point a minute over the window. A long one is read with points further apart (`periodOf`), which are handed on a
 * minute each. What that costs: a minute that was lost inside a longer period cannot be seen, and its count is missing;
 * peaks are as flat as their period; a level that falls and rises again within a period does not show. What happens at
 * the window's edges does not get less certain: there, levels are read by the minute as well, two more metrics for each.
 */
export async function readMinutes(
  ports: Pick<ScanPorts, "metrics">,
  requests: readonly MetricRequest[],
  window: Window,
): Promise<SeriesRead> {
  const periodSeconds = periodOf(window);
  if (periodSeconds === MINUTE_SECONDS) return readSeries(ports, requests, window, MINUTE_SECONDS);
  const levels = requests.filter(({ stat }) => stat === "Average");
  const [firstMinutes, lastMinutes] = edgesOf(window);
  const [all, first, last] = await Promise.all([
    readSeries(ports, requests, window, periodSeconds),
    readSeries(ports, levels, firstMinutes, MINUTE_SECONDS),
    readSeries(ports, levels, lastMinutes, MINUTE_SECONDS),
  ]);
  const series = requests.flatMap(({ id, stat }): [string, MetricSeries][] => {
    const answer = all.series.get(id);
    if (answer === undefined) return [];
    const minutes = toMinutes(answer, stat, window);
    const [before, after] = [first.series.get(id), last.series.get(id)];
    return [[id, before && after ? withEdges(minutes, before, after) : minutes]];
  });
  return { ...joinReads([all, first, last]), series: new Map(series) };
}

/** @param reads of different requests. */
export function joinReads(reads: readonly SeriesRead[]): SeriesRead {
  return {
    series: new Map(reads.flatMap(({ series }) => [...series])),
    metricsRequested: reads.reduce((sum, one) => sum + one.metricsRequested, 0),
  };
}

const metricOf = ({ namespace, metricName, dimensions, stat }: MetricRequest): string =>
  JSON.stringify([namespace, metricName, stat, ...Object.entries(dimensions).sort()]);

async function ask(
  ports: Pick<ScanPorts, "metrics">,
  requests: readonly MetricRequest[],
  window: Window,
  periodSeconds: number,
): Promise<ReadonlyMap<string, MetricSeries>> {
  try {
    return await ports.metrics.getSeries(requests, window, periodSeconds);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const points = Math.ceil((window.endMs - window.startMs) / (periodSeconds * 1000));
    const values = new Array<null>(points).fill(null);
    return new Map(requests.map(({ id }) => [id, { values, periodSeconds, status: "forbidden" }]));
  }
}
