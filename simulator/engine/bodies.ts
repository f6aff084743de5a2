// Message bodies and SQS records, rendered on demand from the counters of a message.
import { createHash } from "node:crypto";
import { receiptHandle, uuid } from "./ids.ts";
import type { BodyKind, Delivery, Message } from "./records.ts";
import type { World } from "./world.ts";

export function messageId(world: World, message: Message): string {
  return uuid(world.seed, "message", message.index);
}

/** The id that a producer puts on one business event; a re-sent message has the same. */
function correlationId(world: World, message: Message): string {
  return uuid(world.seed, "correlation", message.businessKey);
}

/** Every id of the piece of work that a body or an attribute may show. */
export function workIds(world: World, message: Message): string[] {
  return [correlationId(world, message), snsId(world, message)];
}

function snsId(world: World, message: Message): string {
  return uuid(world.seed, "sns", message.businessKey);
}

function order(world: World, message: Message): Record<string, unknown> {
  // Every third body holds a UUID that is no message id: an order number.
  const orderId =
    message.index % 3 === 0
      ? uuid(world.seed, "decoy", message.businessKey)
      : `R-${100_000 + (message.businessKey % 900_000)}`;
  return {
    orderId,
    customer: `c-${message.businessKey % 5000}`,
    amount: (message.businessKey % 20_000) / 100,
    currency: "EUR",
  };
}

const BODIES: Record<BodyKind, (world: World, message: Message) => Record<string, unknown>> = {
  order,
  event: (world, message) => ({
    correlationId: correlationId(world, message),
    type: "StatusChanged",
    ...order(world, message),
  }),
  // An SNS subscription without raw delivery: the envelope has an id of its own, SNS's.
  sns: (world, message) => ({
    Type: "Notification",
    MessageId: snsId(world, message),
    TopicArn: `arn:aws:sns:${world.region}:${world.accountId}:business-events`,
    Message: JSON.stringify(order(world, message)),
    Timestamp: new Date(world.clock.epochMs(message.sentMs)).toISOString(),
    SignatureVersion: "1",
    UnsubscribeURL: `https://sns.${world.region}.amazonaws.com/?Action=Unsubscribe`,
  }),
};

export function bodyOf(world: World, message: Message): string {
  if (message.redrivenFrom !== null) return bodyOf(world, message.redrivenFrom);
  if (typeof message.content !== "string") return message.content.body;
  return JSON.stringify(BODIES[message.content](world, message));
}

/** System attributes of one receive, as ReceiveMessage and the Lambda event give them. */
export function systemAttributes(world: World, delivery: Delivery): Record<string, string> {
  const { message, queue } = delivery;
  const attributes: Record<string, string> = {
    ApproximateReceiveCount: String(delivery.receiveCount),
    SentTimestamp: String(world.clock.epochMs(message.sentMs)),
    SenderId: "AROAEXAMPLEID:producer",
    ApproximateFirstReceiveTimestamp: String(world.clock.epochMs(message.firstReceivedMs)),
  };
  if (!queue.settings.fifo) return attributes;
  return {
    ...attributes,
    SequenceNumber: sequenceNumber(message),
    MessageGroupId: message.group,
    MessageDeduplicationId:
      typeof message.content === "string"
        ? correlationId(world, message)
        : (message.content.deduplicationId ?? ""),
  };
}

export function sequenceNumber(message: Message): string {
  return `188${String(message.index).padStart(17, "0")}`;
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/** One element of `Records` in the event that Lambda gives to a consumer. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly md5OfBody: string;
  readonly eventSource: "aws:sqs";
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

export function recordOf(world: World, delivery: Delivery): SqsRecord {
  const body = bodyOf(world, delivery.message);
  return {
    messageId: messageId(world, delivery.message),
    receiptHandle: receiptHandle(world.seed, delivery.queue.name, delivery.index),
    body,
    attributes: systemAttributes(world, delivery),
    messageAttributes: {},
    md5OfBody: md5(body),
    eventSource: "aws:sqs",
    eventSourceARN: delivery.queue.arn,
    awsRegion: world.region,
  };
}
