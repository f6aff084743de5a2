import { UnreadableError } from "../errors.ts";
import type { Window } from "../model/measurement.ts";
import type { MetricRequest, MetricSeries } from "../ports.ts";
import type { ScanPorts } from "./scan-ports.ts";

/** Where metrics cannot be read at all, every series says so and the scan goes on with the logs. */
export async function readSeries(
  ports: Pick<ScanPorts, "metrics">,
  requests: readonly MetricRequest[],
  window: Window,
  periodSeconds: number,
): Promise<ReadonlyMap<string, MetricSeries>> {
  if (requests.length === 0) return new Map();
  try {
    return await ports.metrics.getSeries(requests, window, periodSeconds);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const points = Math.ceil((window.endMs - window.startMs) / (periodSeconds * 1000));
    const values = new Array<null>(points).fill(null);
    return new Map(requests.map(({ id }) => [id, { values, periodSeconds, status: "forbidden" }]));
  }
}
