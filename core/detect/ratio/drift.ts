// Slow drift: a ratio that creeps up takes the usual level with it, so it is held against the oldest week, too.
import { median, medianAbsoluteDeviation } from "simple-statistics";
import type { RatioDrift, Window } from "../../model/measurement.ts";
import { countDays } from "./comparable-hours.ts";
import { type HistoryHour, hourOfWeek, hoursTouched, ratioOf, WEEK_MS } from "./history.ts";
import { LEAST_SPREAD, MAD_TO_SIGMA, MEDIAN_VARIANCE } from "./robust.ts";

/** Hours of the week that both weeks must have. */
const LEAST_PAIRS = 24;
/** Between the end of the oldest week and the window; with less in between, a drift is not slow. */
const LEAST_DISTANCE_MS = 2 * WEEK_MS;

/**
 * Each hour of the last week before the window ÷ the same hour of the oldest week; the median of these quotients
 * is the growth. Its standard error is 1.4826 × MAD × √(π/2 ÷ days) and never less than 2 %, because hours of one day
 * are no independent witnesses. Hour against same hour of the week, so that days, nights and weekends cancel out.
 * @param usable hours before the window, in any order.
 * @returns null with less than three weeks of history, or fewer than 24 hours of the week known in both weeks.
 */
export function measureDrift(window: Window, usable: readonly HistoryHour[]): RatioDrift | null {
  const oldestMs = usable.reduce((least, { startMs }) => Math.min(least, startMs), window.startMs);
  if (oldestMs + WEEK_MS + LEAST_DISTANCE_MS > window.startMs) return null;
  const oldest = usable.filter(({ startMs }) => startMs < oldestMs + WEEK_MS);
  const then = new Map(oldest.map((hour) => [hourOfWeek(hour.startMs), ratioOf(hour)]));
  const before = (hour: HistoryHour) => then.get(hourOfWeek(hour.startMs)) ?? 0;
  const paired = usable.filter((hour) => hour.startMs >= window.startMs - WEEK_MS && before(hour) > 0);
  if (paired.length < LEAST_PAIRS) return null;
  const quotients = paired.map((hour) => ratioOf(hour) / before(hour));
  const growth = median(quotients);
  const scatter = medianAbsoluteDeviation(quotients) * MAD_TO_SIGMA;
  const error = scatter * Math.sqrt(MEDIAN_VARIANCE / countDays(paired));
  return {
    growth,
    zScore: (growth - 1) / Math.max(error, LEAST_SPREAD),
    pairs: paired.length,
    sinceMs: oldestMs,
    oldestMedian: median(alikeOf(window, oldest).map(ratioOf)),
  };
}

/** The window's own hours of the oldest week; all of that week where none of them is known. */
function alikeOf(window: Window, oldest: readonly HistoryHour[]): readonly HistoryHour[] {
  const places = new Set(hoursTouched(window).map(hourOfWeek));
  const alike = oldest.filter(({ startMs }) => places.has(hourOfWeek(startMs)));
  return alike.length > 0 ? alike : oldest;
}
