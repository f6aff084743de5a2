// The ratio and what it was compared with, in words for the reader.
import type { RatioAnomaly } from "../../model/measurement.ts";

const BASIS = {
  "same-weekday-hours": "the same hours of the same weekday",
  "same-hours": "the same hours of the day",
  "all-hours": "all hours",
} as const;

/** Why the window's ratio is suspicious; undefined when it is not. */
export function anomalyWords(ratio: RatioAnomaly): string | undefined {
  const { invocationRatio, baselineMedian, drift, basis } = ratio;
  if (!ratio.anomalous || invocationRatio === null || baselineMedian === null || basis === "none") {
    return undefined;
  }
  const now = `${invocationRatio.toFixed(2)} invocations a message`;
  if (ratio.anomaly === "drift" && drift !== undefined) {
    return `${now}, crept up: the last week needed ${drift.growth.toFixed(2)} times as many as the week of ${isoDay(drift.sinceMs)} (median of ${drift.pairs} hours of the week)`;
  }
  return `${now}, where ${baselineMedian.toFixed(2)} is usual (median of ${ratio.samples}: ${BASIS[basis]})`;
}

/** Why there is nothing to compare with; undefined where there is, where nobody looked, and where no message moved. */
export function coldStartWords(ratio: RatioAnomaly): string | undefined {
  if (ratio.basis !== "none" || ratio.invocationRatio === null || ratio.historyHours === undefined) {
    return undefined;
  }
  const hours = ratio.historyHours === 1 ? "hour" : "hours";
  const since =
    ratio.restartedMs === undefined
      ? ""
      : `, because the mappings of the queue were changed before ${isoMinute(ratio.restartedMs)}`;
  return `only ${ratio.historyHours} ${hours} of history with enough messages${since}: no usual number of invocations a message is known yet`;
}

const isoDay = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
const isoMinute = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 16)}Z`;
