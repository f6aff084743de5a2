import { UnreadableError } from "../errors.ts";
import type { Window } from "../model/measurement.ts";
import type { MetricRequest, MetricSeries } from "../ports.ts";
import type { ScanPorts } from "./scan-ports.ts";

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
