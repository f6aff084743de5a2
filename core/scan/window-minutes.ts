// A long window has more minutes than are worth asking for: its points are read further apart, and handed on a minute
// each, so that nothing behind has to know.
import type { Window } from "../model/measurement.ts";
import type { MetricRequest, MetricSeries } from "../ports.ts";

export const MINUTE_SECONDS = 60;
const MINUTE_MS = 60_000;
/**
 * CloudWatch keeps minutes for 15 days, five minutes for 63 and hours for 455.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
 */
const FIVE_MINUTES_SECONDS = 300;
const HOUR_SECONDS = 3600;
/** Six hours of minutes. */
const MOST_POINTS = 360;
/** Enough for the first and the last minute, and for a lost point beside them. */
const EDGE_MINUTES = 5;

type Stat = MetricRequest["stat"];
const COUNTS: ReadonlySet<Stat> = new Set<Stat>(["Sum", "SampleCount"]);

/** How far apart the points of a window are read: minutes up to 6 hours, five minutes up to 30, then hours. */
export function periodOf({ startMs, endMs }: Window): number {
  const seconds = (endMs - startMs) / 1000;
  const fits = (period: number) => seconds <= period * MOST_POINTS;
  return [MINUTE_SECONDS, FIVE_MINUTES_SECONDS].find(fits) ?? HOUR_SECONDS;
}

/** The first and the last minutes of a window. */
export function edgesOf(window: Window): readonly [first: Window, last: Window] {
  const lastMs = window.startMs + (minutesOf(window) - EDGE_MINUTES) * MINUTE_MS;
  return [
    { startMs: window.startMs, endMs: window.startMs + EDGE_MINUTES * MINUTE_MS },
    { startMs: lastMs, endMs: window.endMs },
  ];
}

/**
 * One point a minute, whatever the period: a count is shared out evenly over the minutes of its period, in whole
 * numbers that add up to it; anything else holds in each of them; a gap stays a gap. The last period may be cut off by
 * the window's end, and has fewer minutes then.
 */
export function toMinutes(series: MetricSeries, stat: Stat, window: Window): MetricSeries {
  const length = series.periodSeconds / MINUTE_SECONDS;
  if (length === 1) return series;
  const minutes = minutesOf(window);
  const values = series.values.flatMap((value, period) => {
    const ofPeriod = Math.min(length, minutes - period * length);
    return COUNTS.has(stat) && value !== null ? shareOut(value, ofPeriod) : new Array(ofPeriod).fill(value);
  });
  return { ...series, values, periodSeconds: MINUTE_SECONDS };
}

/** The same with its first and last minutes as they were; what one of the three lacks, all of it lacks. */
export function withEdges(series: MetricSeries, first: MetricSeries, last: MetricSeries): MetricSeries {
  const incomplete = [series, first, last].find(({ status }) => status !== "complete");
  const inner = series.values.slice(first.values.length, series.values.length - last.values.length);
  return {
    ...(incomplete ?? series),
    values: [...first.values, ...inner, ...last.values],
    periodSeconds: MINUTE_SECONDS,
  };
}

const minutesOf = ({ startMs, endMs }: Window): number => Math.ceil((endMs - startMs) / MINUTE_MS);

function shareOut(count: number, parts: number): number[] {
  const until = (part: number) => (part === parts ? count : Math.floor((count * part) / parts));
  return Array.from({ length: parts }, (_, part) => until(part + 1) - until(part));
}
