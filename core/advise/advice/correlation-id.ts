import type { Advice } from "../../model/finding.ts";
import { lines } from "./context.ts";

/** One id for one piece of work, logged for each record and not for each batch. */
export const correlationId = (): Advice => ({
  kind: "correlation-id",
  summary:
    "Send an id of the work itself with each message and log it for each record (not once a batch), so that the same work under two message ids can be seen.",
  patch: {
    typescript: lines(
      "for (const record of event.Records) {",
      "  const correlationId = record.messageAttributes.correlationId?.stringValue;",
      "  console.log(JSON.stringify({ messageId: record.messageId, correlationId }));",
      "}",
    ),
    python: lines(
      'for record in event["Records"]:',
      '    correlation = record["messageAttributes"].get("correlationId", {}).get("stringValue")',
      '    print(json.dumps({"messageId": record["messageId"], "correlationId": correlation}))',
    ),
  },
});
