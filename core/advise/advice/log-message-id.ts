import type { Advice } from "../../model/finding.ts";
import { lines } from "./context.ts";

/** For consumers that log no ids: without them nothing can be proven. Ids and counts only, never bodies. */
export const logMessageId = (): Advice => ({
  kind: "log-message-id",
  summary:
    "Log the message id and receive count of each record: with these three lines the next scan can prove what happened to each message.",
  patch: {
    typescript: lines(
      "for (const { messageId, attributes } of event.Records) {",
      "  console.log(JSON.stringify({ messageId, ApproximateReceiveCount: attributes.ApproximateReceiveCount }));",
      "}",
    ),
    python: lines(
      'for record in event["Records"]:',
      '    count = record["attributes"]["ApproximateReceiveCount"]',
      '    print(json.dumps({"messageId": record["messageId"], "ApproximateReceiveCount": count}))',
    ),
  },
});
