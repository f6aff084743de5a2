// The visibility timeout to propose.
import type { ConsumerTiming } from "../detect/consumers.ts";
import type { TargetPolicy } from "../model/plan.ts";
import { MAX_VISIBILITY_TIMEOUT_SECONDS } from "../model/settings.ts";

export interface TargetInput {
  readonly currentSeconds: number;
  readonly fifo: boolean;
  /** Polling consumers; the most demanding one decides. */
  readonly timings: readonly ConsumerTiming[];
  /** For standard queues; FIFO always uses `margin`, because a long timeout blocks the message group. */
  readonly policy: TargetPolicy;
  /** The configured cap. */
  readonly capSeconds: number;
}

export interface Target {
  readonly seconds: number;
  readonly policy: TargetPolicy;
}

/**
 * `aws` = 6 × function timeout + batching window · `margin` = ⌈1.3 × function timeout⌉ + batching window.
 *
 * @returns a target above the current value and at most the cap and 43,200 s; undefined where no raise is
 * possible (I1, I2).
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export function targetTimeout(input: TargetInput): Target | undefined {
  const policy = input.fifo ? "margin" : input.policy;
  const wanted = Math.max(0, ...input.timings.map((timing) => wantedSeconds(timing, policy)));
  const seconds = Math.min(wanted, Math.floor(input.capSeconds), MAX_VISIBILITY_TIMEOUT_SECONDS);
  return seconds > input.currentSeconds ? { seconds, policy } : undefined;
}

function wantedSeconds(timing: ConsumerTiming, policy: TargetPolicy): number {
  const timeout = timing.functionTimeoutSeconds;
  // In tenths, so that 1.3 × 10 is 13 and not 14.
  const base = policy === "aws" ? 6 * timeout : Math.ceil((13 * timeout) / 10);
  return base + timing.batchingWindowSeconds;
}
