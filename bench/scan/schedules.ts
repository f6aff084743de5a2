// How often an account is scanned.
export interface Schedule {
  readonly name: "hourly" | "six-hourly" | "daily";
  readonly everyHours: number;
  readonly lookbackMinutes: number;
}

/** The hourly one with the default look-back; a deployment refuses less than the interval. */
export const SCHEDULES: readonly Schedule[] = [
  { name: "hourly", everyHours: 1, lookbackMinutes: 180 },
  { name: "six-hourly", everyHours: 6, lookbackMinutes: 360 },
  { name: "daily", everyHours: 24, lookbackMinutes: 1440 },
];

/** The one that the targets are about. */
export const JUDGED = "six-hourly";
