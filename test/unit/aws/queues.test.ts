import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createQueues } from "../../../aws/queues.ts";
import type { QueueTagIndex } from "../../../aws/tags.ts";
import { QueueSettings } from "../../../core/model/delivery-path.ts";
import { awsError } from "../../support/aws-errors.ts";

const ARN = "arn:aws:sqs:us-east-1:123456789012:orders";
const URL = "https://sqs.us-east-1.amazonaws.com/123456789012/orders";
const ATTRIBUTES = {
  VisibilityTimeout: "30",
  DelaySeconds: "0",
  MessageRetentionPeriod: "345600",
};

const sqs = mockClient(SQSClient);
const queues = createQueues(connect({ region: "us-east-1" }));

beforeEach(() => {
  sqs.reset();
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: URL });
  sqs.on(GetQueueAttributesCommand).resolves({ Attributes: ATTRIBUTES });
  sqs.on(ListQueueTagsCommand).resolves({});
});

describe("describeQueue", () => {
  test("reads a plain standard queue by name and account", async () => {
    const settings = await queues.describeQueue(ARN);
    expect(settings).toStrictEqual({
      url: URL,
      visibilityTimeoutSeconds: 30,
      fifo: false,
      contentBasedDeduplication: false,
      delaySeconds: 0,
      messageRetentionSeconds: 345_600,
      tags: {},
    });
    expect(QueueSettings.parse(settings)).toStrictEqual(settings);
    expect(sqs.commandCalls(GetQueueUrlCommand)[0]?.args[0].input).toStrictEqual({
      QueueName: "orders",
      QueueOwnerAWSAccountId: "123456789012",
    });
  });

  test("asks for all attributes: to name a FIFO attribute on a standard queue is an error at AWS", async () => {
    await queues.describeQueue(ARN);
    const [call] = sqs.commandCalls(GetQueueAttributesCommand);
    expect(call?.args[0].input.AttributeNames).toStrictEqual(["All"]);
  });

  test("reads a FIFO queue with dead letters, tags and owning stack", async () => {
    const deadLetterTargetArn = `${ARN}-dlq.fifo`;
    sqs.on(GetQueueAttributesCommand).resolves({
      Attributes: {
        ...ATTRIBUTES,
        FifoQueue: "true",
        ContentBasedDeduplication: "true",
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 }),
      },
    });
    const tags = {
      team: "payments",
      "aws:cloudformation:stack-name": "Payments",
      "aws:cloudformation:logical-id": "OrdersQueue",
    };
    sqs.on(ListQueueTagsCommand).resolves({ Tags: tags });
    expect(await queues.describeQueue(ARN)).toMatchObject({
      fifo: true,
      contentBasedDeduplication: true,
      redrive: { deadLetterTargetArn, maxReceiveCount: 5 },
      tags,
      owner: { stackName: "Payments", logicalId: "OrdersQueue" },
    });
  });

  test.each([
    { policy: '{"deadLetterTargetArn":"a","maxReceiveCount":"3"}', redrive: { maxReceiveCount: 3 } },
    { policy: "", redrive: undefined },
  ])("redrive policy $policy", async ({ policy, redrive }) => {
    sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { ...ATTRIBUTES, RedrivePolicy: policy } });
    const { redrive: read } = await queues.describeQueue(ARN);
    if (redrive === undefined) expect(read).toBeUndefined();
    else expect(read).toMatchObject(redrive);
  });

  test.each([
    { attributes: {}, reason: "expected VisibilityTimeout as a whole number, got undefined" },
    {
      attributes: { ...ATTRIBUTES, VisibilityTimeout: "soon" },
      reason: 'expected VisibilityTimeout as a whole number, got "soon"',
    },
    ...["not json", "{}", "null", '{"deadLetterTargetArn":"a","maxReceiveCount":"many"}'].map((policy) => ({
      attributes: { ...ATTRIBUTES, RedrivePolicy: policy },
      reason: `expected RedrivePolicy with deadLetterTargetArn and maxReceiveCount, got ${policy}`,
    })),
  ])("$reason", async ({ attributes, reason }) => {
    sqs.on(GetQueueAttributesCommand).resolves({ Attributes: attributes });
    await expect(queues.describeQueue(ARN)).rejects.toMatchObject({
      name: "UnreadableError",
      resource: ARN,
      reason,
    });
  });

  test.each(["", "orders", "arn:aws:sns:us-east-1:123456789012:orders", "arn:aws:sqs:us-east-1::orders"])(
    'refuses the ARN "%s"',
    async (arn) => {
      await expect(queues.describeQueue(arn)).rejects.toMatchObject({ name: "UnreadableError" });
      expect(sqs.calls()).toHaveLength(0);
    },
  );

  test.each([
    { action: "sqs:GetQueueUrl", stub: () => sqs.on(GetQueueUrlCommand) },
    { action: "sqs:GetQueueAttributes", stub: () => sqs.on(GetQueueAttributesCommand) },
  ])("names $action when it is denied (I8)", async ({ action, stub }) => {
    stub().rejects(awsError("AccessDenied", { status: 403 }));
    await expect(queues.describeQueue(ARN)).rejects.toMatchObject({
      name: "UnreadableError",
      resource: ARN,
      reason: expect.stringContaining(`${action} is not allowed`),
    });
  });

  test("a queue deleted between two calls is unreadable", async () => {
    sqs.on(GetQueueAttributesCommand).rejects(awsError("QueueDoesNotExist"));
    await expect(queues.describeQueue(ARN)).rejects.toMatchObject({
      name: "UnreadableError",
      reason: expect.stringContaining("does not exist"),
    });
  });

  test("without its tags the queue is still described, and the tags are listed as unreadable (I8)", async () => {
    sqs.on(ListQueueTagsCommand).rejects(awsError("AccessDenied", { status: 403 }));
    expect(await queues.describeQueue(ARN)).toMatchObject({
      visibilityTimeoutSeconds: 30,
      tags: {},
      unreadable: [
        { resource: ARN, reason: expect.stringMatching(/^tags: sqs:ListQueueTags is not allowed/) },
      ],
    });
  });

  test("expired credentials stop the scan, wherever they show", async () => {
    sqs.on(ListQueueTagsCommand).rejects(awsError("ExpiredToken", { status: 403 }));
    await expect(queues.describeQueue(ARN)).rejects.toMatchObject({ name: "AccountUnreadableError" });
  });
});

