import {
  CreateTopicCommand,
  InvalidParameterException,
  ListTopicsCommand,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, test } from "@jest/globals";
import { ACCOUNT_ID, NOW_MS, queueArn } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

async function start() {
  const { server, settings } = await startWire({ queues: ["inbox"] });
  const sns = new SNSClient(settings);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "digest" }));
  const receive = async () => {
    const QueueUrl = `${server.url}/${ACCOUNT_ID}/inbox`;
    const { Messages = [] } = await new SQSClient(settings).send(new ReceiveMessageCommand({ QueueUrl }));
    return Messages[0]?.Body;
  };
  return { server, settings, sns, TopicArn, receive };
}

describe("SNS over the wire", () => {
  test("a message by protocol is published as told, with subject and attributes", async () => {
    const { server, sns, TopicArn } = await start();
    const bodies = { default: "d", email: "<text> & more\nlines", sqs: '{"a":1}' };
    const { MessageId } = await sns.send(
      new PublishCommand({
        TopicArn,
        Subject: "New duplicates",
        MessageStructure: "json",
        Message: JSON.stringify(bodies),
        MessageAttributes: { severity: { DataType: "String", StringValue: "high" } },
      }),
    );
    const expected = {
      messageId: MessageId,
      topicArn: TopicArn,
      subject: "New duplicates",
      bodies,
      attributes: { severity: "high" },
      mails: [],
      timeMs: NOW_MS,
    };
    expect(server.published()).toEqual([expected]);
    const told = await fetch(`${server.url}/_simulator/published`);
    expect(await told.json()).toEqual([expected]);
  });

  test("a subscribed queue gets the envelope with the body for sqs", async () => {
    const { sns, TopicArn, receive } = await start();
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queueArn("inbox") }));
    const message = { default: "d", sqs: "for queues" };
    const { MessageId } = await sns.send(
      new PublishCommand({ TopicArn, MessageStructure: "json", Message: JSON.stringify(message) }),
    );
    expect(JSON.parse((await receive()) ?? "")).toMatchObject({
      Type: "Notification",
      MessageId,
      TopicArn,
      Message: "for queues",
    });
  });

  test("raw delivery sends the body alone", async () => {
    const { sns, TopicArn, receive } = await start();
    const Attributes = { RawMessageDelivery: "true" };
    await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queueArn("inbox"), Attributes }),
    );
    await sns.send(new PublishCommand({ TopicArn, Message: "plain" }));
    expect(await receive()).toBe("plain");
  });

  test("topics are listed", async () => {
    const { sns, TopicArn } = await start();
    expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
  });

  test("a batch publishes the good entries and names the bad ones", async () => {
    const { server, sns, TopicArn } = await start();
    const { Successful, Failed } = await sns.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: "good", Message: "1" },
          { Id: "bad", Message: "{}", MessageStructure: "json" },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(["good"]);
    expect(Failed).toEqual([expect.objectContaining({ Id: "bad", Code: "InvalidParameter" })]);
    expect(server.published()).toHaveLength(1);
  });

  test.each<{ name: string; input: Partial<PublishCommandInput> }>([
    {
      name: "a JSON structure without default",
      input: { MessageStructure: "json", Message: '{"email":"x"}' },
    },
    { name: "a default that is no text", input: { MessageStructure: "json", Message: '{"default":{}}' } },
    { name: "a JSON structure that is no JSON", input: { MessageStructure: "json", Message: "x" } },
    { name: "an empty message", input: { Message: "" } },
    { name: "a message over 256 KiB", input: { Message: "x".repeat(262_145) } },
    { name: "a subject of 101 characters", input: { Message: "x", Subject: "s".repeat(101) } },
    { name: "a subject with a line break", input: { Message: "x", Subject: "a\nb" } },
  ])("$name is InvalidParameter and nothing is published", async ({ input }) => {
    const { server, sns, TopicArn } = await start();
    const request = { TopicArn, Message: undefined, ...input };
    await expect(sns.send(new PublishCommand(request))).rejects.toBeInstanceOf(InvalidParameterException);
    expect(server.published()).toEqual([]);
  });

  test("a topic that does not exist is NotFound", async () => {
    const { sns, TopicArn } = await start();
    const request = new PublishCommand({ TopicArn: `${TopicArn}-other`, Message: "x" });
    await expect(sns.send(request)).rejects.toBeInstanceOf(NotFoundException);
  });
});

describe("STS over the wire", () => {
  test("tells the account", async () => {
    const { settings } = await start();
    const identity = await new STSClient(settings).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: ACCOUNT_ID, Arn: `arn:aws:iam::${ACCOUNT_ID}:user/simulated` });
  });
});
