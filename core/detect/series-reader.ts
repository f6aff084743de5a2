// Reads figures out of metric series and remembers what could not be read, so that nothing unread becomes 0.
import type { Unreadable } from "../model/delivery-path.ts";
import type { MetricSeries } from "../ports.ts";

/** Points with their gaps filled: a queue or function that was inactive has no point, which means 0. */
export type Points = readonly number[];

const NOT_SETTLED =
  "the window ends so recently that points may still be on their way, so a gap does not mean that nothing happened";

const REASONS: Record<Exclude<MetricSeries["status"], "complete">, string> = {
  partial: "CloudWatch returned only part of the points",
  forbidden: "access to the metric was denied (cloudwatch:GetMetricData)",
  error: "CloudWatch could not answer for this metric",
};

export interface SeriesReader {
  /** The values, gaps as null; null (and noted under `resource`) when the series is missing or not complete. */
  values(id: string, resource: string): MetricSeries["values"] | null;
  /** The points, gaps as 0; null (and noted under `resource`) when the series is missing or not complete. */
  points(id: string, resource: string): Points | null;
  /** The sum of the points, 0 for an inactive series; null when it could not be read. */
  sum(id: string, resource: string): number | null;
  /** The largest point; null when there is none, or when the series could not be read. */
  max(id: string, resource: string): number | null;
  /** Everything that could not be read so far, each resource and reason once. */
  unreadable(): readonly Unreadable[];
}

/**
 * @param series by request id, as MetricsPort returned them (all groups together).
 * @param settled false when the window ends so recently that gaps may still be filled: such a series is unread.
 */
export function createSeriesReader(series: ReadonlyMap<string, MetricSeries>, settled = true): SeriesReader {
  const problems = new Map<string, Unreadable>();

  const read = (id: string, resource: string): MetricSeries["values"] | null => {
    const found = series.get(id);
    const late = !settled && (found?.values.includes(null) ?? false);
    if (found?.status === "complete" && !late) return found.values;
    const reason = reasonOf(found);
    problems.set(`${resource}|${reason}`, { resource, reason: `metrics: ${reason}` });
    return null;
  };

  const points = (id: string, resource: string): Points | null =>
    read(id, resource)?.map((value) => value ?? 0) ?? null;

  return {
    values: read,
    points,
    sum: (id, resource) => {
      const values = points(id, resource);
      return values === null ? null : total(values);
    },
    max: (id, resource) => {
      const values = (read(id, resource) ?? []).filter((value) => value !== null);
      return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
    },
    unreadable: () => [...problems.values()],
  };
}

/** Sum of points. */
export const total = (values: Points): number => values.reduce((a, b) => a + b, 0);

function reasonOf(series: MetricSeries | undefined): string {
  if (series === undefined) return "the metric was not returned";
  return series.status === "complete" ? NOT_SETTLED : (series.reason ?? REASONS[series.status]);
}
