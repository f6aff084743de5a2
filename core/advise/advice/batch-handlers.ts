// Handlers that name the records that failed, which is the code's half of ReportBatchItemFailures.
import { lines } from "./context.ts";

export const STANDARD_HANDLERS = {
  typescript: lines(
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
  ),
  python: lines(
    "def handler(event, context):",
    "    failures = []",
    '    for record in event["Records"]:',
    "        try:",
    "            handle_record(record)",
    "        except Exception as error:",
    '            print(record["messageId"], repr(error))',
    '            failures.append({"itemIdentifier": record["messageId"]})',
    '    return {"batchItemFailures": failures}',
  ),
} as const;

/** On a FIFO queue everything after the first failure must be handed back, or the order is lost. */
export const FIFO_HANDLERS = {
  typescript: lines(
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
  ),
  python: lines(
    "def handler(event, context):",
    '    for index, record in enumerate(event["Records"]):',
    "        try:",
    "            handle_record(record)",
    "        except Exception as error:",
    '            print(record["messageId"], repr(error))',
    '            rest = event["Records"][index:]  # this one and all after it, to keep the order',
    '            return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in rest]}',
    '    return {"batchItemFailures": []}',
  ),
} as const;
