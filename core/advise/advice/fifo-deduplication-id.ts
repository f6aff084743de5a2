import type { Advice } from "../../model/finding.ts";
import { type AdviceContext, isFifo, lines } from "./context.ts";

/** For producers that send the same work twice. SQS forgets a deduplication id after five minutes. */
export function fifoDeduplicationId(context: AdviceContext): Advice {
  const fifo = isFifo(context);
  const url = context.settings?.url;
  return {
    kind: "fifo-deduplication-id",
    summary: `${fifo ? "Send" : "Use a FIFO queue and send"} a MessageDeduplicationId taken from the work itself, the same for every try: SQS then drops a second send. It remembers five minutes only, so later repeats still need an idempotent consumer.`,
    patch: {
      typescript: lines(
        "await sqs.send(",
        "  new SendMessageCommand({",
        fifo && url !== undefined
          ? `    QueueUrl: "${url}",`
          : "    QueueUrl: process.env.QUEUE_URL, // its name ends in .fifo",
        "    MessageBody: JSON.stringify(order),",
        "    MessageGroupId: order.customerId,",
        "    MessageDeduplicationId: order.id, // not random: a retry must repeat it",
        "  }),",
        ");",
      ),
      python: lines(
        "sqs.send_message(",
        fifo && url !== undefined
          ? `    QueueUrl="${url}",`
          : '    QueueUrl=os.environ["QUEUE_URL"],  # its name ends in .fifo',
        "    MessageBody=json.dumps(order),",
        '    MessageGroupId=order["customerId"],',
        '    MessageDeduplicationId=order["id"],  # not random: a retry must repeat it',
        ")",
      ),
    },
  };
}
