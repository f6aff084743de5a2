// Why the logs of a path should be read, in sentences a person understands, the strongest first.
import type { DeliveryPath } from "../model/delivery-path.ts";
import type {
  Depth,
  Exposure,
  FlowBalance,
  RatioAnomaly,
  SampleResult,
  WindowTotals,
} from "../model/measurement.ts";
import { activeConsumers } from "./consumers.ts";
import { anomalyWords } from "./ratio/words.ts";

/** A message received this often is neither new nor unlucky once. */
const SUSPICIOUS_RECEIVE_COUNT = 3;

export interface SuspicionInput {
  readonly path: DeliveryPath;
  readonly totals: WindowTotals;
  readonly flow: FlowBalance | null;
  readonly ratio: RatioAnomaly;
  readonly exposure: Exposure | null;
  readonly samples: readonly SampleResult[];
}

/**
 * Whether messages moved through the queue in the window; unknown when its counters could not be read. Where deletes
 * were not asked for, sends and receives tell.
 */
export function traffic({
  totals,
  depth,
}: {
  readonly totals: Pick<WindowTotals, "sent" | "received" | "deleted">;
  readonly depth: Depth;
}): "yes" | "no" | "unknown" {
  const counters = [totals.sent, totals.received, ...(depth === "full" ? [totals.deleted] : [])];
  if (counters.some((count) => count !== null && count > 0)) return "yes";
  return counters.includes(null) ? "unknown" : "no";
}

/**
 * An idle queue, one that no mapping polls, one of another account or one that could not be read at all is
 * never a suspect. Where the numbers could not be read, that is itself a reason: only the logs can tell.
 */
export function listSuspicions(input: SuspicionInput): string[] {
  const { path, totals } = input;
  if (path.foreign || path.settings === undefined || activeConsumers(path).length === 0) return [];
  const moved = traffic({ totals, depth: "full" });
  if (moved === "no") return [];
  const unusual = anomalyWords(input.ratio);
  const leftDeadLetters = Math.round(totals.deadLettersLeft ?? 0);
  return [
    ...flowSuspicions(input.flow),
    ...(unusual === undefined ? [] : [unusual]),
    ...exposureSuspicions(input.exposure, moved === "yes"),
    ...retrySuspicions(totals, input.flow, countedHere(path, input.samples)),
    ...(leftDeadLetters > 0 ? [`${leftDeadLetters} messages left the dead-letter queue`] : []),
    ...(input.flow === null ? ["the queue's numbers could not be read, so only the logs can tell"] : []),
  ];
}

/** What a dead-letter queue holds had been received often before it came there. */
const countedHere = (path: DeliveryPath, samples: readonly SampleResult[]) =>
  path.deadLetterQueueOf === undefined ? samples : samples.filter((one) => one.queueArn !== path.queueArn);

function flowSuspicions(flow: FlowBalance | null): string[] {
  if (flow === null) return [];
  const found: string[] = [];
  if (flow.deletesSignificant) {
    found.push(`about ${Math.round(flow.excessDeletes.value)} more deletes than messages completed once`);
  }
  if (flow.receivesSignificant) {
    found.push(`about ${Math.round(flow.excessReceives.value)} more receives than messages received once`);
  }
  return found;
}

function exposureSuspicions(exposure: Exposure | null, withTraffic: boolean): string[] {
  if (exposure === null) return [];
  const timeout = `the visibility timeout of ${exposure.visibilityTimeoutSeconds} s`;
  const window = exposure.batchingWindowSeconds === 0 ? "" : " (with the batching window)";
  if (exposure.level === "exceeded") {
    return [`invocations ran up to ${seconds(exposure.maxDurationMs)} s${window}, past ${timeout}`];
  }
  return exposure.level === "exposed" && withTraffic
    ? [`the function may run ${exposure.functionTimeoutSeconds} s${window}, past ${timeout}`]
    : [];
}

function retrySuspicions(
  totals: WindowTotals,
  flow: FlowBalance | null,
  samples: readonly SampleResult[],
): string[] {
  const found: string[] = [];
  const deadLettered = Math.round(totals.deadLettered ?? 0);
  const repeats = flow?.receivesSignificant ?? false;
  const throttles = Math.round(totals.throttles ?? 0);
  const errors = Math.round(totals.errors ?? 0);
  if (throttles > 0 && repeats) found.push(`${throttles} throttles with repeated receives`);
  if (errors > 0 && repeats) found.push(`${errors} function errors or timeouts with repeated receives`);
  if (deadLettered > 0) found.push(`${deadLettered} more messages in the dead-letter queue`);
  const highest = Math.max(0, ...samples.map((sample) => sample.maxReceiveCount));
  if (highest >= SUSPICIOUS_RECEIVE_COUNT) found.push(`a sampled message had been received ${highest} times`);
  if (errors > 0 && !repeats) found.push(`${errors} function errors or timeouts`);
  return found;
}

const seconds = (durationMs: number | null): string => ((durationMs ?? 0) / 1000).toFixed(1);
