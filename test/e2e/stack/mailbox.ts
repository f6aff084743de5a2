// A queue that subscribes to a topic as a machine would, with the filter policy of one of its e-mail subscribers.
import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  type SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import type { Stage } from "./stage.ts";

export interface Mailbox {
  /** The JSON of everything that has arrived, oldest first. */
  arrived(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** @param address whose filter policy it takes over: an address that the stack subscribed. */
export async function subscribeMailbox(
  { sns, clients: { sqs }, endpoint, lifetime }: Stage,
  topicArn: string,
  { name, address }: { readonly name: string; readonly address: string },
): Promise<Mailbox> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  if (!endpoint.isOurs) lifetime.add(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: { Policy: policy(topicArn, Attributes?.["QueueArn"] ?? "") },
    }),
  );
  const filter = await filterPolicyOf(sns, topicArn, address);
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: Attributes?.["QueueArn"] ?? "",
      ...(filter !== undefined && { Attributes: { FilterPolicy: filter } }),
    }),
  );
  const seen: Record<string, unknown>[] = [];
  return {
    arrived: async () => {
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 3600 }),
        );
        if (Messages.length === 0) return seen;
        for (const { Body = "{}" } of Messages) seen.push(JSON.parse(JSON.parse(Body).Message));
      }
    },
  };
}

const policy = (topicArn: string, queueArn: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
      },
    ],
  });

/** @throws Error unless the stack has subscribed the address. */
async function filterPolicyOf(
  sns: SNSClient,
  topicArn: string,
  address: string,
): Promise<string | undefined> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  const mine = Subscriptions.find(({ Protocol, Endpoint }) => Protocol === "email" && Endpoint === address);
  if (mine === undefined) throw new Error(`${address} is no subscriber of ${topicArn}`);
  const { Attributes } = await sns.send(
    new GetSubscriptionAttributesCommand({ SubscriptionArn: mine.SubscriptionArn }),
  );
  return Attributes?.["FilterPolicy"];
}
