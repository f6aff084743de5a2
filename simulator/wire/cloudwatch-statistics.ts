// From minutes of a metric to the datapoints of a period.
import type { MetricId, MetricPoint, SimulatedAccount } from "../account.ts";

const MINUTE_MS = 60_000;

export const STATISTIC_PATTERN = /^(SampleCount|Average|Sum|Minimum|Maximum|p(\d{1,2}(\.\d{1,10})?|100))$/;

export interface Datapoint {
  readonly timeMs: number;
  readonly value: number;
}

export interface DatapointRequest {
  /** Inclusive. */
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  readonly periodSeconds: number;
  readonly statistic: string;
}

/** Datapoints in order of time; a period without a single minute has none. */
export function readDatapoints(
  account: SimulatedAccount,
  id: MetricId,
  { startMs, endMs, periodSeconds, statistic }: DatapointRequest,
): Datapoint[] {
  const firstMs = Math.floor(startMs / MINUTE_MS) * MINUTE_MS;
  const periods = new Map<number, MetricPoint[]>();
  for (const point of account.metricPoints(id, firstMs, endMs)) {
    const period = Math.floor((point.minuteStartMs - firstMs) / (periodSeconds * 1000));
    const minutes = periods.get(period) ?? [];
    minutes.push(point);
    periods.set(period, minutes);
  }
  return [...periods].flatMap(([period, minutes]) => {
    const value = aggregate(minutes, statistic);
    return value === undefined ? [] : [{ timeMs: firstMs + period * periodSeconds * 1000, value }];
  });
}

function aggregate(minutes: readonly MetricPoint[], statistic: string): number | undefined {
  const total = (pick: (point: MetricPoint) => number) =>
    minutes.reduce((sum, point) => sum + pick(point), 0);
  switch (statistic) {
    case "Sum":
      return total(({ sum }) => sum);
    case "SampleCount":
      return total(({ sampleCount }) => sampleCount);
    case "Average":
      return total(({ sum }) => sum) / total(({ sampleCount }) => sampleCount);
    case "Minimum":
      return minutes.reduce((least, { min }) => Math.min(least, min), Number.POSITIVE_INFINITY);
    case "Maximum":
      return minutes.reduce((most, { max }) => Math.max(most, max), Number.NEGATIVE_INFINITY);
    default:
      return percentile(minutes, Number(statistic.slice(1)) / 100);
  }
}

/** Without raw samples a percentile exists only where all samples are equal, as for AWS's statistic sets. */
function percentile(minutes: readonly MetricPoint[], share: number): number | undefined {
  const samples: number[] = [];
  for (const { samples: raw, sampleCount, min, max } of minutes) {
    if (raw !== undefined) {
      for (let index = 0; index < raw.length; index++) {
        samples.push(raw[index] ?? 0);
      }
    } else if (min === max) {
      samples.push(...Array.from({ length: sampleCount }, () => min));
    } else {
      return undefined;
    }
  }
  samples.sort((a, b) => a - b);
  const position = share * (samples.length - 1);
  const below = samples[Math.floor(position)];
  const above = samples[Math.ceil(position)];
  return below === undefined || above === undefined
    ? undefined
    : below + (above - below) * (position - Math.floor(position));
}

const UNITS: Readonly<Record<string, string>> = {
  Duration: "Milliseconds",
  ApproximateAgeOfOldestMessage: "Seconds",
  SentMessageSize: "Bytes",
  IncomingBytes: "Bytes",
};

export function unitOf({ namespace, metricName }: MetricId): string {
  return UNITS[metricName] ?? (namespace === "AWS/Logs" ? "None" : "Count");
}
