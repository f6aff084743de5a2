import { activeConsumers, returnsWholeBatch } from "../../detect/consumers.ts";
import type { Advice } from "../../model/finding.ts";
import { FIFO_HANDLERS, STANDARD_HANDLERS } from "./batch-handlers.ts";
import { type AdviceContext, functionName, isFifo } from "./context.ts";
import { mappingPatch } from "./mapping-patch.ts";

/** For batches that come back whole because of one record. Both halves are needed: the mapping and the code. */
export function reportBatchItemFailures(context: AdviceContext): Advice | undefined {
  const missing = activeConsumers(context.path).find(returnsWholeBatch);
  if (missing === undefined) return undefined;
  return {
    kind: "report-batch-item-failures",
    summary: `Switch on ReportBatchItemFailures for ${functionName(missing)} and return the ids that failed, so that one bad record no longer brings back its whole batch of up to ${missing.mapping.batchSize}. Do both: either half alone changes nothing or hides failures.`,
    patch: {
      ...mappingPatch(context, missing, {
        cloudformation: ["FunctionResponseTypes: [ReportBatchItemFailures]"],
        cdk: ["reportBatchItemFailures: true,"],
        terraform: ['function_response_types = ["ReportBatchItemFailures"]'],
        serverless: ["functionResponseType: ReportBatchItemFailures"],
      }),
      ...(isFifo(context) ? FIFO_HANDLERS : STANDARD_HANDLERS),
    },
  };
}
