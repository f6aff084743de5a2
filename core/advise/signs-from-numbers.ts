// What metrics and settings point at where the logs prove nothing: measured, exposed and advisory signs.
import { messagesHandled } from "../detect/flow-balance.ts";
import { traffic } from "../detect/suspicions.ts";
import type { Cause, PathDeliveries } from "../model/delivery.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { Evidence } from "../model/finding.ts";
import type { Estimate, FlowBalance, PathMeasurement } from "../model/measurement.ts";
import { isOutlasted, percent, type Sign } from "./signs.ts";
import { logsSeeEverything } from "./signs-from-logs.ts";

export interface NumbersInput {
  readonly path: DeliveryPath;
  readonly measurement: PathMeasurement;
  readonly deliveries: PathDeliveries | undefined;
  /** What the logs prove. */
  readonly proven: readonly Sign[];
}

/** At most one measured sign, and at most one about the settings. A measured `unknown` outranks one from the logs. */
export function signsFromNumbers(input: NumbersInput): Sign[] {
  const measured = measuredSign(input);
  const known = measured === undefined ? input.proven : [...input.proven, measured];
  const exposed = exposureSign(input, known);
  return [measured, exposed].filter((sign) => sign !== undefined);
}

/**
 * Excess deletes are work that was completed twice; excess receives alone are retries or throttling. Neither
 * is said where the logs saw everything, nor where they prove a cause for it.
 */
function measuredSign({ path, measurement, deliveries, proven }: NumbersInput): Sign | undefined {
  const { flow } = measurement;
  if (flow === null || logsSeeEverything(measurement, deliveries)) return undefined;
  if (flow.deletesSignificant) {
    if (proven.some((sign) => isOutlasted(sign.cause) || (sign.duplicates ?? 0) > 0)) return undefined;
    const cause = measurement.exposure?.level === "exceeded" ? "visibility-expired" : "unknown";
    return measuredAs(cause, flow, flow.excessDeletes, true);
  }
  if (!flow.receivesSignificant || proven.length > 0) return undefined;
  const cause = causeOfReceives(path, measurement);
  return measuredAs(cause, flow, flow.excessReceives, cause === "visibility-expired");
}

/** Which cause explains receives that led to no second completion. */
function causeOfReceives(path: DeliveryPath, { totals, exposure }: PathMeasurement): Cause {
  const throttles = totals.throttles ?? 0;
  const errors = totals.errors ?? 0;
  if (throttles > 0 || errors > 0) return throttles > errors ? "throttled" : "function-error";
  const readable = totals.throttles !== null && totals.errors !== null;
  // On FIFO queues a delete with an expired handle fails, so duplicates show as receives only.
  return readable && path.settings?.fifo === true && exposure?.level === "exceeded"
    ? "visibility-expired"
    : "unknown";
}

function measuredAs(cause: Cause, flow: FlowBalance, excess: Estimate, duplicates: boolean): Sign {
  const share = percent(excess.value, messagesHandled(flow));
  return {
    cause,
    evidence: "measured",
    messages: Math.round(excess.value),
    deliveries: null,
    duplicates: duplicates ? Math.round(excess.value) : 0,
    duplicateSharePercent: duplicates ? share : null,
    sharePercent: share,
    stray: false,
  };
}

function exposureSign({ measurement, deliveries }: NumbersInput, known: readonly Sign[]): Sign | undefined {
  const level = measurement.exposure?.level;
  if (level === undefined || level === "safe") return undefined;
  const sameFix = (sign: Sign) =>
    sign.cause === "visibility-expired" || (isOutlasted(sign.cause) && !sign.stray);
  if (known.some(sameFix)) return undefined;
  const seenInLogs = (deliveries?.coverage.messages ?? 0) > 0;
  const moved = seenInLogs ? "yes" : traffic(measurement.totals);
  if (moved === "no") return undefined;
  const evidence: Evidence = level === "below-recommendation" || moved === "unknown" ? "advisory" : "exposed";
  return {
    cause: "visibility-expired",
    evidence,
    messages: null,
    deliveries: null,
    duplicates: null,
    duplicateSharePercent: null,
    sharePercent: null,
    stray: false,
  };
}
