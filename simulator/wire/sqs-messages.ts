// Amazon SQS: sending, receiving, deleting. MD5 sums are real because clients verify them.
import { createHash } from "node:crypto";
import * as z from "zod";
import { type ReceivedMessage, type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import { wholeNumber } from "./parameters.ts";
import type { QueueFinder } from "./queues.ts";
import { checked, type Operation } from "./service.ts";

const INVALID = "InvalidParameterValue";
const MAX_BATCH = 10;
const MAX_VISIBILITY_TIMEOUT_SECONDS = 43_200;
const MAX_MESSAGE_BYTES = 1_048_576;

const QueueUrl = z.object({ QueueUrl: z.string().min(1) });
const MessageAttribute = z.object({
  DataType: z
    .string()
    .regex(/^(String|Number)(\..*)?$/, "expected String or Number; this account keeps text only"),
  StringValue: z.string().min(1),
});
const Outgoing = z.object({
  MessageBody: z.string(),
  DelaySeconds: wholeNumber(0, 900).optional(),
  MessageAttributes: z.record(z.string(), MessageAttribute).optional(),
  MessageGroupId: z.string().min(1).max(128).optional(),
  MessageDeduplicationId: z.string().min(1).max(128).optional(),
});
const VisibilityTimeout = wholeNumber(0, MAX_VISIBILITY_TIMEOUT_SECONDS);
const Deletion = z.object({ ReceiptHandle: z.string().min(1) });
const VisibilityChange = Deletion.extend({ VisibilityTimeout });

type Attributes = Readonly<Record<string, { readonly dataType: string; readonly stringValue: string }>>;

function md5(data: string | Buffer): string {
  return createHash("md5").update(data).digest("hex");
}

/**
 * MD5 over name, type and value of each attribute in order of name, each preceded by its length.
 * @see "Calculating the MD5 message digest for message attributes" in the SQS developer guide
 */
function md5OfAttributes(attributes: Attributes): string | undefined {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length === 0) {
    return undefined;
  }
  const STRING_TRANSPORT = Buffer.from([1]);
  const sized = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const parts = sorted.flatMap(([name, { dataType, stringValue }]) => [
    sized(name),
    sized(dataType),
    STRING_TRANSPORT,
    sized(stringValue),
  ]);
  return md5(Buffer.concat(parts));
}

function wanted(names: readonly string[], name: string): boolean {
  return names.some(
    (pattern) =>
      pattern === "All" ||
      pattern === name ||
      (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -2))),
  );
}

function toMessage(message: ReceivedMessage, systemNames: readonly string[], names: readonly string[]) {
  const system = Object.entries(message.attributes).filter(([name]) => wanted(systemNames, name));
  const custom = Object.entries(message.messageAttributes).filter(([name]) => wanted(names, name));
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(custom.length > 0 && {
      MD5OfMessageAttributes: md5OfAttributes(Object.fromEntries(custom)),
      MessageAttributes: Object.fromEntries(
        custom.map(([name, { dataType, stringValue }]) => [
          name,
          { DataType: dataType, StringValue: stringValue },
        ]),
      ),
    }),
  };
}

/** A batch operation: each entry succeeds or fails by itself; broken batches fail as a whole. */
function batch<Shape extends z.ZodRawShape>(
  entry: z.ZodObject<Shape>,
  runOne: (queueUrl: string, entry: z.output<z.ZodObject<Shape>>) => object,
  queues: QueueFinder,
): Operation {
  const schema = QueueUrl.extend({
    Entries: z.array(z.looseObject({ Id: z.string() })).optional(),
  });
  return checked(INVALID, schema, ({ QueueUrl, Entries = [] }) => {
    const { url } = queues.byUrl(QueueUrl);
    const ids = Entries.map(({ Id }) => Id);
    if (ids.length === 0) {
      throw batchError("EmptyBatchRequest", "There should be at least one entry in the request.");
    }
    if (ids.length > MAX_BATCH) {
      const message = `Maximum number of entries per request are ${MAX_BATCH}. You have sent ${ids.length}.`;
      throw batchError("TooManyEntriesInBatchRequest", message);
    }
    if (new Set(ids).size < ids.length) {
      throw batchError("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.");
    }
    if (ids.some((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id))) {
      const message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores.";
      throw batchError("InvalidBatchEntryId", message);
    }
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const { Id, ...rest } of Entries) {
      try {
        const parsed = entry.safeParse(rest);
        if (!parsed.success) {
          throw new SimulatedAwsError(INVALID, parsed.error.issues[0]?.message ?? "invalid entry");
        }
        Successful.push({ Id, ...runOne(url, parsed.data) });
      } catch (error) {
        if (!(error instanceof SimulatedAwsError)) {
          throw error;
        }
        Failed.push({ Id, SenderFault: true, Code: error.code, Message: error.message });
      }
    }
    return { Successful, ...(Failed.length > 0 && { Failed }) };
  });
}

