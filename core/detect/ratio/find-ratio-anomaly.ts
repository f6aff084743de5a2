// Ratio anomaly: does this path need more invocations a message than it usually does?
import type { RatioAnomaly, Window } from "../../model/measurement.ts";
import { comparableHours } from "./comparable-hours.ts";
import { measureDrift } from "./drift.ts";
import { type PathHistory, usableHours } from "./history.ts";
import { LEAST_RISE, Z_LIMIT } from "./robust.ts";
import { usualLevel } from "./usual-level.ts";

/** No history, and no figures either. */
export const NO_BASELINE: RatioAnomaly = {
  invocationRatio: null,
  baselineMedian: null,
  baselineMad: null,
  zScore: null,
  samples: 0,
  basis: "none",
  anomalous: false,
};

export interface RatioInput {
  readonly window: Window;
  /** All invocations of the path's consumers in the window; null when unread. */
  readonly invocations: number | null;
  /** Messages that left the queue in the window; null when unread. */
  readonly messages: number | null;
  /** undefined where nobody asked for it. */
  readonly history: PathHistory | undefined;
  /**
   * Receives a message, given only where every delivery is one invocation (batch size 1, one unfiltered
   * mapping). There a rise that the receives do not show comes from other triggers.
   */
  readonly receivesPerMessage: number | null;
}

/**
 * Compares invocations ÷ messages with the median of the path's own comparable hours, and, for a slow drift, its
 * last week with its oldest. Other triggers, filters and batches make any ratio legitimate as long as it is the
 * usual one. Anomalous means a robust z-score of 3.5 or more *and* a rise of 10 % or more, in one of the two. The
 * z-score divides by the error of the usual level and the counting noise of the window (Poisson), joined.
 *
 * A level shift stays anomalous until more than half of the comparable hours are younger than the shift, and as
 * a drift until more than half of the oldest week is: four and a half weeks with five weeks of history. What
 * lasts longer is the new usual.
 */
export function findRatioAnomaly(input: RatioInput): RatioAnomaly {
  const { invocations, messages, window, history } = input;
  const ratio = invocations === null || messages === null || messages <= 0 ? null : invocations / messages;
  const usable = usableHours(history?.hours ?? [], window);
  const comparable = comparableHours(window, usable);
  const known = {
    ...(history !== undefined && { historyHours: usable.length }),
    ...(history?.restartedMs !== undefined && { restartedMs: history.restartedMs }),
  };
  if (comparable === undefined) {
    return { ...NO_BASELINE, invocationRatio: ratio, ...known };
  }
  const usual = usualLevel(comparable, usable);
  const drift = measureDrift(window, usable);
  const zScore =
    ratio === null || messages === null || usual.median === 0
      ? null
      : (ratio - usual.median) / Math.hypot(usual.error, usual.median / Math.sqrt(messages));
  const rises = (from: number) =>
    ratio !== null && ratio - from >= LEAST_RISE * from && !fromOtherTriggers(ratio - from, input);
  const aboveUsual = zScore !== null && zScore >= Z_LIMIT && rises(usual.median);
  const drifted =
    drift !== null && drift.zScore >= Z_LIMIT && drift.growth >= 1 + LEAST_RISE && rises(drift.oldestMedian);
  return {
    invocationRatio: ratio,
    baselineMedian: usual.median,
    baselineMad: usual.mad,
    zScore,
    samples: comparable.hours.length,
    basis: comparable.basis,
    ...known,
    ...(drift === null ? {} : { drift }),
    anomalous: aboveUsual || drifted,
    ...(aboveUsual ? { anomaly: "jump" } : drifted ? { anomaly: "drift" } : {}),
  };
}

/** Half of the rise is enough to believe it, because both figures are approximate. */
const fromOtherTriggers = (rise: number, { receivesPerMessage }: RatioInput): boolean =>
  receivesPerMessage !== null && receivesPerMessage - 1 < rise / 2;
