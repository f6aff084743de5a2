// Hours of a path's history, and where an hour lies in the day and in the week.
import type { Window } from "../../model/measurement.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;
const HOURS_A_DAY = 24;
const HOURS_A_WEEK = 7 * HOURS_A_DAY;

/** Fewer messages, in an hour or in a window, say little about a ratio. */
export const LEAST_MESSAGES = 10;

/** One whole UTC hour of a path: messages sent to the queue, and invocations of its polling functions. */
export interface HistoryHour {
  readonly startMs: number;
  readonly messages: number;
  readonly invocations: number;
}

/** What is known of a path's past. */
export interface PathHistory {
  /** Whole hours, in any order; only those before the window count. */
  readonly hours: readonly HistoryHour[];
  /** Epoch ms from when on hours can be compared, where the path's set-up has changed. */
  readonly restartedMs?: number | undefined;
}

/** Invocations a message. */
export const ratioOf = (hour: HistoryHour): number => hour.invocations / hour.messages;

/** Hours that ended before the window and held enough messages to have a ratio. */
export const usableHours = (history: readonly HistoryHour[], window: Window): HistoryHour[] =>
  history.filter((hour) => hour.messages >= LEAST_MESSAGES && hour.startMs + HOUR_MS <= window.startMs);

/** 0 … 23, UTC. */
export const hourOfDay = (timeMs: number): number => Math.floor(timeMs / HOUR_MS) % HOURS_A_DAY;

/** 0 … 167, UTC, counted from the weekday of the epoch (a Thursday). */
export const hourOfWeek = (timeMs: number): number => Math.floor(timeMs / HOUR_MS) % HOURS_A_WEEK;

/** Starts of the UTC hours that a window touches. */
export function hoursTouched({ startMs, endMs }: Window): number[] {
  const hours: number[] = [];
  for (let ms = floorToHour(startMs); ms < endMs; ms += HOUR_MS) hours.push(ms);
  return hours;
}

export const floorToHour = (timeMs: number): number => Math.floor(timeMs / HOUR_MS) * HOUR_MS;
export const ceilToHour = (timeMs: number): number => Math.ceil(timeMs / HOUR_MS) * HOUR_MS;
