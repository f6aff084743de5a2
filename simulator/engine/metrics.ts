// CloudWatch as the account sees it: one point a minute and metric, absent where nothing was recorded.
import type { MetricId, MetricPoint } from "../account.ts";

const MINUTE_MS = 60_000;

interface MutablePoint {
  sum: number;
  min: number;
  max: number;
  sampleCount: number;
  samples?: number[];
}

/** One metric. */
export class MinuteSeries {
  readonly #points: (MutablePoint | undefined)[] = [];
  readonly #keepSamples: boolean;

  /** @param keepSamples keeps every value, for percentiles. */
  constructor(keepSamples = false) {
    this.#keepSamples = keepSamples;
  }

  /** @param timeMs engine ms. */
  record(timeMs: number, value: number): void {
    const minute = Math.floor(timeMs / MINUTE_MS);
    const point = this.#points[minute];
    if (point === undefined) {
      this.#points[minute] = this.#keepSamples
        ? { sum: value, min: value, max: value, sampleCount: 1, samples: [value] }
        : { sum: value, min: value, max: value, sampleCount: 1 };
      return;
    }
    point.sum += value;
    point.sampleCount += 1;
    if (value < point.min) point.min = value;
    if (value > point.max) point.max = value;
    point.samples?.push(value);
  }

  /** Sum of one minute, 0 where there is no point. */
  sumAt(timeMs: number): number {
    return this.#points[Math.floor(timeMs / MINUTE_MS)]?.sum ?? 0;
  }

  isEmpty(): boolean {
    return this.#points.length === 0;
  }

  /** Points of the minutes that begin in [startMs, endMs), epoch ms. */
  between(originMs: number, startMs: number, endMs: number): MetricPoint[] {
    const found: MetricPoint[] = [];
    const first = Math.max(0, Math.ceil((startMs - originMs) / MINUTE_MS));
    const last = Math.min(this.#points.length, Math.ceil((endMs - originMs) / MINUTE_MS));
    for (let minute = first; minute < last; minute++) {
      const point = this.#points[minute];
      if (point !== undefined) found.push({ minuteStartMs: originMs + minute * MINUTE_MS, ...point });
    }
    return found;
  }
}

/** All metrics of the account. */
export class MetricStore {
  readonly #series = new Map<string, { readonly id: MetricId; readonly series: MinuteSeries }>();

  series(
    namespace: string,
    metricName: string,
    dimensions: Record<string, string>,
    keepSamples = false,
  ): MinuteSeries {
    const id = { namespace, metricName, dimensions };
    const key = keyOf(id);
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    const series = new MinuteSeries(keepSamples);
    this.#series.set(key, { id, series });
    return series;
  }

  find(id: MetricId): MinuteSeries | undefined {
    return this.#series.get(keyOf(id))?.series;
  }

  /** Metrics that have at least one point: the others do not exist for CloudWatch. */
  *ids(): Iterable<MetricId> {
    for (const { id, series } of this.#series.values()) if (!series.isEmpty()) yield id;
  }
}

function keyOf({ namespace, metricName, dimensions }: MetricId): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, metricName, sorted]);
}
