// Exposure: whether the visibility timeout can end, or has been seen to end, before the work does.
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { Exposure } from "../model/measurement.ts";
import { MAX_VISIBILITY_TIMEOUT_SECONDS } from "../model/settings.ts";
import { type ConsumerTiming, consumerTimings } from "./consumers.ts";

/** Observed durations of one function over the window, in milliseconds; null = no invocation, or unread. */
export interface ObservedDuration {
  readonly functionArn: string;
  readonly maxMs: number | null;
  readonly p99Ms: number | null;
}

/**
 * AWS's advice for one consumer, in seconds: 6 × function timeout + batching window, at most 43,200.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export const recommendedTimeoutSeconds = (timing: ConsumerTiming): number =>
  Math.min(6 * timing.functionTimeoutSeconds + timing.batchingWindowSeconds, MAX_VISIBILITY_TIMEOUT_SECONDS);

/**
 * The worst of the path's polling consumers decides. A message may wait for the whole batching window before
 * its invocation starts, so the window counts on top. Duration mixes all triggers of a function: where one
 * function serves several queues, its longest run may belong to another of them.
 *
 * @returns null when the queue's settings, or every polling function, are unknown.
 */
export function assessExposure(path: DeliveryPath, durations: readonly ObservedDuration[]): Exposure | null {
  const timings = consumerTimings(path);
  if (path.settings === undefined || timings.length === 0) return null;
  const visibilityTimeoutSeconds = path.settings.visibilityTimeoutSeconds;
  const byFunction = new Map(durations.map((one) => [one.functionArn, one]));
  const exceeded = timings.some((timing) => {
    const maxMs = byFunction.get(timing.functionArn)?.maxMs ?? null;
    return maxMs !== null && maxMs / 1000 + timing.batchingWindowSeconds > visibilityTimeoutSeconds;
  });
  const exposed = timings.some(
    (timing) => timing.functionTimeoutSeconds + timing.batchingWindowSeconds > visibilityTimeoutSeconds,
  );
  const recommendedSeconds = Math.max(...timings.map(recommendedTimeoutSeconds));
  return {
    level: exceeded
      ? "exceeded"
      : exposed
        ? "exposed"
        : visibilityTimeoutSeconds < recommendedSeconds
          ? "below-recommendation"
          : "safe",
    visibilityTimeoutSeconds,
    functionTimeoutSeconds: Math.max(...timings.map((timing) => timing.functionTimeoutSeconds)),
    batchingWindowSeconds: Math.max(...timings.map((timing) => timing.batchingWindowSeconds)),
    recommendedSeconds,
    maxDurationMs: largest(durations.map((one) => one.maxMs)),
    p99DurationMs: largest(durations.map((one) => one.p99Ms)),
  };
}

/** The largest of the known values; null when none is known. */
export function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
