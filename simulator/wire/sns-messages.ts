// One message as SNS is given it, and as subscribers get it.
import * as z from "zod";
import { invalidParameter } from "./sns-errors.ts";
import { MessageAttributes } from "./sns-filter.ts";

const MAX_MESSAGE_BYTES = 262_144;

/** One message as SNS was told it. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  /** By protocol; "default" always. */
  readonly bodies: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  /** Addresses that it was mailed to: confirmed ones, whose filter lets it pass. */
  readonly mails: readonly string[];
  /** Virtual time. */
  readonly timeMs: number;
}

/** What Publish is told, without the topic. */
export const Content = z.object({
  Subject: z
    .string()
    .regex(/^[!-~][ -~]{0,99}$/, "expected up to 100 printable ASCII characters")
    .optional(),
  Message: z.string().min(1, "Empty message"),
  MessageStructure: z.string().optional(),
  MessageAttributes: MessageAttributes.optional(),
});
export type Content = z.output<typeof Content>;

/** @throws SimulatedAwsError when the JSON structure lacks a string `default`. */
export function bodiesOf({ Message, MessageStructure }: Content): Record<string, string> {
  if (Buffer.byteLength(Message) > MAX_MESSAGE_BYTES) {
    throw invalidParameter("Message too long");
  }
  if (MessageStructure === undefined) {
    return { default: Message };
  }
  if (MessageStructure !== "json") {
    throw invalidParameter("MessageStructure");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(Message);
  } catch {
    throw invalidParameter("Message Structure - JSON message body failed to parse");
  }
  const bodies = z.looseObject({ default: z.string() }).safeParse(parsed);
  if (!bodies.success) {
    throw invalidParameter("Message Structure - No default entry in JSON message body");
  }
  const texts = Object.entries(bodies.data).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(texts);
}

/** What a queue gets: the body alone, or in SNS's envelope. */
export function queueBody(message: PublishedMessage, raw: boolean, region: string): string {
  const text = message.bodies["sqs"] ?? message.bodies["default"] ?? "";
  if (raw) {
    return text;
  }
  return JSON.stringify({
    Type: "Notification",
    MessageId: message.messageId,
    TopicArn: message.topicArn,
    ...(message.subject !== undefined && { Subject: message.subject }),
    Message: text,
    Timestamp: new Date(message.timeMs).toISOString(),
    SignatureVersion: "1",
    Signature: "EXAMPLE",
    SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService.pem`,
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe`,
  });
}
