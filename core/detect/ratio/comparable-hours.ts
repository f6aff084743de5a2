// Which hours of the history a window is compared with: the more alike, the better, as long as there are enough.
import type { RatioAnomaly, Window } from "../../model/measurement.ts";
import { DAY_MS, type HistoryHour, hourOfDay, hourOfWeek, hoursTouched } from "./history.ts";

/** Hours that lie alike in the day or week: so many, of so many different days, that one bad day is outvoted. */
const LEAST_ALIKE_HOURS = 5;
const LEAST_ALIKE_DAYS = 3;
const LEAST_ALL_HOURS = 6;

export interface ComparableHours {
  readonly basis: RatioAnomaly["basis"];
  readonly hours: readonly HistoryHour[];
}

/**
 * The same hours of the same weekday, where five or more of them on three or more days (that is, in three weeks)
 * are known; else the same hours of any day, likewise; else all hours, six or more; else none. All in UTC: where
 * clocks change twice a year, a seasonal hour moves, and the median follows it within weeks.
 * @param usable hours before the window, in any order.
 */
export function comparableHours(window: Window, usable: readonly HistoryHour[]): ComparableHours {
  const touched = hoursTouched(window);
  const alike = (placeOf: (timeMs: number) => number) => {
    const places = new Set(touched.map(placeOf));
    return usable.filter((hour) => places.has(placeOf(hour.startMs)));
  };
  const sameWeekday = alike(hourOfWeek);
  if (areEnough(sameWeekday)) return { basis: "same-weekday-hours", hours: sameWeekday };
  const sameHours = alike(hourOfDay);
  if (areEnough(sameHours)) return { basis: "same-hours", hours: sameHours };
  if (usable.length >= LEAST_ALL_HOURS) return { basis: "all-hours", hours: usable };
  return { basis: "none", hours: [] };
}

function areEnough(hours: readonly HistoryHour[]): boolean {
  const days = new Set(hours.map(({ startMs }) => Math.floor(startMs / DAY_MS)));
  return hours.length >= LEAST_ALIKE_HOURS && days.size >= LEAST_ALIKE_DAYS;
}
