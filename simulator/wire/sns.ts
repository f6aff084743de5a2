// Amazon SNS: topics and publishing. Queues really get their messages; mails are kept with the message, for whoever
// wants to see a person's inbox.
import * as z from "zod";
import { type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import type { Faults } from "../faults.ts";
import { createQueueFinder } from "./queues.ts";
import { checked, type Service } from "./service.ts";
import { INVALID } from "./sns-errors.ts";
import { idOf } from "./sns-ids.ts";
import { bodiesOf, Content, type PublishedMessage, queueBody } from "./sns-messages.ts";
import { Paging, pageOfSns, subscriptionOperations, Topic } from "./sns-subscription-operations.ts";
import { Subscriptions } from "./sns-subscriptions.ts";

const MAX_BATCH = 10;

export interface SnsService extends Service {
  /** Over the wire nobody learns the tokens: they are in the mails that SNS sends for confirmation. */
  readonly subscriptions: Pick<Subscriptions, "pending" | "confirmAll">;
}

export function createSns(
  account: SimulatedAccount,
  faults: Faults,
  published: PublishedMessage[],
): SnsService {
  const topics = new Map<string, { readonly attributes: Readonly<Record<string, string>> }>();
  const subscriptions = new Subscriptions();
  const queues = createQueueFinder(account, faults);

  const requireTopic = (arn: string) => {
    const topic = topics.get(arn);
    if (topic === undefined) {
      throw new SimulatedAwsError("NotFound", "Topic does not exist", 404);
    }
    return topic;
  };

  const publish = (topicArn: string, content: Content): string => {
    requireTopic(topicArn);
    const { MessageAttributes = {} } = content;
    const reached = subscriptions.reached(topicArn, MessageAttributes);
    const message: PublishedMessage = {
      messageId: idOf("message", topicArn, published.length),
      topicArn,
      subject: content.Subject,
      bodies: bodiesOf(content),
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue ?? ""]),
      ),
      mails: reached.filter(({ protocol }) => protocol.startsWith("email")).map(({ endpoint }) => endpoint),
      timeMs: account.nowMs(),
    };
    published.push(message);
    for (const { protocol, endpoint, attributes } of reached) {
      const queue = protocol === "sqs" ? queues.byArn(endpoint) : undefined;
      if (queue !== undefined) {
        const raw = attributes["RawMessageDelivery"]?.toLowerCase() === "true";
        account.sendMessage(queue.url, { body: queueBody(message, raw, account.region) });
      }
    }
    return message.messageId;
  };

  return {
    name: "sns",
    subscriptions,
    operations: {
      ...subscriptionOperations(account, subscriptions, requireTopic),

      CreateTopic: checked(
        INVALID,
        z.object({
          Name: z.string().regex(/^(?=.{1,256}$)[A-Za-z0-9_-]+(\.fifo)?$/, "Topic Name"),
          Attributes: z.record(z.string(), z.string()).optional(),
          Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).optional(),
        }),
        ({ Name, Attributes = {} }) => {
          const arn = `arn:aws:sns:${account.region}:${account.accountId}:${Name}`;
          topics.set(arn, topics.get(arn) ?? { attributes: Attributes });
          return { TopicArn: arn };
        },
      ),

      ListTopics: checked(INVALID, Paging, ({ NextToken }) => {
        const { items, nextToken } = pageOfSns([...topics.keys()], NextToken);
        return { Topics: items.map((TopicArn) => ({ TopicArn })), NextToken: nextToken };
      }),

      GetTopicAttributes: checked(INVALID, Topic, ({ TopicArn }) => {
        const { attributes: own } = requireTopic(TopicArn);
        const all = subscriptions.of(TopicArn);
        const confirmed = all.filter((subscription) => subscription.confirmed);
        const attributes = {
          ...own,
          TopicArn,
          Owner: account.accountId,
          SubscriptionsConfirmed: String(confirmed.length),
          SubscriptionsPending: String(all.length - confirmed.length),
          SubscriptionsDeleted: String(subscriptions.deletedOf(TopicArn)),
        };
        return { Attributes: new Map(Object.entries(attributes)) };
      }),

      Publish: checked(INVALID, Topic.extend(Content.shape), ({ TopicArn, ...content }) => ({
        MessageId: publish(TopicArn, content),
      })),

      PublishBatch: checked(
        INVALID,
        Topic.extend({ PublishBatchRequestEntries: z.array(Content.extend({ Id: z.string() })) }),
        ({ TopicArn, PublishBatchRequestEntries: entries }) => {
          requireTopic(TopicArn);
          if (entries.length === 0) {
            throw new SimulatedAwsError(
              "EmptyBatchRequest",
              "The batch request does not contain any entries.",
            );
          }
          if (entries.length > MAX_BATCH) {
            const message = `The batch request contains more entries than permissible, expected at most ${MAX_BATCH}.`;
            throw new SimulatedAwsError("TooManyEntriesInBatchRequest", message);
          }
          if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
            const message = "Two or more batch entries in the request have the same Id.";
            throw new SimulatedAwsError("BatchEntryIdsNotDistinct", message);
          }
          const Successful: object[] = [];
          const Failed: object[] = [];
          for (const { Id, ...content } of entries) {
            try {
              Successful.push({ Id, MessageId: publish(TopicArn, content) });
            } catch (error) {
              if (!(error instanceof SimulatedAwsError)) {
                throw error;
              }
              Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
            }
          }
          return { Successful, Failed };
        },
      ),
    },
    throttled: { code: "Throttling", httpStatus: 400 },
    accessDenied: { code: "AuthorizationError", httpStatus: 403 },
    unknownOperation: { code: "InvalidAction", httpStatus: 400 },
  };
}