describe("forMany", () => {
  const arnOf = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;
  const urlOf = (name: string) => `https://sqs.us-east-1.amazonaws.com/123456789012/${name}`;
  const NAMES = Array.from({ length: 12 }, (_, index) => `q${index}`);
  const WANTED = NAMES.map(arnOf);
  /** An index that knows the tags of these queues. */
  const indexOf = (
    tags: Readonly<Record<string, Record<string, string>>>,
    complete = true,
  ): QueueTagIndex => {
    return async () => ({ byKey: new Map(Object.entries(tags)), complete });
  };
  const asked = () => ({
    urls: sqs.commandCalls(GetQueueUrlCommand).map(({ args }) => args[0].input.QueueName),
    tags: sqs.commandCalls(ListQueueTagsCommand).map(({ args }) => args[0].input.QueueUrl),
  });
  async function describeAll(arns: readonly string[], index?: QueueTagIndex) {
    const many = await createQueues(connect({ region: "us-east-1" }), index).forMany(arns);
    return Promise.all(arns.map((arn) => many.describeQueue(arn)));
  }

  beforeEach(() => {
    sqs.on(ListQueuesCommand).resolves({ QueueUrls: NAMES.map(urlOf) });
  });

  test("one call a queue is left: URLs and tags are listed", async () => {
    const tags = { "aws:cloudformation:stack-name": "Payments" };
    const [first, second] = await describeAll(WANTED, indexOf({ [arnOf("q0")]: tags }));
    expect(first).toStrictEqual({
      url: urlOf("q0"),
      visibilityTimeoutSeconds: 30,
      fifo: false,
      contentBasedDeduplication: false,
      delaySeconds: 0,
      messageRetentionSeconds: 345_600,
      tags,
      owner: { stackName: "Payments" },
    });
    expect(second).toMatchObject({ url: urlOf("q1"), tags: {} });
    expect(asked()).toEqual({ urls: [], tags: [] });
    expect(sqs.calls()).toHaveLength(1 + WANTED.length);
  });

  test("pages of a thousand URLs", async () => {
    sqs
      .on(ListQueuesCommand)
      .resolvesOnce({ QueueUrls: NAMES.slice(0, 6).map(urlOf), NextToken: "t" })
      .resolvesOnce({ QueueUrls: NAMES.slice(6).map(urlOf) });
    await describeAll(WANTED, indexOf({}));
    expect(sqs.commandCalls(ListQueuesCommand).map(({ args }) => args[0].input)).toStrictEqual([
      { MaxResults: 1000 },
      { MaxResults: 1000, NextToken: "t" },
    ]);
    expect(asked().urls).toEqual([]);
  });

  test("a queue that is not listed is asked for its URL: also one of that name in another account", async () => {
    const other = "arn:aws:sqs:us-east-1:999999999999:q0";
    sqs.on(ListQueuesCommand).resolves({ QueueUrls: [...NAMES.slice(0, 11).map(urlOf), "nonsense"] });
    await describeAll([...WANTED, other], indexOf({}));
    expect(sqs.commandCalls(GetQueueUrlCommand).map(({ args }) => args[0].input)).toStrictEqual([
      { QueueName: "q11", QueueOwnerAWSAccountId: "123456789012" },
      { QueueName: "q0", QueueOwnerAWSAccountId: "999999999999" },
    ]);
  });

  test("few queues are asked one by one", async () => {
    await describeAll(WANTED.slice(0, 10));
    expect(sqs.commandCalls(ListQueuesCommand)).toHaveLength(0);
    expect(asked().urls).toHaveLength(10);
    expect(asked().tags).toHaveLength(10);
  });

  test.each([
    { name: "without an index", index: undefined, untagged: 12 },
    { name: "an index that may not be read", index: indexOf({}, false), untagged: 12 },
    {
      name: "an index that ended early",
      index: indexOf({ [arnOf("q1")]: { team: "a" } }, false),
      untagged: 11,
    },
  ])("$name, queues are asked for their tags", async ({ index, untagged }) => {
    sqs.on(ListQueueTagsCommand).resolves({ Tags: { team: "b" } });
    const described = await describeAll(WANTED, index);
    expect(asked().tags).toHaveLength(untagged);
    expect(described.filter(({ tags }) => tags["team"] === "b")).toHaveLength(untagged);
  });

  test("I8, I9: without both listings each queue is asked, and says itself what is denied", async () => {
    sqs.on(ListQueuesCommand).rejects(awsError("AccessDenied", { status: 403 }));
    sqs.on(ListQueueTagsCommand).rejects(awsError("AccessDenied", { status: 403 }));
    const described = await describeAll(WANTED, indexOf({}, false));
    expect(asked().urls).toHaveLength(12);
    expect(described[11]).toMatchObject({
      tags: {},
      unreadable: [
        { resource: arnOf("q11"), reason: expect.stringMatching(/^tags: sqs:ListQueueTags is not/) },
      ],
    });
  });

  test("expired credentials end the scan", async () => {
    sqs.on(ListQueuesCommand).rejects(awsError("ExpiredToken", { status: 403 }));
    await expect(describeAll(WANTED)).rejects.toMatchObject({ name: "AccountUnreadableError" });
  });

  test("I9: what is no ARN of a queue is that queue's trouble alone", async () => {
    const many = await createQueues(connect({ region: "us-east-1" })).forMany([...WANTED, "orders"]);
    expect(await many.describeQueue(arnOf("q3"))).toMatchObject({ url: urlOf("q3") });
    await expect(many.describeQueue("orders")).rejects.toMatchObject({ name: "UnreadableError" });
  });
});

