import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { type AppError, ContractError, OutcomeUnknownError } from "../core/errors.ts";
import type { Notification, NotifierPort } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { ownError, troubleOf } from "./errors.ts";

const ACTION = "sns:Publish";
/** SNS's limit of one message: all its bodies, their JSON frame and the attributes together. */
export const MESSAGE_LIMIT_BYTES = 256 * 1024;
/** SNS: fewer than 100 characters, printable ASCII, not beginning with a space. */
const SUBJECT = /^[!-~][ -~]{0,98}$/;

/** Message attribute that the filter policies of single recipients' subscriptions look at. */
const RECIPIENT = "recipient";

/** Messages through one SNS topic: text for e-mail, JSON for every other kind of subscriber. */
export function createNotifier(connection: Connection, topicArn: string): NotifierPort {
  // A try that got no answer may have been sent, and the SDK would repeat it: a second e-mail.
  const client = connection.client(SNSClient, { maxAttempts: 1 });
  return {
    publish: async (notification) => {
      const message = toMessage(notification);
      const { recipient } = notification;
      try {
        await client.send(
          new PublishCommand({
            TopicArn: topicArn,
            Subject: notification.subject,
            MessageStructure: "json",
            Message: message,
            ...(recipient !== undefined && {
              MessageAttributes: { [RECIPIENT]: { DataType: "String", StringValue: recipient } },
            }),
          }),
        );
      } catch (error) {
        throw publishError(error, topicArn);
      }
    },
  };
}

/**
 * `default` is what sqs, lambda, http and https subscribers get; one copy of the JSON for all of them leaves the most
 * room for findings.
 */
function toMessage({ subject, text, json, recipient }: Notification): string {
  if (!SUBJECT.test(subject)) {
    throw new ContractError(`expected a subject of 1 to 99 printable ASCII characters, got "${subject}"`);
  }
  const message = JSON.stringify({ default: JSON.stringify(json), email: text });
  const attribute = recipient === undefined ? "" : `${RECIPIENT}String${recipient}`;
  const bytes = Buffer.byteLength(message) + Buffer.byteLength(attribute);
  if (bytes > MESSAGE_LIMIT_BYTES) {
    throw new ContractError(`expected a notification of at most ${MESSAGE_LIMIT_BYTES} bytes, got ${bytes}`);
  }
  return message;
}

function publishError(error: unknown, topicArn: string): AppError {
  const { kind, sentence } = troubleOf(error, ACTION);
  return kind === "unavailable"
    ? new OutcomeUnknownError(`${topicArn}: ${sentence}; it may have been sent`, { cause: error })
    : ownError(error, topicArn, ACTION);
}
