import type { Advice } from "../../model/finding.ts";
import type { AdviceContext } from "./context.ts";
import { queueSource, type ResourceSource, sourcePatch } from "./source-patch.ts";

/** For a queue whose settings are not known. */
const WITHOUT_NUMBERS: Advice = {
  kind: "raise-visibility-timeout",
  summary:
    "Compare the queue's visibility timeout with AWS's advice, 6 × function timeout + batching window, and raise it where it is shorter, in the source that owns the queue. Neither number is known here.",
};

/** The fix for work that outlasts the timeout, as source to change; undefined where no raise is possible. */
export function raiseVisibilityTimeout(context: AdviceContext): Advice | undefined {
  const { settings, target } = context;
  if (settings === undefined) return WITHOUT_NUMBERS;
  if (target === undefined) return undefined;
  const why =
    target.policy === "aws"
      ? "AWS's advice, 6 × function timeout + batching window"
      : "1.3 × function timeout + batching window, so that no run outlasts it and retries stay quick";
  const fifo = settings.fifo ? " A failed message then blocks its FIFO group for that long." : "";
  return {
    kind: "raise-visibility-timeout",
    summary: `Raise the visibility timeout from ${settings.visibilityTimeoutSeconds} s to ${target.seconds} s (${why}).${fifo} Change it in the source that owns the queue, or the next deployment undoes it.`,
    patch: sourcePatch(queueWithTimeout(context, target.seconds)),
  };
}

/** The queue with this visibility timeout. */
export const queueWithTimeout = (context: AdviceContext, seconds: number): ResourceSource =>
  queueSource(context, {
    cloudformation: [`VisibilityTimeout: ${seconds}`],
    cdk: [`visibilityTimeout: Duration.seconds(${seconds}),`],
    terraform: [`visibility_timeout_seconds = ${seconds}`],
  });
