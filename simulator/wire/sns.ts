// Amazon SNS: topics, subscriptions and publishing. Only SQS subscriptions deliver; every published message
// is kept for whoever wants to see what subscribers would have got.
import { createHash } from "node:crypto";
import * as z from "zod";
import { type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import type { Faults } from "../faults.ts";
import { pageOf } from "./paging.ts";
import { createQueueFinder } from "./queues.ts";
import { checked, type Service } from "./service.ts";

const INVALID = "InvalidParameter";
const PAGE = 100;
const MAX_MESSAGE_BYTES = 262_144;
const MAX_BATCH = 10;

/** One message as SNS was told it. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  /** By protocol; "default" always. */
  readonly bodies: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  /** Virtual time. */
  readonly timeMs: number;
}

interface Subscription {
  readonly SubscriptionArn: string;
  readonly Owner: string;
  readonly Protocol: string;
  readonly Endpoint: string;
  readonly TopicArn: string;
  readonly raw: boolean;
}

const MessageAttributes = z.record(
  z.string(),
  z.object({ DataType: z.string(), StringValue: z.string().optional() }),
);
const Content = z.object({
  Subject: z
    .string()
    .regex(/^[!-~][ -~]{0,99}$/, "expected up to 100 printable ASCII characters")
    .optional(),
  Message: z.string().min(1, "Empty message"),
  MessageStructure: z.string().optional(),
  MessageAttributes: MessageAttributes.optional(),
});
const Paging = z.object({ NextToken: z.string().optional() });
const Topic = z.object({ TopicArn: z.string() });

/** The `#` of ids: SNS's are random, these repeat with the run. */
function id(...parts: readonly (string | number)[]): string {
  const hex = createHash("md5").update(parts.join(" ")).digest("hex");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** @throws SimulatedAwsError when the JSON structure lacks a string `default`. */
function bodiesOf({ Message, MessageStructure }: z.output<typeof Content>): Record<string, string> {
  if (Buffer.byteLength(Message) > MAX_MESSAGE_BYTES) {
    throw new SimulatedAwsError(INVALID, "Invalid parameter: Message too long");
  }
  if (MessageStructure === undefined) {
    return { default: Message };
  }
  if (MessageStructure !== "json") {
    throw new SimulatedAwsError(INVALID, "Invalid parameter: MessageStructure");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(Message);
  } catch {
    const reason = "Message Structure - JSON message body failed to parse";
    throw new SimulatedAwsError(INVALID, `Invalid parameter: ${reason}`);
  }
  const bodies = z.looseObject({ default: z.string() }).safeParse(parsed);
  if (!bodies.success) {
    const reason = "Message Structure - No default entry in JSON message body";
    throw new SimulatedAwsError(INVALID, `Invalid parameter: ${reason}`);
  }
  const texts = Object.entries(bodies.data).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(texts);
}

export function createSns(account: SimulatedAccount, faults: Faults, published: PublishedMessage[]): Service {
  const topics = new Map<string, { readonly attributes: Readonly<Record<string, string>> }>();
  const subscriptions: Subscription[] = [];
  const queues = createQueueFinder(account, faults);

  const requireTopic = (arn: string) => {
    const topic = topics.get(arn);
    if (topic === undefined) {
      throw new SimulatedAwsError("NotFound", "Topic does not exist", 404);
    }
    return topic;
  };
  const page = <Item>(items: readonly Item[], token: string | undefined) =>
    pageOf(items, PAGE, token, () => {
      throw new SimulatedAwsError(INVALID, "Invalid parameter: NextToken");
    });

  const deliver = (message: PublishedMessage): void => {
    for (const { TopicArn, Protocol, Endpoint, raw } of subscriptions) {
      const queue = queues.byArn(Endpoint);
      if (TopicArn !== message.topicArn || Protocol !== "sqs" || queue === undefined) {
        continue;
      }
      const text = message.bodies["sqs"] ?? message.bodies["default"] ?? "";
      const envelope = {
        Type: "Notification",
        MessageId: message.messageId,
        TopicArn,
        ...(message.subject !== undefined && { Subject: message.subject }),
        Message: text,
        Timestamp: new Date(message.timeMs).toISOString(),
        SignatureVersion: "1",
        Signature: "EXAMPLE",
        SigningCertURL: `https://sns.${account.region}.amazonaws.com/SimpleNotificationService.pem`,
        UnsubscribeURL: `https://sns.${account.region}.amazonaws.com/?Action=Unsubscribe`,
      };
      account.sendMessage(queue.url, { body: raw ? text : JSON.stringify(envelope) });
    }
  };

  const publish = (topicArn: string, content: z.output<typeof Content>): string => {
    requireTopic(topicArn);
    const message: PublishedMessage = {
      messageId: id("message", topicArn, published.length),
      topicArn,
      subject: content.Subject,
      bodies: bodiesOf(content),
      attributes: Object.fromEntries(
        Object.entries(content.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
          name,
          StringValue ?? "",
        ]),
      ),
      timeMs: account.nowMs(),
    };
    published.push(message);
    deliver(message);
    return message.messageId;
  };

  const listed = (items: readonly Subscription[], token: string | undefined) => {
    const { items: shown, nextToken } = page(items, token);
    return { Subscriptions: shown.map(({ raw: _, ...listing }) => listing), NextToken: nextToken };
  };

  return {
    name: "sns",
    operations: {
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
        const { items, nextToken } = page([...topics.keys()], NextToken);
        return { Topics: items.map((TopicArn) => ({ TopicArn })), NextToken: nextToken };
      }),

      GetTopicAttributes: checked(INVALID, Topic, ({ TopicArn }) => {
        const confirmed = subscriptions.filter((subscription) => subscription.TopicArn === TopicArn).length;
        const attributes = {
          ...requireTopic(TopicArn).attributes,
          TopicArn,
          Owner: account.accountId,
          SubscriptionsConfirmed: String(confirmed),
          SubscriptionsPending: "0",
          SubscriptionsDeleted: "0",
        };
        return { Attributes: new Map(Object.entries(attributes)) };
      }),

      Subscribe: checked(
        INVALID,
        Topic.extend({
          Protocol: z.enum(["sqs", "email", "email-json", "http", "https", "lambda", "sms"]),
          Endpoint: z.string().min(1),
          Attributes: z.record(z.string(), z.string()).optional(),
          ReturnSubscriptionArn: z.string().optional(),
        }),
        ({ TopicArn, Protocol, Endpoint, Attributes = {} }) => {
          requireTopic(TopicArn);
          const SubscriptionArn = `${TopicArn}:${id("subscription", TopicArn, Protocol, Endpoint)}`;
          if (!subscriptions.some((known) => known.SubscriptionArn === SubscriptionArn)) {
            const raw = Attributes["RawMessageDelivery"] === "true";
            const Owner = account.accountId;
            subscriptions.push({ SubscriptionArn, Owner, Protocol, Endpoint, TopicArn, raw });
          }
          return { SubscriptionArn };
        },
      ),

      ListSubscriptions: checked(INVALID, Paging, ({ NextToken }) => listed(subscriptions, NextToken)),

      ListSubscriptionsByTopic: checked(INVALID, Topic.extend(Paging.shape), ({ TopicArn, NextToken }) => {
        requireTopic(TopicArn);
        const ofTopic = subscriptions.filter((subscription) => subscription.TopicArn === TopicArn);
        return listed(ofTopic, NextToken);
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
