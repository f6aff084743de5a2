// One run of an event after its first → its cause. What could be two things is `unknown`.
import type { Cause } from "../../model/delivery.ts";
import {
  CLOCK_TOLERANCE_MS,
  isFailure,
  knownEndMs,
  knownStartMs,
  mayStillRun,
  type ObservedInvocation,
} from "../observations.ts";

export interface RunContext {
  /** True when the Errors metric counts more failures than the logs show. */
  readonly hiddenErrors: boolean;
  /** The function's own timeout: no run lasts longer. */
  readonly functionTimeoutMs: number;
  /** Epoch ms of the last line read: what ended later is unseen, not missing. */
  readonly readUntilMs: number;
}

export interface Classified {
  readonly cause: Cause;
  /** True when the work was done before. */
  readonly duplicate: boolean;
}

const UNKNOWN: Classified = { cause: "unknown", duplicate: false };

/**
 * Why the same request id ran again. Lambda retries an event after a failure; it may also run it again without one,
 * because its queue is eventually consistent.
 * @param earlier runs of the request, in order of start; at least one.
 * @returns null when the run before may have ended after the last line read: it cannot be judged yet.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export function classifyRunAgain(
  earlier: readonly ObservedInvocation[],
  later: ObservedInvocation,
  context: RunContext,
): Classified | null {
  const running = earlier.filter((run) => knownEndMs(run) - knownStartMs(later) > CLOCK_TOLERANCE_MS);
  if (running.length > 0) return { cause: "at-least-once", duplicate: !running.every(isFailure) };
  const previous = earlier.at(-1);
  if (previous === undefined || mayStillRun(previous, context.functionTimeoutMs, context.readUntilMs))
    return null;
  if (isFailure(previous)) return { cause: "async-retry", duplicate: false };
  return isSuccess(previous, context) ? { cause: "at-least-once", duplicate: true } : UNKNOWN;
}

/**
 * Why an event came again under another request id. After a run that succeeded, its source delivered it again.
 * @param earlier runs of the same event under other request ids.
 * @param comesOnce true where the event's source has no other reason to hand it to the function again.
 * @returns null after failures alone: whoever sends the event again then, by hand or from a destination of failed
 * events, recovers it.
 */
export function classifyHandedAgain(
  earlier: readonly ObservedInvocation[],
  context: RunContext,
  comesOnce: boolean,
): Classified | null {
  if (earlier.every(isFailure)) return null;
  const done = earlier.some((run) => isSuccess(run, context));
  return done && comesOnce ? { cause: "at-least-once", duplicate: true } : UNKNOWN;
}

/** A REPORT without a status means success only where no error is missing from the logs. */
function isSuccess(run: ObservedInvocation, { hiddenErrors }: RunContext): boolean {
  return run.outcome === "success" && (run.outcomeStated || !hiddenErrors);
}
