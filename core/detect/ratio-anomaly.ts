// Ratio anomaly: does this path need more invocations a message than it usually does?
import { median, medianAbsoluteDeviation } from "simple-statistics";
import type { RatioAnomaly, Window } from "../model/measurement.ts";

const HOUR_MS = 3_600_000;
/** A median absolute deviation times this estimates a standard deviation of normal data. */
const MAD_TO_SIGMA = 1.4826;
/** @see Iglewicz and Hoaglin (1993), "How to Detect and Handle Outliers": |modified z| > 3.5 */
const Z_LIMIT = 3.5;
/** A rise of less than 10 % is not worth anybody's time, however steady the path. */
const LEAST_RISE = 0.1;
/** No baseline is steadier than 2 % of its median. */
const LEAST_SPREAD = 0.02;
const LEAST_SAME_HOURS = 5;
const LEAST_ALL_HOURS = 6;
/** Hours with fewer messages say little about a ratio. */
const LEAST_MESSAGES_AN_HOUR = 10;

/** One hour of the path's history. */
export interface HistoryHour {
  readonly startMs: number;
  readonly messages: number;
  readonly invocations: number;
}

export interface RatioInput {
  readonly window: Window;
  /** All invocations of the path's consumers in the window; null when unread. */
  readonly invocations: number | null;
  /** Messages that left the queue in the window; null when unread. */
  readonly messages: number | null;
  /** Hours within the window are ignored. */
  readonly history: readonly HistoryHour[];
  /**
   * Receives a message, given only where every delivery is one invocation (batch size 1, one unfiltered
   * mapping). There a rise that the receives do not show comes from other triggers.
   */
  readonly receivesPerMessage: number | null;
}

/**
 * Compares invocations ÷ messages with the median of the path's own hours: the same hours of the day where at
 * least five are known, otherwise all where at least six are, otherwise nothing. Other triggers, filters and
 * batches make any ratio legitimate as long as it is the usual one. Anomalous means a robust z-score of 3.5 or
 * more *and* a rise of 10 % or more. The spread is never taken below 2 % of the median nor below the counting
 * noise of the window.
 */
export function findRatioAnomaly(input: RatioInput): RatioAnomaly {
  const { invocations, messages } = input;
  const ratio = invocations === null || messages === null || messages <= 0 ? null : invocations / messages;
  const { basis, ratios } = chooseBaseline(input.window, input.history);
  if (basis === "none") {
    return {
      invocationRatio: ratio,
      baselineMedian: null,
      baselineMad: null,
      zScore: null,
      samples: 0,
      basis,
      anomalous: false,
    };
  }
  const centre = median(ratios);
  const mad = medianAbsoluteDeviation(ratios) * MAD_TO_SIGMA;
  const common = { baselineMedian: centre, baselineMad: mad, samples: ratios.length, basis } as const;
  if (ratio === null || messages === null || centre === 0) {
    return { invocationRatio: ratio, ...common, zScore: null, anomalous: false };
  }
  const spread = Math.hypot(Math.max(mad, LEAST_SPREAD * centre), centre / Math.sqrt(messages));
  const zScore = (ratio - centre) / spread;
  const rise = ratio - centre;
  return {
    invocationRatio: ratio,
    ...common,
    zScore,
    anomalous: zScore >= Z_LIMIT && rise >= LEAST_RISE * centre && !fromOtherTriggers(rise, input),
  };
}

/** Half of the rise is enough to believe it, because both figures are approximate. */
const fromOtherTriggers = (rise: number, { receivesPerMessage }: RatioInput): boolean =>
  receivesPerMessage !== null && receivesPerMessage - 1 < rise / 2;

function chooseBaseline(
  window: Window,
  history: readonly HistoryHour[],
): { basis: RatioAnomaly["basis"]; ratios: number[] } {
  const usable = history.filter(
    (hour) =>
      hour.messages >= LEAST_MESSAGES_AN_HOUR &&
      (hour.startMs + HOUR_MS <= window.startMs || hour.startMs >= window.endMs),
  );
  const hours = hoursOfDay(window);
  const same = usable.filter((hour) => hours.has(hourOfDay(hour.startMs)));
  if (same.length >= LEAST_SAME_HOURS) return { basis: "same-hours", ratios: same.map(ratioOf) };
  if (usable.length >= LEAST_ALL_HOURS) return { basis: "all-hours", ratios: usable.map(ratioOf) };
  return { basis: "none", ratios: [] };
}

const ratioOf = (hour: HistoryHour): number => hour.invocations / hour.messages;

const hourOfDay = (timeMs: number): number => Math.floor(timeMs / HOUR_MS) % 24;

/** The UTC hours of the day that the window touches. */
function hoursOfDay(window: Window): Set<number> {
  const hours = new Set<number>();
  for (let ms = window.startMs - (window.startMs % HOUR_MS); ms < window.endMs; ms += HOUR_MS) {
    hours.add(hourOfDay(ms));
  }
  return hours;
}
