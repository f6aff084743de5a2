// Amazon SQS: queues, their attributes and tags. What happens to messages is in sqs-messages.ts.
import * as z from "zod";
import { type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import type { Faults } from "../faults.ts";
import { pageOf } from "./paging.ts";
import { wholeNumber } from "./parameters.ts";
import { createQueueFinder } from "./queues.ts";
import { checked, type Operation, type Service } from "./service.ts";
import { messageOperations } from "./sqs-messages.ts";

const INVALID = "InvalidParameterValue";
const QUEUES_PER_PAGE = 1000;
const MAX_TAGS = 50;

const QueueUrl = z.object({ QueueUrl: z.string().min(1) });
const Attributes = z.record(z.string(), z.string());

const ATTRIBUTE_NAMES = new Set([
  "All",
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesDelayed",
  "ApproximateNumberOfMessagesNotVisible",
  "ContentBasedDeduplication",
  "CreatedTimestamp",
  "DeduplicationScope",
  "DelaySeconds",
  "FifoQueue",
  "FifoThroughputLimit",
  "KmsDataKeyReusePeriodSeconds",
  "KmsMasterKeyId",
  "LastModifiedTimestamp",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "Policy",
  "QueueArn",
  "ReceiveMessageWaitTimeSeconds",
  "RedriveAllowPolicy",
  "RedrivePolicy",
  "SqsManagedSseEnabled",
  "VisibilityTimeout",
]);

/** Attributes that a client may set, with the range of those that are numbers. */
const SETTABLE: Readonly<Record<string, readonly [min: number, max: number] | null>> = {
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
  ContentBasedDeduplication: null,
  DeduplicationScope: null,
  FifoThroughputLimit: null,
  KmsMasterKeyId: null,
  Policy: null,
  RedriveAllowPolicy: null,
  RedrivePolicy: null,
  SqsManagedSseEnabled: null,
};

function checkSettable(attributes: Readonly<Record<string, string>>, creating: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const range = SETTABLE[name];
    if (range === undefined && !(creating && name === "FifoQueue")) {
      throw new SimulatedAwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
    }
    const inRange =
      !range || (/^\d{1,9}$/.test(value) && Number(value) >= range[0] && Number(value) <= range[1]);
    if (!inRange) {
      throw new SimulatedAwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
    }
  }
}

