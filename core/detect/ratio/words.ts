// The ratio and what it was compared with, in words for the reader: clauses, without a full stop.
import type { RatioAnomaly } from "../../model/measurement.ts";

const BASIS = {
  "same-weekday-hours": "the same hours of the same weekday",
  "same-hours": "the same hours of the day",
  "all-hours": "all hours",
} as const;

/** Why the window's ratio is suspicious; undefined when it is not. */
export function anomalyWords(ratio: RatioAnomaly): string | undefined {
  return ratio.anomalous ? ratioWords(ratio) : undefined;
}

/**
 * The ratio beside what is usual, or why nothing is known to be usual; undefined where no message moved, and where
 * nobody asked for a history.
 */
export function ratioWords(ratio: RatioAnomaly): string | undefined {
  const { invocationRatio, baselineMedian, drift, basis } = ratio;
  if (invocationRatio === null) return undefined;
  const now = `${invocationRatio.toFixed(2)} invocations a message`;
  if (baselineMedian === null || basis === "none") {
    const reason = coldStart(ratio);
    return reason === undefined ? undefined : `${now}, and what is usual is not known yet: ${reason}`;
  }
  if (ratio.anomaly === "drift" && drift !== undefined) {
    return `${now}, crept up: the last week needed ${drift.growth.toFixed(2)} times as many as the week of ${isoDay(drift.sinceMs)} (median of ${drift.pairs} hours of the week)`;
  }
  return `${now}, where ${baselineMedian.toFixed(2)} is usual (median of ${ratio.samples}: ${BASIS[basis]})`;
}

function coldStart({ historyHours, restartedMs }: RatioAnomaly): string | undefined {
  if (historyHours === undefined) return undefined;
  const hours = historyHours === 1 ? "hour" : "hours";
  const since =
    restartedMs === undefined
      ? ""
      : `, because the mappings of the queue were changed before ${isoMinute(restartedMs)}`;
  return `only ${historyHours} ${hours} of history with enough messages so far${since}`;
}

const isoDay = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
const isoMinute = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 16)}Z`;
