import type { Advice } from "../../model/finding.ts";
import { MAX_VISIBILITY_TIMEOUT_SECONDS } from "../../model/settings.ts";
import { type AdviceContext, functionName, lines, pascalCase, shownConsumer, wordsOf } from "./context.ts";
import { cloudformationQueue } from "./raise-visibility-timeout.ts";

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
  const visibility = Math.max(
    context.settings?.visibilityTimeoutSeconds ?? 0,
    Math.min(6 * longer + maximumBatchingWindowSeconds, MAX_VISIBILITY_TIMEOUT_SECONDS),
  );
  const name = functionName(consumer);
  return {
    kind: "longer-function-timeout",
    summary: `Give ${name} more than ${timeoutSeconds} s${smaller}, find out what it waits for, and raise the queue's visibility timeout together with it (never alone).`,
    patch: {
      cloudformation: lines(
        ...cloudformationQueue(context, visibility),
        `  ${pascalCase(wordsOf(name))}Function:`,
        "    Type: AWS::Lambda::Function",
        "    Properties:",
        `      Timeout: ${longer}`,
      ),
    },
  };
}
