import { SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ContractError } from "../core/errors.ts";
import type { QueueWriterPort } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { changeError } from "./errors.ts";

/** SQS's limit. */
const MAX_SECONDS = 43_200;

/**
 * The one write to the account. IAM cannot limit which attribute SetQueueAttributes sets, so that it is the visibility
 * timeout and no other is settled here (I2).
 */
export function createQueueWriter(connection: Connection): QueueWriterPort {
  // A queue's URL may name a host that only AWS, or an emulator's own network, can reach.
  const client = connection.client(SQSClient, { useQueueUrlAsEndpoint: false });
  return {
    setVisibilityTimeout: async (queueUrl, queueArn, seconds) => {
      if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_SECONDS) {
        throw new ContractError(
          `expected a visibility timeout of 1 to ${MAX_SECONDS} whole seconds, got ${seconds}`,
        );
      }
      await client
        .send(
          new SetQueueAttributesCommand({
            QueueUrl: queueUrl,
            Attributes: { VisibilityTimeout: String(seconds) },
          }),
        )
        .catch((error: unknown) => {
          throw changeError(error, queueArn, "sqs:SetQueueAttributes");
        });
    },
  };
}
