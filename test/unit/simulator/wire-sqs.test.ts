import {
  BatchEntryIdsNotDistinct,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  EmptyBatchRequest,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  InvalidAttributeName,
  InvalidAttributeValue,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  paginateListQueues,
  QueueDoesNotExist,
  QueueNameExists,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  TooManyEntriesInBatchRequest,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test } from "@jest/globals";
import { ACCOUNT_ID, queueArn } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

async function start(queues: readonly string[] = ["orders"]) {
  const { server, settings } = await startWire({ queues });
  return { server, sqs: new SQSClient(settings), QueueUrl: `${server.url}/${ACCOUNT_ID}/${queues[0]}` };
}

describe("SQS queues over the wire", () => {
  test("2,500 queues come in pages of 1,000 when a page size is asked for", async () => {
    const names = Array.from({ length: 2500 }, (_, index) => `queue-${index}`);
    const { sqs } = await start(names);
    const sizes: number[] = [];
    for await (const page of paginateListQueues({ client: sqs, pageSize: 1000 }, {})) {
      sizes.push(page.QueueUrls?.length ?? 0);
    }
    expect(sizes).toEqual([1000, 1000, 500]);
  });

  test("without a page size only the first 1,000 come, and no token", async () => {
    const names = Array.from({ length: 1001 }, (_, index) => `queue-${index}`);
    const { sqs } = await start(names);
    const { QueueUrls, NextToken } = await sqs.send(new ListQueuesCommand({}));
    expect(QueueUrls).toHaveLength(1000);
    expect(NextToken).toBeUndefined();
  });

  test("a prefix selects queues, and a foreign token is refused", async () => {
    const { sqs } = await start(["orders", "orders-dlq", "invoices"]);
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "orders" }));
    expect(QueueUrls?.map((url) => url.split("/").at(-1))).toEqual(["orders", "orders-dlq"]);
    await expect(sqs.send(new ListQueuesCommand({ NextToken: "made-up" }))).rejects.toMatchObject({
      message: expect.stringContaining("next token"),
    });
  });

  test("attributes are those asked for; All gives all; none gives none", async () => {
    const { sqs, QueueUrl } = await start();
    const read = async (AttributeNames: ("All" | "QueueArn")[]) =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
    expect(await read(["QueueArn"])).toEqual({ QueueArn: queueArn("orders") });
    expect(await read(["All"])).toEqual({ QueueArn: queueArn("orders"), VisibilityTimeout: "30" });
    expect(await read([])).toBeUndefined();
  });

  test("the URL of a queue leads to its attributes, whatever host the client was given", async () => {
    const { sqs } = await start();
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "orders" }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout"] }),
    );
    expect(Attributes).toEqual({ VisibilityTimeout: "30" });
  });

  test("set, tag and untag change the queue; delete and create end and begin one", async () => {
    const { sqs, QueueUrl } = await start();
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "180" } }));
    const read = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout"] });
    expect((await sqs.send(read)).Attributes).toEqual({ VisibilityTimeout: "180" });

    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { owner: "me" } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["team"] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ owner: "me" });

    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(sqs.send(read)).rejects.toBeInstanceOf(QueueDoesNotExist);
    await sqs.send(new CreateQueueCommand({ QueueName: "orders", Attributes: { VisibilityTimeout: "60" } }));
    expect((await sqs.send(read)).Attributes).toEqual({ VisibilityTimeout: "60" });
  });

  test("a dead-letter queue lists the queues that redrive to it", async () => {
    const { sqs, server } = await start(["orders-dlq", "orders", "invoices"]);
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: `${server.url}/${ACCOUNT_ID}/orders`,
        Attributes: {
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("orders-dlq"), maxReceiveCount: 5 }),
        },
      }),
    );
    const { queueUrls } = await sqs.send(
      new ListDeadLetterSourceQueuesCommand({ QueueUrl: `${server.url}/${ACCOUNT_ID}/orders-dlq` }),
    );
    expect(queueUrls).toEqual([`${server.url}/${ACCOUNT_ID}/orders`]);
  });
});

