// What metrics and settings point at where the logs prove nothing: measured, exposed and advisory signs.
import { messagesHandled } from "../detect/flow-balance.ts";
import { traffic } from "../detect/suspicions.ts";
import type { Cause, PathDeliveries } from "../model/delivery.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { Evidence } from "../model/finding.ts";
import type { Estimate, FlowBalance, PathMeasurement, WindowTotals } from "../model/measurement.ts";
import { causeOfReceives } from "./cause-of-receives.ts";
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
    const sign = measuredAs(cause, flow, flow.excessDeletes, true);
    return mostlyRetries(flow, measurement.totals) ? { ...sign, outnumberedBy: "function-error" } : sign;
  }
  if (!flow.receivesSignificant || proven.length > 0) return undefined;
  const cause = causeOfReceives(path, measurement, flow);
  return measuredAs(cause, flow, flow.excessReceives, cause === "visibility-expired");
}

/** Receives that led to no second completion are retries, and failures make them more than anything else. */
function mostlyRetries({ excessReceives, excessDeletes }: FlowBalance, totals: WindowTotals): boolean {
  return totals.errors !== 0 && excessReceives.value - excessDeletes.value > excessDeletes.value;
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
  const moved = seenInLogs ? "yes" : traffic(measurement);
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
