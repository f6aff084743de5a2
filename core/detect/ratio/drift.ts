// Slow drift: a ratio that creeps up takes the usual level with it, so it is held against the oldest week, too.
import { median, medianAbsoluteDeviation } from "simple-statistics";
import type { RatioDrift, Window } from "../../model/measurement.ts";
import { type HistoryHour, hourOfWeek, hoursTouched, ratioOf, WEEK_MS } from "./history.ts";
import { LEAST_SPREAD, MAD_TO_SIGMA } from "./robust.ts";

/** Hours of the week that both weeks must have. */
const LEAST_PAIRS = 24;
/** Between the end of the oldest week and the window; with less in between, a drift is not slow. */
const LEAST_DISTANCE_MS = 2 * WEEK_MS;
/** Standard error of a median of normal data, in standard errors of the mean: √(π/2). */
const MEDIAN_ERROR = Math.sqrt(Math.PI / 2);

/**
 * Each hour of the last week before the window ÷ the same hour of the oldest week; the median of these quotients
 * is the growth, with the standard error √(π/2) × 1.4826 × MAD ÷ √n, and never less than 2 %. Hour against same hour
 * of the week, so that days, nights and weekends cancel out.
 * @param usable hours before the window, in any order.
 * @returns null with less than three weeks of history, or fewer than 24 hours of the week known in both weeks.
 */
export function measureDrift(window: Window, usable: readonly HistoryHour[]): RatioDrift | null {
  const oldestMs = usable.reduce((least, { startMs }) => Math.min(least, startMs), window.startMs);
  if (oldestMs + WEEK_MS + LEAST_DISTANCE_MS > window.startMs) return null;
  const oldest = usable.filter(({ startMs }) => startMs < oldestMs + WEEK_MS);
  const before = new Map(oldest.map((hour) => [hourOfWeek(hour.startMs), ratioOf(hour)]));
  const quotients = usable.flatMap((hour) => {
    const then = before.get(hourOfWeek(hour.startMs));
    const isLatest = hour.startMs >= window.startMs - WEEK_MS;
    return isLatest && then !== undefined && then > 0 ? [ratioOf(hour) / then] : [];
  });
  if (quotients.length < LEAST_PAIRS) return null;
  const growth = median(quotients);
  const error =
    (MEDIAN_ERROR * MAD_TO_SIGMA * medianAbsoluteDeviation(quotients)) / Math.sqrt(quotients.length);
  return {
    growth,
    zScore: (growth - 1) / Math.max(error, LEAST_SPREAD),
    pairs: quotients.length,
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