describe("SQS messages over the wire", () => {
  test("what is sent is received with its checked MD5 sums and the attributes asked for", async () => {
    const { sqs, QueueUrl } = await start();
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "größe",
        MessageAttributes: {
          trace: { DataType: "String", StringValue: "abc" },
          other: { DataType: "Number", StringValue: "1" },
        },
      }),
    );
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
        MessageAttributeNames: ["tr.*"],
      }),
    );
    expect(Messages).toEqual([
      expect.objectContaining({
        Body: "größe",
        Attributes: { ApproximateReceiveCount: "1" },
        MessageAttributes: { trace: { DataType: "String", StringValue: "abc" } },
      }),
    ]);
  });

  test("the MD5 of message attributes is the one that AWS documents", async () => {
    const { sqs, QueueUrl } = await start();
    const { MD5OfMessageAttributes } = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "x",
        MessageAttributes: { a: { DataType: "String", StringValue: "b" } },
      }),
    );
    // printf '\0\0\0\1a\0\0\0\6String\1\0\0\0\1b' | md5sum
    expect(MD5OfMessageAttributes).toBe("bef8bf215374a0a228d67533b1a488be");
  });

  test("an empty queue answers no messages, and a received message is not received twice", async () => {
    const { sqs, QueueUrl } = await start();
    const receive = () => sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect((await receive()).Messages).toBeUndefined();
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "a", MessageBody: "1" },
          { Id: "b", MessageBody: "2" },
        ],
      }),
    );
    const { Messages = [] } = await receive();
    expect(Messages.map(({ Body }) => Body)).toEqual(["1", "2"]);
    expect((await receive()).Messages).toBeUndefined();
    const [first] = Messages;
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: first?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    expect((await receive()).Messages).toHaveLength(1);
  });

  test("a batch deletes what it can and names what it cannot", async () => {
    const { sqs, QueueUrl } = await start();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "1" }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const { Successful, Failed } = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "good", ReceiptHandle: Messages[0]?.ReceiptHandle },
          { Id: "bad", ReceiptHandle: "made-up" },
        ],
      }),
    );
    expect(Successful).toEqual([{ Id: "good" }]);
    expect(Failed).toEqual([expect.objectContaining({ Id: "bad", Code: "ReceiptHandleIsInvalid" })]);
  });

  test("a purged queue is empty", async () => {
    const { sqs, QueueUrl } = await start();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "1" }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toBeUndefined();
  });
});

describe("SQS errors over the wire", () => {
  test.each([
    {
      name: "an unknown queue",
      run: (sqs: SQSClient) => sqs.send(new GetQueueUrlCommand({ QueueName: "nowhere" })),
      type: QueueDoesNotExist,
      code: "AWS.SimpleQueueService.NonExistentQueue",
    },
    {
      name: "an unknown attribute",
      run: (sqs: SQSClient, QueueUrl: string) => {
        const Attributes: Record<string, string> = { Colour: "red" };
        return sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
      },
      type: InvalidAttributeName,
      code: "InvalidAttributeName",
    },
    {
      name: "a visibility timeout above twelve hours",
      run: (sqs: SQSClient, QueueUrl: string) =>
        sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "43201" } })),
      type: InvalidAttributeValue,
      code: "InvalidAttributeValue",
    },
    {
      name: "a taken name with other settings",
      run: (sqs: SQSClient) =>
        sqs.send(new CreateQueueCommand({ QueueName: "orders", Attributes: { VisibilityTimeout: "31" } })),
      type: QueueNameExists,
      code: "QueueAlreadyExists",
    },
    {
      name: "a receipt handle that is none",
      run: (sqs: SQSClient, QueueUrl: string) =>
        sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: "x", VisibilityTimeout: 0 })),
      type: ReceiptHandleIsInvalid,
      code: "ReceiptHandleIsInvalid",
    },
    {
      name: "an empty batch",
      run: (sqs: SQSClient, QueueUrl: string) =>
        sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })),
      type: EmptyBatchRequest,
      code: "AWS.SimpleQueueService.EmptyBatchRequest",
    },
    {
      name: "eleven entries",
      run: (sqs: SQSClient, QueueUrl: string) =>
        sqs.send(
          new SendMessageBatchCommand({
            QueueUrl,
            Entries: Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: "x" })),
          }),
        ),
      type: TooManyEntriesInBatchRequest,
      code: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    },
    {
      name: "one id twice",
      run: (sqs: SQSClient, QueueUrl: string) =>
        sqs.send(
          new SendMessageBatchCommand({
            QueueUrl,
            Entries: [
              { Id: "a", MessageBody: "1" },
              { Id: "a", MessageBody: "2" },
            ],
          }),
        ),
      type: BatchEntryIdsNotDistinct,
      code: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
    },
  ])("$name is the SDK's $type.name", async ({ run, type, code }) => {
    const { sqs, QueueUrl } = await start();
    const error = await run(sqs, QueueUrl).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ Code: code });
  });

  test("a queue of another account is denied", async () => {
    const { sqs, server } = await start();
    await expect(
      sqs.send(new GetQueueAttributesCommand({ QueueUrl: `${server.url}/999999999999/orders` })),
    ).rejects.toMatchObject({ Code: "AccessDenied", $metadata: { httpStatusCode: 403 } });
  });

  test("a parameter out of range is refused with its name", async () => {
    const { sqs, QueueUrl } = await start();
    await expect(
      sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })),
    ).rejects.toMatchObject({
      Code: "InvalidParameterValue",
      message: expect.stringContaining("MaxNumberOfMessages"),
    });
  });
});
