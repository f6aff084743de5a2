import type { Advice } from "../../model/finding.ts";
import { type AdviceContext, functionName, shownConsumer } from "./context.ts";

/** For failing runs: the retry does what it should, the error is the thing to mend. */
export function fixFunctionError(context: AdviceContext): Advice | undefined {
  const consumer = shownConsumer(context);
  if (consumer === undefined) return undefined;
  const where = consumer.function === undefined ? "" : ` (log group ${consumer.function.logGroup})`;
  return {
    kind: "fix-function-error",
    summary: `Find and mend the error in ${functionName(consumer)}${where}. The retry is recovery and works as it should; a longer visibility timeout would only slow it.`,
  };
}
