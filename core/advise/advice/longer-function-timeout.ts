import type { Advice } from "../../model/finding.ts";
import { MAX_VISIBILITY_TIMEOUT_SECONDS } from "../../model/settings.ts";
import { targetTimeout } from "../target-timeout.ts";
import { type AdviceContext, functionName, isFifo, shownConsumer } from "./context.ts";
import { queueWithTimeout } from "./raise-visibility-timeout.ts";
import { functionSource, sourcePatch } from "./source-patch.ts";

/** Lambda's own limit, in seconds. */
const MAX_FUNCTION_TIMEOUT_SECONDS = 900;

/**
 * For runs that time out: more time for the function or less work a batch, and the queue's timeout only
 * together with it. Raised alone it would merely delay the next try.
 */
export function longerFunctionTimeout(context: AdviceContext): Advice | undefined {
  const consumer = shownConsumer(context);
  if (consumer?.function === undefined) return undefined;
  const { timeoutSeconds } = consumer.function;
  const { batchSize, maximumBatchingWindowSeconds } = consumer.mapping;
  const longer = Math.min(2 * timeoutSeconds, MAX_FUNCTION_TIMEOUT_SECONDS);
  const smaller = batchSize > 1 ? ` or take fewer than ${batchSize} messages a batch` : "";
  if (longer === timeoutSeconds) {
    return {
      kind: "longer-function-timeout",
      summary: `The function already has Lambda's longest timeout (${timeoutSeconds} s): split the work${smaller}.`,
    };
  }
  const current = context.settings?.visibilityTimeoutSeconds ?? 0;
  const target = targetTimeout({
    currentSeconds: current,
    fifo: isFifo(context),
    timings: [
      {
        functionArn: consumer.function.arn,
        functionTimeoutSeconds: longer,
        batchingWindowSeconds: maximumBatchingWindowSeconds,
      },
    ],
    policy: context.target?.policy ?? "aws",
    capSeconds: MAX_VISIBILITY_TIMEOUT_SECONDS,
  });
  const name = functionName(consumer);
  return {
    kind: "longer-function-timeout",
    summary: `Give ${name} more than ${timeoutSeconds} s${smaller}, find out what it waits for, and raise the queue's visibility timeout together with it (never alone).`,
    patch: sourcePatch(
      queueWithTimeout(context, target?.seconds ?? current),
      functionSource(name, {
        cloudformation: [`Timeout: ${longer}`],
        cdk: [`timeout: Duration.seconds(${longer}),`],
        terraform: [`timeout = ${longer}`],
      }),
    ),
  };
}
