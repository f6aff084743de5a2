// What is usual at the window's hours, and how far from it an ordinary window lies.
import { median, medianAbsoluteDeviation } from "simple-statistics";
import { type ComparableHours, countDays } from "./comparable-hours.ts";
import { type HistoryHour, ratioOf } from "./history.ts";
import { LEAST_SPREAD, MAD_TO_SIGMA, MEDIAN_VARIANCE } from "./robust.ts";

export interface UsualLevel {
  /** Median ratio of the comparable hours. */
  readonly median: number;
  /** Their median absolute deviation × 1.4826. */
  readonly mad: number;
  /** Standard error of predicting another such hour from the median. */
  readonly error: number;
}

/**
 * The scatter s is the largest of: the comparable hours' own; that of all hours of the history, each against the
 * median of its own place in the day or week, so that five hours that happen to agree do not pass for a steady path;
 * and 2 %. The median itself is uncertain, too, and hours of one day are no independent witnesses:
 * error = s × √(1 + π/2 ÷ days).
 * @param usable all hours of the history, the comparable ones among them.
 */
export function usualLevel(comparable: ComparableHours, usable: readonly HistoryHour[]): UsualLevel {
  const ratios = comparable.hours.map(ratioOf);
  const centre = median(ratios);
  const mad = medianAbsoluteDeviation(ratios) * MAD_TO_SIGMA;
  const scatter = Math.max(mad, centre * Math.max(relativeScatter(comparable, usable), LEAST_SPREAD));
  return {
    median: centre,
    mad,
    error: scatter * Math.sqrt(1 + MEDIAN_VARIANCE / countDays(comparable.hours)),
  };
}

/** Median of |ratio ÷ median of its place − 1| × 1.4826. */
function relativeScatter({ placeOf }: ComparableHours, usable: readonly HistoryHour[]): number {
  const places = Map.groupBy(usable, ({ startMs }) => placeOf(startMs));
  const deviations = [...places.values()].flatMap((hours) => {
    const ratios = hours.map(ratioOf);
    const centre = median(ratios);
    return centre === 0 ? [] : ratios.map((ratio) => Math.abs(ratio / centre - 1));
  });
  return deviations.length === 0 ? 0 : median(deviations) * MAD_TO_SIGMA;
}
