import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { UnreadableError } from "../core/errors.ts";
import type { OwnerStack, QueueSettings } from "../core/model/delivery-path.ts";
import type { SampleResult } from "../core/model/measurement.ts";
import type { QueuesPort } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { resourceError } from "./errors.ts";
import { listWanted } from "./listing.ts";
import type { QueueTagIndex } from "./tags.ts";

/** The most that SQS gives. */
const QUEUES_A_PAGE = 1000;
const SAMPLE_SIZE = 10;
/** Only how long a sample stays hidden should the call that shows it again fail. */
const SAMPLE_VISIBILITY_SECONDS = 10;

type TagsOf = Pick<QueueSettings, "tags" | "owner" | "unreadable">;

/**
 * Queues through SQS. Only the sampling, which callers must have been allowed, ever receives a message.
 * @param tagIndex for many queues; without it each is asked for its tags.
 */
export function createQueues(connection: Connection, tagIndex?: QueueTagIndex): QueuesPort {
  // A queue's URL may name a host that only AWS, or an emulator's own network, can reach.
  const settings = { useQueueUrlAsEndpoint: false };
  const client = connection.client(SQSClient, settings);
  // A repeated receive would raise the receive counts a second time.
  const onceClient = connection.client(SQSClient, { ...settings, maxAttempts: 1 });

  async function describeQueue(queueArn: string): Promise<QueueSettings> {
    const url = await readUrl(queueArn);
    return { ...(await readAttributes(queueArn, url)), ...(await readTags(queueArn, url)) };
  }

  async function forMany(queueArns: Iterable<string>): Promise<Pick<QueuesPort, "describeQueue">> {
    const wanted = [...queueArns];
    const urls = await listUrls(wanted);
    const tags = await tagIndex?.(wanted);
    return {
      describeQueue: async (queueArn) => {
        const url = urls.get(placeOf(queueArn)) ?? (await readUrl(queueArn));
        const attributes = await readAttributes(queueArn, url);
        const listed = tags?.byKey.get(queueArn) ?? (tags?.complete ? {} : undefined);
        return { ...attributes, ...(listed ? withOwner(listed) : await readTags(queueArn, url)) };
      },
    };
  }

  /** By what a URL tells of its queue. */
  async function listUrls(queueArns: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { byKey } = await listWanted(queueArns.map(placeOf), "sqs:ListQueues", async (token) => {
      const { QueueUrls: urls = [], NextToken } = await client.send(
        new ListQueuesCommand({
          MaxResults: QUEUES_A_PAGE,
          ...(token !== undefined && { NextToken: token }),
        }),
      );
      return {
        entries: urls.map((url): [string, string] => [url.split("/").slice(-2).join("/"), url]),
        token: NextToken,
      };
    });
    return byKey;
  }

  async function readUrl(queueArn: string): Promise<string> {
    const { name, accountId } = parseQueueArn(queueArn);
    const { QueueUrl: url } = await client
      .send(new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: accountId }))
      .catch((error: unknown) => {
        throw resourceError(error, queueArn, "sqs:GetQueueUrl");
      });
    if (url === undefined) throw new UnreadableError(queueArn, "expected a queue URL, got none");
    return url;
  }

  async function readAttributes(queueArn: string, url: string): Promise<Omit<QueueSettings, "tags">> {
    // "All": to name FifoQueue on a standard queue is an error.
    const { Attributes: attributes = {} } = await client
      .send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }))
      .catch((error: unknown) => {
        throw resourceError(error, queueArn, "sqs:GetQueueAttributes");
      });
    return parseAttributes(queueArn, url, attributes);
  }

  /** Without its tags a queue can still be judged, so their absence is reported beside the settings. */
  async function readTags(queueArn: string, url: string): Promise<TagsOf> {
    try {
      const { Tags: tags = {} } = await client.send(new ListQueueTagsCommand({ QueueUrl: url }));
      return withOwner(tags);
    } catch (error) {
      const unreadable = resourceError(error, queueArn, "sqs:ListQueueTags");
      if (!(unreadable instanceof UnreadableError)) throw unreadable;
      return { tags: {}, unreadable: [{ resource: queueArn, reason: `tags: ${unreadable.reason}` }] };
    }
  }

  async function sampleReceiveCounts(queueUrl: string, queueArn: string): Promise<SampleResult> {
    const { Messages: messages = [] } = await onceClient
      .send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: SAMPLE_SIZE,
          VisibilityTimeout: SAMPLE_VISIBILITY_SECONDS,
          MessageSystemAttributeNames: ["ApproximateReceiveCount"],
        }),
      )
      .catch((error: unknown) => {
        throw resourceError(error, queueArn, "sqs:ReceiveMessage");
      });
    await showAgain(queueUrl, queueArn, messages);
    return {
      queueArn,
      messages: messages.length,
      maxReceiveCount: Math.max(0, ...messages.map(receiveCountOf)),
    };
  }

  async function showAgain(queueUrl: string, queueArn: string, messages: readonly Message[]): Promise<void> {
    const handles = messages.flatMap(({ ReceiptHandle }) =>
      ReceiptHandle === undefined ? [] : [ReceiptHandle],
    );
    if (handles.length === 0) return;
    // Entries that fail one by one come back by themselves after SAMPLE_VISIBILITY_SECONDS.
    await client
      .send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: handles.map((handle, index) => ({
            Id: String(index),
            ReceiptHandle: handle,
            VisibilityTimeout: 0,
          })),
        }),
      )
      .catch((error: unknown) => {
        throw resourceError(error, queueArn, "sqs:ChangeMessageVisibility");
      });
  }

  return { describeQueue, forMany, sampleReceiveCounts };
}

