// A queue that is active has all its points, every minute. Where one is missing beside others it was lost, and a lost
// count is not 0.
import type { MetricSeries } from "../ports.ts";
import type { Points } from "./series-reader.ts";

export interface Mended {
  readonly points: Points;
  /** Variance, in messages², of what was put in for the points that were lost. */
  readonly variance: number;
}

type Values = MetricSeries["values"];

/**
 * Fills the gaps of a queue's series, all over the same minutes. A minute without any point was inactive: 0. A lost
 * count is taken to be the mean of the nearest known ones on either side, and to be off by as much as that; a lost
 * level to be what it was before.
 */
export function mendPoints<Name extends string>(
  series: Readonly<Record<Name, Values>>,
  levels: ReadonlySet<Name>,
): Record<Name, Mended> {
  const names = Object.keys(series) as Name[];
  const wasActive = (minute: number): boolean =>
    names.some((name) => (series[name][minute] ?? null) !== null);
  const mend = (name: Name): Mended => {
    let variance = 0;
    const values = series[name];
    const points = values.map((value, minute) => {
      if (value !== null || !wasActive(minute)) return value ?? 0;
      const before = nearest(values, minute, -1);
      const after = nearest(values, minute, 1);
      if (levels.has(name)) return before ?? after ?? 0;
      const filled = ((before ?? after ?? 0) + (after ?? before ?? 0)) / 2;
      variance += filled ** 2;
      return filled;
    });
    return { points, variance };
  };
  return Object.fromEntries(names.map((name) => [name, mend(name)])) as Record<Name, Mended>;
}

/** The next point that is known in one direction; undefined where there is none. */
function nearest(values: Values, from: number, step: 1 | -1): number | undefined {
  for (let minute = from + step; minute >= 0 && minute < values.length; minute += step) {
    const value = values[minute];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}
