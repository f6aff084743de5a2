// Which hours of the history a window is compared with: the more alike, the better, as long as there are enough.
import type { RatioAnomaly, Window } from "../../model/measurement.ts";
import { DAY_MS, type HistoryHour, hourOfDay, hourOfWeek, hoursTouched } from "./history.ts";

/** Hours that lie alike in the day or week: so many, of so many different days, that one bad day is outvoted. */
const LEAST_ALIKE_HOURS = 5;
const LEAST_ALIKE_DAYS = 4;
const LEAST_ALL_HOURS = 6;

/** A place in the day or the week; hours of one place are alike. */
type PlaceOf = (timeMs: number) => number;

export interface ComparableHours {
  readonly basis: Exclude<RatioAnomaly["basis"], "none">;
  readonly hours: readonly HistoryHour[];
  /** What makes hours alike on this basis. */
  readonly placeOf: PlaceOf;
}

/**
 * The same hours of the same weekday, where five or more of them on four or more days (that is, in four weeks)
 * are known; else the same hours of any day, likewise; else all hours, six or more; else nothing. All in UTC: where
 * clocks change twice a year, a seasonal hour moves, and the median follows it within weeks.
 * @param usable hours before the window, in any order.
 */
export function comparableHours(window: Window, usable: readonly HistoryHour[]): ComparableHours | undefined {
  const touched = hoursTouched(window);
  const alike = (placeOf: PlaceOf) => {
    const places = new Set(touched.map(placeOf));
    return usable.filter((hour) => places.has(placeOf(hour.startMs)));
  };
  const sameWeekday = alike(hourOfWeek);
  if (areEnough(sameWeekday)) {
    return { basis: "same-weekday-hours", hours: sameWeekday, placeOf: hourOfWeek };
  }
  const sameHours = alike(hourOfDay);
  if (areEnough(sameHours)) return { basis: "same-hours", hours: sameHours, placeOf: hourOfDay };
  return usable.length >= LEAST_ALL_HOURS
    ? { basis: "all-hours", hours: usable, placeOf: () => 0 }
    : undefined;
}

const areEnough = (hours: readonly HistoryHour[]): boolean =>
  hours.length >= LEAST_ALIKE_HOURS && countDays(hours) >= LEAST_ALIKE_DAYS;

/** Different UTC days. */
export const countDays = (hours: readonly HistoryHour[]): number =>
  new Set(hours.map(({ startMs }) => Math.floor(startMs / DAY_MS))).size;