function parseQueueArn(arn: string): { name: string; accountId: string } {
  const [prefix, , service, , accountId, name, ...rest] = arn.split(":");
  if (prefix !== "arn" || service !== "sqs" || !accountId || !name || rest.length > 0) {
    throw new UnreadableError(arn, `expected the ARN of an SQS queue, got "${arn}"`);
  }
  return { name, accountId };
}

/** The account and name of a queue, as they end its URL. */
function placeOf(queueArn: string): string {
  return queueArn.split(":").slice(4).join("/");
}

function parseAttributes(
  queueArn: string,
  url: string,
  attributes: Readonly<Record<string, string>>,
): Omit<QueueSettings, "tags"> {
  const whole = (name: string): number => {
    const value = attributes[name];
    if (value === undefined || !/^\d+$/.test(value)) {
      throw new UnreadableError(queueArn, `expected ${name} as a whole number, got ${JSON.stringify(value)}`);
    }
    return Number(value);
  };
  const policy = attributes["RedrivePolicy"];
  return {
    url,
    visibilityTimeoutSeconds: whole("VisibilityTimeout"),
    fifo: attributes["FifoQueue"] === "true",
    contentBasedDeduplication: attributes["ContentBasedDeduplication"] === "true",
    delaySeconds: whole("DelaySeconds"),
    messageRetentionSeconds: whole("MessageRetentionPeriod"),
    ...(policy !== undefined && policy !== "" && { redrive: parseRedrivePolicy(queueArn, policy) }),
  };
}

function parseRedrivePolicy(queueArn: string, json: string): NonNullable<QueueSettings["redrive"]> {
  const policy = parseJson(json);
  const deadLetterTargetArn = policy?.["deadLetterTargetArn"];
  // AWS gives back what was set: a number or a string of digits.
  const maxReceiveCount = Number(policy?.["maxReceiveCount"]);
  if (typeof deadLetterTargetArn !== "string" || !Number.isInteger(maxReceiveCount)) {
    throw new UnreadableError(
      queueArn,
      `expected RedrivePolicy with deadLetterTargetArn and maxReceiveCount, got ${json}`,
    );
  }
  return { deadLetterTargetArn, maxReceiveCount };
}

function parseJson(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function ownerOf(tags: Readonly<Record<string, string>>): OwnerStack | undefined {
  const stackName = tags["aws:cloudformation:stack-name"];
  const logicalId = tags["aws:cloudformation:logical-id"];
  return stackName === undefined ? undefined : { stackName, ...(logicalId !== undefined && { logicalId }) };
}

function withOwner(tags: QueueSettings["tags"]): TagsOf {
  const owner = ownerOf(tags);
  return { tags, ...(owner !== undefined && { owner }) };
}

function receiveCountOf(message: Message): number {
  return Number(message.Attributes?.["ApproximateReceiveCount"] ?? 0);
}
