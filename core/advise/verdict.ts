// The verdict on one path, and what keeps it from being stronger.
import { activeConsumers } from "../detect/consumers.ts";
import { anomalyWords } from "../detect/ratio/words.ts";
import { traffic } from "../detect/suspicions.ts";
import type { PathDeliveries } from "../model/delivery.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { Verdict } from "../model/finding.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import type { Sign } from "./signs.ts";
import { logsSeeEverything } from "./signs-from-logs.ts";

export interface VerdictInput {
  readonly path: DeliveryPath;
  readonly measurement: PathMeasurement;
  readonly deliveries: PathDeliveries | undefined;
  readonly signs: readonly Sign[];
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly note?: string;
}

/**
 * Why a path cannot be diagnosed at all; undefined for the ordinary case, and where the settings are not known but
 * logs were read, which prove what they prove without them.
 */
export function notDiagnosed(
  path: DeliveryPath,
  deliveries: PathDeliveries | undefined,
): Judgement | undefined {
  if (path.foreign) return { verdict: "unknown", note: "the queue belongs to another account: not read" };
  const logsRead = deliveries !== undefined && deliveries.coverage.logged !== "not-read";
  if (path.settings === undefined && !logsRead) {
    const [first] = path.unreadable;
    return {
      verdict: "unknown",
      note: first === undefined ? "the queue could not be read" : `could not be read: ${first.reason}`,
    };
  }
  return activeConsumers(path).length === 0
    ? { verdict: "healthy", note: "no enabled mapping polls this queue" }
    : undefined;
}

/** From the signs: duplicates outrank exposure, exposure outranks retries; silence is healthy only if it was heard. */
export function judge(input: VerdictInput): Judgement {
  const { measurement, deliveries, signs } = input;
  const notes = [...contradiction(input), ...logsNote(measurement, deliveries)];
  const judgement = (verdict: Verdict, ...more: string[]): Judgement => {
    const note = [...more, ...notes].join("; ");
    return note === "" ? { verdict } : { verdict, note };
  };
  const weighty = signs.filter((sign) => !sign.stray);
  if (weighty.some((sign) => (sign.duplicates ?? 0) > 0)) return judgement("duplicating");
  if (weighty.some((sign) => sign.evidence === "exposed")) return judgement("at-risk");
  const repeats = weighty.filter((sign) => sign.evidence === "proven" || sign.evidence === "measured");
  if (repeats.some((sign) => sign.cause !== "unknown")) return judgement("retrying");
  if (repeats.length > 0) {
    return judgement("unknown", "messages came back, and neither logs nor numbers tell why");
  }
  if (measurement.flow !== null || measurement.depth === "screened") {
    return traffic(measurement) === "no"
      ? judgement("healthy", "no traffic in the window")
      : judgement("healthy", ...unusualRatio(measurement));
  }
  return (deliveries?.coverage.messages ?? 0) > 0
    ? judgement("healthy", "from the logs alone: the queue's metrics could not be read")
    : judgement("unknown", "the queue's metrics could not be read");
}

/** What made the logs worth reading is told, too, where nothing came of it. */
function unusualRatio({ ratio }: PathMeasurement): string[] {
  const words = anomalyWords(ratio);
  return words === undefined ? [] : [words];
}

/** The counters show an excess that complete logs do not. */
function contradiction({ measurement, deliveries, signs }: VerdictInput): string[] {
  const { flow } = measurement;
  if (flow === null || !flow.deletesSignificant || !logsSeeEverything(measurement, deliveries)) return [];
  if (signs.some((sign) => (sign.duplicates ?? 0) > 0)) return [];
  return [
    `the metrics count about ${Math.round(flow.excessDeletes.value)} more deletes than messages, but the logs show ${deliveries?.coverage.messages} messages and no work done twice`,
  ];
}

/** What the logs could not say; nothing where the numbers gave no reason to read them. */
function logsNote(measurement: PathMeasurement, deliveries: PathDeliveries | undefined): string[] {
  const reasons = (deliveries?.unreadable ?? []).map((one) => one.reason);
  if (reasons.length > 0) return [...new Set(reasons)];
  const suspect = measurement.suspicions.length > 0;
  if (deliveries === undefined || deliveries.coverage.logged === "not-read") {
    return suspect ? ["the logs were not read"] : [];
  }
  if (deliveries.coverage.logged === "nothing" && suspect) return ["the consumers log no message ids"];
  return deliveries.coverage.truncated ? ["the logs were cut off: counts are lower bounds"] : [];
}
