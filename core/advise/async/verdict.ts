// The verdict on one asynchronous path, and what keeps it from being stronger.
import { asyncTraffic } from "../../detect/async/measure-async-path.ts";
import type { AsyncMeasurement, AsyncPath } from "../../model/async-path.ts";
import type { AsyncDeliveries } from "../../model/delivery.ts";
import type { Verdict } from "../../model/finding.ts";
import type { Sign } from "../signs.ts";
import type { Judgement } from "../verdict.ts";
import { asyncLogsSeeEverything } from "./signs.ts";

export interface AsyncVerdictInput {
  readonly path: AsyncPath;
  readonly measurement: AsyncMeasurement;
  readonly deliveries: AsyncDeliveries | undefined;
  readonly signs: readonly Sign[];
}

/** Duplicates outrank retries; silence is healthy only if it was heard. */
export function judgeAsync(input: AsyncVerdictInput): Judgement {
  const { path, measurement, deliveries, signs } = input;
  if (path.function === undefined) {
    return { verdict: "unknown", note: `could not be read: ${path.unreadable[0]?.reason}` };
  }
  const notes = [...(deliveries?.notes ?? []), ...logsNotes(input), ...excessNotes(input)];
  const judgement = (verdict: Verdict, ...more: string[]): Judgement => {
    const note = [...more, ...notes].join("; ");
    return note === "" ? { verdict } : { verdict, note };
  };
  if (signs.some((sign) => (sign.duplicates ?? 0) > 0)) return judgement("duplicating");
  if (signs.some((sign) => sign.cause !== "unknown")) return judgement("retrying");
  if (signs.length > 0) {
    return judgement("unknown", "events were run more than once, and neither logs nor numbers tell why");
  }
  const seen = (deliveries?.coverage.invocations ?? 0) > 0;
  switch (asyncTraffic(measurement.totals)) {
    case "no":
      return { verdict: "healthy", note: "no asynchronous events in the window" };
    case "yes":
      return judgement("healthy");
    case "unknown":
      return seen
        ? judgement("healthy", "from the logs alone: the function's metrics could not be read")
        : judgement("unknown", "the function's metrics could not be read");
  }
}

function logsNotes({ measurement, deliveries }: AsyncVerdictInput): string[] {
  const reasons = (deliveries?.unreadable ?? []).map((one) => one.reason);
  if (reasons.length > 0) return [...new Set(reasons)];
  const suspect = measurement.suspicions.length > 0;
  if (deliveries === undefined || deliveries.coverage.logged === "not-read") {
    return suspect ? ["the logs were not read"] : [];
  }
  return deliveries.coverage.truncated ? ["the logs were cut off: counts are lower bounds"] : [];
}

/** More invocations than events, where no finding and no logs account for them. */
function excessNotes({ measurement, deliveries, signs }: AsyncVerdictInput): string[] {
  const { excessInvocations: excess } = measurement;
  if (excess === null || excess.low <= 0 || signs.length > 0) return [];
  if (asyncLogsSeeEverything(measurement, deliveries)) return [];
  return [
    `about ${Math.round(excess.value)} more invocations than asynchronous events: other triggers of the function count too, so the numbers alone prove nothing`,
  ];
}
