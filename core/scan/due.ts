// When a calm path is read in full: once a day, at an hour of its own. It follows from ARN and time alone, so that every
// repeat of a scan agrees, and the paths of an account are spread over the day.
import { hashOf } from "../advise/canonical-json.ts";
import { DAY_MS, HOUR_MS } from "../detect/ratio/history.ts";
import type { Window } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";

const MINUTE_MS = 60_000;
const HOURS_A_DAY = 24;
/**
 * Each day the hour comes so much later, so that what happens at the same time every night is not missed for ever: in
 * 24 days every hour has its turn (7 and 24 have no common factor), and every quarter of the day in a week.
 */
const LATER_EACH_DAY = 7;

/** The time for which a scan takes the paths that are due: since the scan before it, or, not knowing that, its window. */
export function duePeriod(
  window: Window,
  { scanIntervalMinutes }: Pick<ScanSettings, "scanIntervalMinutes">,
): Window {
  return scanIntervalMinutes === undefined
    ? window
    : { startMs: window.endMs - scanIntervalMinutes * MINUTE_MS, endMs: window.endMs };
}

/**
 * True where the path's hour of a UTC day begins in the period: in exactly one of any periods that divide that day.
 * In a day or longer every path is due, because two of its hours in a row may lie 31 hours apart.
 */
export function isDue(arn: string, { startMs, endMs }: Window): boolean {
  if (endMs - startMs >= DAY_MS) return true;
  return [startMs, endMs].some((timeMs) => {
    const hourMs = hourOf(arn, Math.floor(timeMs / DAY_MS));
    return startMs <= hourMs && hourMs < endMs;
  });
}

/** @param day counted from the epoch. */
function hourOf(arn: string, day: number): number {
  const first = Number.parseInt(hashOf(arn).slice(0, 8), 16);
  return day * DAY_MS + ((first + LATER_EACH_DAY * day) % HOURS_A_DAY) * HOUR_MS;
}