export function createSqs(account: SimulatedAccount, faults: Faults): Service {
  const queues = createQueueFinder(account, faults);
  const refuseToken = (): never => {
    throw new SimulatedAwsError(INVALID, "Invalid or expired next token.");
  };

  const operations: Record<string, Operation> = {
    ListQueues: checked(
      INVALID,
      z.object({
        QueueNamePrefix: z.string().optional(),
        NextToken: z.string().optional(),
        MaxResults: wholeNumber(1, QUEUES_PER_PAGE).optional(),
      }),
      ({ QueueNamePrefix = "", NextToken, MaxResults }) => {
        const urls = queues
          .all()
          .filter(({ name }) => name.startsWith(QueueNamePrefix))
          .map(({ url }) => url);
        const page = pageOf(urls, MaxResults ?? QUEUES_PER_PAGE, NextToken, refuseToken);
        // As AWS: without MaxResults the first 1,000 come with no token, and there is no way to the rest.
        const nextToken = MaxResults === undefined ? undefined : page.nextToken;
        return { ...(page.items.length > 0 && { QueueUrls: page.items }), NextToken: nextToken };
      },
    ),

    GetQueueUrl: checked(
      INVALID,
      z.object({ QueueName: z.string().min(1), QueueOwnerAWSAccountId: z.string().optional() }),
      (input) => ({ QueueUrl: queues.byName(input.QueueName, input.QueueOwnerAWSAccountId).url }),
    ),

    GetQueueAttributes: checked(
      INVALID,
      QueueUrl.extend({ AttributeNames: z.array(z.string()).optional() }),
      ({ QueueUrl, AttributeNames = [] }) => {
        const unknown = AttributeNames.find((name) => !ATTRIBUTE_NAMES.has(name));
        if (unknown !== undefined) {
          throw new SimulatedAwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
        }
        const asked = Object.entries(queues.byUrl(QueueUrl).attributes()).filter(
          ([name]) => AttributeNames.includes("All") || AttributeNames.includes(name),
        );
        return asked.length > 0 ? { Attributes: Object.fromEntries(asked) } : {};
      },
    ),

    SetQueueAttributes: checked(INVALID, QueueUrl.extend({ Attributes }), ({ QueueUrl, Attributes }) => {
      const { url } = queues.byUrl(QueueUrl);
      checkSettable(Attributes, false);
      account.setAttributes(url, Attributes);
    }),

    CreateQueue: checked(
      INVALID,
      z.object({
        QueueName: z
          .string()
          .regex(
            /^(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?$/,
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
          ),
        Attributes: Attributes.optional(),
        tags: Attributes.optional(),
      }),
      ({ QueueName, Attributes = {}, tags = {} }) => {
        checkSettable(Attributes, true);
        const existing = queues.all().find(({ name }) => name === QueueName);
        if (existing !== undefined) {
          const present = existing.attributes();
          if (Object.entries(Attributes).some(([name, value]) => present[name] !== value)) {
            const message =
              "A queue already exists with the same name and a different value for an attribute.";
            throw new SimulatedAwsError("QueueAlreadyExists", message);
          }
          return { QueueUrl: existing.url };
        }
        return { QueueUrl: account.createQueue(QueueName, Attributes, tags).url };
      },
    ),

    DeleteQueue: checked(INVALID, QueueUrl, ({ QueueUrl }) =>
      account.deleteQueue(queues.byUrl(QueueUrl).url),
    ),

    PurgeQueue: checked(INVALID, QueueUrl, ({ QueueUrl }) => account.purgeQueue(queues.byUrl(QueueUrl).url)),

    ListQueueTags: checked(INVALID, QueueUrl, ({ QueueUrl }) => {
      const { tags } = queues.byUrl(QueueUrl);
      return Object.keys(tags).length > 0 ? { Tags: tags } : {};
    }),

    TagQueue: checked(INVALID, QueueUrl.extend({ Tags: Attributes }), ({ QueueUrl, Tags }) => {
      const { url, tags } = queues.byUrl(QueueUrl);
      if (Object.keys({ ...tags, ...Tags }).length > MAX_TAGS) {
        throw new SimulatedAwsError(INVALID, `Too many tags, expected at most ${MAX_TAGS}.`);
      }
      account.tagQueue(url, Tags);
    }),

    UntagQueue: checked(INVALID, QueueUrl.extend({ TagKeys: z.array(z.string()) }), ({ QueueUrl, TagKeys }) =>
      account.untagQueue(queues.byUrl(QueueUrl).url, TagKeys),
    ),

    ListDeadLetterSourceQueues: checked(
      INVALID,
      QueueUrl.extend({
        NextToken: z.string().optional(),
        MaxResults: wholeNumber(1, QUEUES_PER_PAGE).optional(),
      }),
      ({ QueueUrl, NextToken, MaxResults = QUEUES_PER_PAGE }) => {
        const { arn } = queues.byUrl(QueueUrl);
        const sources = queues.all().filter((queue) => {
          const policy: unknown = JSON.parse(queue.attributes()["RedrivePolicy"] ?? "{}");
          return z.object({ deadLetterTargetArn: z.literal(arn) }).safeParse(policy).success;
        });
        const urls = sources.map(({ url }) => url);
        const page = pageOf(urls, MaxResults, NextToken, refuseToken);
        return { queueUrls: page.items, NextToken: page.nextToken };
      },
    ),

    ...messageOperations(account, queues),
  };

  return {
    name: "sqs",
    operations,
    throttled: { code: "RequestThrottled", httpStatus: 400 },
    accessDenied: { code: "AccessDenied", httpStatus: 403 },
    unknownOperation: { code: "InvalidAction", httpStatus: 400 },
  };
}