describe("sampleReceiveCounts", () => {
  const message = (id: number, count: string) => ({
    MessageId: `m-${id}`,
    ReceiptHandle: `r-${id}`,
    Body: "secret",
    Attributes: { ApproximateReceiveCount: count },
  });

  test("receives ten at most, once, shows them again at once, and keeps counts only (I7)", async () => {
    sqs.on(ReceiveMessageCommand).resolves({ Messages: [message(1, "1"), message(2, "4")] });
    sqs.on(ChangeMessageVisibilityBatchCommand).resolves({ Successful: [], Failed: [] });
    expect(await queues.sampleReceiveCounts(URL, ARN)).toStrictEqual({
      queueArn: ARN,
      messages: 2,
      maxReceiveCount: 4,
    });
    const receives = sqs.commandCalls(ReceiveMessageCommand);
    expect(receives).toHaveLength(1);
    expect(receives[0]?.args[0].input).toMatchObject({
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    });
    const [shown] = sqs.commandCalls(ChangeMessageVisibilityBatchCommand);
    expect(shown?.args[0].input).toStrictEqual({
      QueueUrl: URL,
      Entries: [
        { Id: "0", ReceiptHandle: "r-1", VisibilityTimeout: 0 },
        { Id: "1", ReceiptHandle: "r-2", VisibilityTimeout: 0 },
      ],
    });
  });

  test("an empty queue gives zero, and nothing is to be shown again", async () => {
    sqs.on(ReceiveMessageCommand).resolves({});
    expect(await queues.sampleReceiveCounts(URL, ARN)).toMatchObject({ messages: 0, maxReceiveCount: 0 });
    expect(sqs.commandCalls(ChangeMessageVisibilityBatchCommand)).toHaveLength(0);
  });

  test.each([
    { action: "sqs:ReceiveMessage", stub: () => sqs.on(ReceiveMessageCommand) },
    {
      action: "sqs:ChangeMessageVisibility",
      stub: () => sqs.on(ChangeMessageVisibilityBatchCommand),
    },
  ])("names $action when it is denied", async ({ action, stub }) => {
    sqs.on(ReceiveMessageCommand).resolves({ Messages: [message(1, "1")] });
    stub().rejects(awsError("AccessDenied", { status: 403 }));
    await expect(queues.sampleReceiveCounts(URL, ARN)).rejects.toMatchObject({
      name: "UnreadableError",
      resource: ARN,
      reason: expect.stringContaining(`${action} is not allowed`),
    });
  });
});
