// A path's life as a function of time: its hours before any moment, and a window judged against them.
import { findRatioAnomaly } from "../../core/detect/ratio/find-ratio-anomaly.ts";
import { DAY_MS, type HistoryHour, HOUR_MS } from "../../core/detect/ratio/history.ts";
import type { RatioAnomaly } from "../../core/model/measurement.ts";

export interface Life {
  /** Invocations a message at a time. */
  readonly ratioAt: (timeMs: number) => number;
  /** @default 400 an hour, always */
  readonly messagesAt?: (timeMs: number) => number;
}

/** The whole hours of `days` days that end at `endMs`. */
export function hoursBefore(endMs: number, days: number, life: Life): HistoryHour[] {
  const { ratioAt, messagesAt = () => 400 } = life;
  return Array.from({ length: Math.round(days * 24) }, (_, index) => {
    const startMs = endMs - (index + 1) * HOUR_MS;
    const messages = messagesAt(startMs);
    return { startMs, messages, invocations: messages * ratioAt(startMs) };
  });
}

/** Three hours from `startMs`, judged against the `days` days before. */
export function judgeAt(startMs: number, days: number, life: Life): RatioAnomaly {
  const messages = 3 * (life.messagesAt?.(startMs) ?? 400);
  return findRatioAnomaly({
    window: { startMs, endMs: startMs + 3 * HOUR_MS },
    messages,
    invocations: messages * life.ratioAt(startMs),
    history: { hours: hoursBefore(startMs, days, life) },
    receivesPerMessage: null,
  });
}

/** The days (from `fromMs` on, one look each) on which the path is anomalous, and how. */
export const flaggedDays = (fromMs: number, days: number, life: Life): (RatioAnomaly["anomaly"] | "-")[] =>
  Array.from({ length: days }, (_, day) => judgeAt(fromMs + day * DAY_MS, 35, life).anomaly ?? "-");

/** Between -1 and 1, the same for the same whole number, and unrelated for neighbours (MurmurHash3's finaliser). */
export function noiseAt(key: number): number {
  let hash = Math.imul(key ^ (key >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 31 - 1;
}

/** Nearly normal with a standard deviation of 1, the same for the same whole number. */
export const normalAt = (key: number): number =>
  Array.from({ length: 12 }, (_, index) => noiseAt(key * 12 + index) / 2).reduce((sum, one) => sum + one);
