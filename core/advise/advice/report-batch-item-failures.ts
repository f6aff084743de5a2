import { activeConsumers, returnsWholeBatch } from "../../detect/consumers.ts";
import type { Advice } from "../../model/finding.ts";
import { type AdviceContext, functionName, isFifo, lines } from "./context.ts";
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
      typescript: isFifo(context) ? FIFO_HANDLER : STANDARD_HANDLER,
    },
  };
}

const STANDARD_HANDLER = lines(
  "export const handler: SQSHandler = async (event) => {",
  "  const batchItemFailures: SQSBatchItemFailure[] = [];",
  "  for (const record of event.Records) {",
  "    try {",
  "      await handleRecord(record);",
  "    } catch (error) {",
  "      console.error(record.messageId, error);",
  "      batchItemFailures.push({ itemIdentifier: record.messageId });",
  "    }",
  "  }",
  "  return { batchItemFailures };",
  "};",
);

/** On a FIFO queue everything after the first failure must be handed back, or the order is lost. */
const FIFO_HANDLER = lines(
  "export const handler: SQSHandler = async (event) => {",
  "  for (const [index, record] of event.Records.entries()) {",
  "    try {",
  "      await handleRecord(record);",
  "    } catch (error) {",
  "      console.error(record.messageId, error);",
  "      const rest = event.Records.slice(index); // this one and all after it, to keep the order",
  "      return { batchItemFailures: rest.map((one) => ({ itemIdentifier: one.messageId })) };",
  "    }",
  "  }",
  "  return { batchItemFailures: [] };",
  "};",
);
