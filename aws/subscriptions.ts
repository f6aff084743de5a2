import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import type { SubscriptionsPort } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { ownError } from "./errors.ts";

/** Subscriptions of our topics, through SNS. */
export function createSubscriptions(connection: Connection): SubscriptionsPort {
  const client = connection.client(SNSClient);
  return {
    list: async (topicArn) => {
      const subscriptions: Awaited<ReturnType<SubscriptionsPort["list"]>> = [];
      let next: string | undefined;
      do {
        const page = await client
          .send(
            new ListSubscriptionsByTopicCommand({
              TopicArn: topicArn,
              ...(next !== undefined && { NextToken: next }),
            }),
          )
          .catch((error: unknown) => {
            throw ownError(error, topicArn, "sns:ListSubscriptionsByTopic");
          });
        for (const { Endpoint = "", Protocol = "", SubscriptionArn = "" } of page.Subscriptions ?? []) {
          // In the place of an ARN stands "PendingConfirmation" or, for some days, "Deleted".
          const confirmed = SubscriptionArn.startsWith("arn:");
          subscriptions.push({ endpoint: Endpoint, protocol: Protocol, confirmed });
        }
        next = page.NextToken || undefined;
      } while (next !== undefined);
      return subscriptions;
    },
  };
}