function batchError(code: string, message: string): SimulatedAwsError {
  return new SimulatedAwsError(`AWS.SimpleQueueService.${code}`, message);
}

export function messageOperations(account: SimulatedAccount, queues: QueueFinder): Record<string, Operation> {
  const send = (url: string, message: z.output<typeof Outgoing>) => {
    if (message.MessageBody === "") {
      throw new SimulatedAwsError("MissingParameter", "The request must contain the parameter MessageBody.");
    }
    const bytes = Buffer.byteLength(message.MessageBody);
    if (bytes > MAX_MESSAGE_BYTES) {
      throw new SimulatedAwsError(
        INVALID,
        `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`,
      );
    }
    const messageAttributes: Attributes = Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
        name,
        { dataType: DataType, stringValue: StringValue },
      ]),
    );
    const sent = account.sendMessage(url, {
      body: message.MessageBody,
      messageAttributes,
      ...(message.DelaySeconds !== undefined && { delaySeconds: message.DelaySeconds }),
      ...(message.MessageGroupId !== undefined && { messageGroupId: message.MessageGroupId }),
      ...(message.MessageDeduplicationId !== undefined && {
        messageDeduplicationId: message.MessageDeduplicationId,
      }),
    });
    return {
      MessageId: sent.messageId,
      MD5OfMessageBody: md5(message.MessageBody),
      MD5OfMessageAttributes: md5OfAttributes(messageAttributes),
      SequenceNumber: sent.sequenceNumber,
    };
  };

  return {
    SendMessage: checked(INVALID, QueueUrl.extend(Outgoing.shape), ({ QueueUrl, ...message }) =>
      send(queues.byUrl(QueueUrl).url, message),
    ),

    SendMessageBatch: batch(Outgoing, send, queues),

    ReceiveMessage: checked(
      INVALID,
      QueueUrl.extend({
        MaxNumberOfMessages: wholeNumber(1, MAX_BATCH).optional(),
        VisibilityTimeout: VisibilityTimeout.optional(),
        /** Accepted, never waited for: virtual time stands still during a call. */
        WaitTimeSeconds: wholeNumber(0, 20).optional(),
        AttributeNames: z.array(z.string()).optional(),
        MessageSystemAttributeNames: z.array(z.string()).optional(),
        MessageAttributeNames: z.array(z.string()).optional(),
      }),
      (input) => {
        const received = account.receiveMessage(queues.byUrl(input.QueueUrl).url, {
          max: input.MaxNumberOfMessages ?? 1,
          ...(input.VisibilityTimeout !== undefined && {
            visibilityTimeoutSeconds: input.VisibilityTimeout,
          }),
        });
        const systemNames = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
        const messages = received.map((message) =>
          toMessage(message, systemNames, input.MessageAttributeNames ?? []),
        );
        return messages.length > 0 ? { Messages: messages } : {};
      },
    ),

    DeleteMessage: checked(INVALID, QueueUrl.extend(Deletion.shape), ({ QueueUrl, ReceiptHandle }) =>
      account.deleteMessage(queues.byUrl(QueueUrl).url, ReceiptHandle),
    ),

    DeleteMessageBatch: batch(
      Deletion,
      (url, { ReceiptHandle }) => {
        account.deleteMessage(url, ReceiptHandle);
        return {};
      },
      queues,
    ),

    ChangeMessageVisibility: checked(INVALID, QueueUrl.extend(VisibilityChange.shape), (input) =>
      account.changeVisibility(
        queues.byUrl(input.QueueUrl).url,
        input.ReceiptHandle,
        input.VisibilityTimeout,
      ),
    ),

    ChangeMessageVisibilityBatch: batch(
      VisibilityChange,
      (url, { ReceiptHandle, VisibilityTimeout }) => {
        account.changeVisibility(url, ReceiptHandle, VisibilityTimeout);
        return {};
      },
      queues,
    ),
  };
}
