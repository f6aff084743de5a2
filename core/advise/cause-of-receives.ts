// Which cause explains receives that led to no second completion, where nothing but numbers is known.
import { activeConsumers } from "../detect/consumers.ts";
import type { Cause } from "../model/delivery.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { FlowBalance, PathMeasurement } from "../model/measurement.ts";

/** Errors that could explain less than this part of the repeated receives do not explain them. */
const TOO_FEW = 0.5;
/** One invocation in a hundred is longer than the p99. */
const SHARE_ABOVE_P99 = 0.01;

/**
 * The Errors metric counts timeouts, too: those are told apart by the durations. Where several causes are possible it
 * is `unknown`.
 */
export function causeOfReceives(
  path: DeliveryPath,
  { totals, exposure }: Pick<PathMeasurement, "totals" | "exposure">,
  { excessReceives }: Pick<FlowBalance, "excessReceives">,
): Cause {
  const { throttles, errors } = totals;
  if (throttles === null || errors === null) return "unknown";
  if (errors > 0 && throttles > 0) {
    // A failed invocation brings back at least one message, and at most its batch.
    const batchSize = Math.max(1, ...activeConsumers(path).map(({ mapping }) => mapping.batchSize));
    if (errors * batchSize < TOO_FEW * excessReceives.low) return "throttled";
    return errors < excessReceives.high ? "unknown" : causeOfErrors(totals, exposure);
  }
  if (errors > 0) return causeOfErrors(totals, exposure);
  if (throttles > 0) return "throttled";
  // On FIFO queues a delete with an expired handle fails, so duplicates show as receives only.
  if (path.settings?.fifo === true && exposure?.level === "exceeded") return "visibility-expired";
  return handsRecordsBack(path) ? "function-error" : "unknown";
}

/** A run as long as the function timeout was most likely ended by it. */
function causeOfErrors(
  { errors, invocations, maxDurationMs, p99DurationMs }: PathMeasurement["totals"],
  exposure: PathMeasurement["exposure"],
): Cause {
  if (maxDurationMs === null || exposure === null) return "unknown";
  const timeoutMs = exposure.functionTimeoutSeconds * 1000;
  if (maxDurationMs < timeoutMs) return "function-error";
  const errorShare = (errors ?? 0) / Math.max(1, invocations ?? 0);
  const manyTimeouts = p99DurationMs !== null && p99DurationMs >= timeoutMs;
  if (manyTimeouts) return errorShare <= 2 * SHARE_ABOVE_P99 ? "function-timeout" : "unknown";
  return errorShare >= 2 * SHARE_ABOVE_P99 ? "function-error" : "unknown";
}

/** With ReportBatchItemFailures a record can fail without an error. */
function handsRecordsBack(path: DeliveryPath): boolean {
  const consumers = activeConsumers(path);
  return consumers.length === 1 && consumers.every(({ mapping }) => mapping.reportBatchItemFailures);
}
