import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createNotifier, MESSAGE_LIMIT_BYTES } from "../../../aws/notifier.ts";
import { awsError, networkError } from "../../support/aws-errors.ts";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:digest";

const sns = mockClient(SNSClient);
const notifier = createNotifier(connect({ region: "us-east-1" }), TOPIC);
const notification = { subject: "Doubletake: 1 new", text: "One queue …", json: { new: 1 } };

beforeEach(() => {
  sns.reset();
  sns.on(PublishCommand).resolves({ MessageId: "m" });
});

describe("publish", () => {
  test("one message: text for e-mail, JSON for every other subscriber", async () => {
    await notifier.publish(notification);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(1);
    const { Message, ...input } = sns.commandCalls(PublishCommand)[0]?.args[0].input ?? {};
    expect(input).toStrictEqual({
      TopicArn: TOPIC,
      Subject: "Doubletake: 1 new",
      MessageStructure: "json",
    });
    const bodies = JSON.parse(Message ?? "") as Record<string, string>;
    expect(bodies["email"]).toBe("One queue …");
    expect(JSON.parse(bodies["default"] ?? "")).toStrictEqual({ new: 1 });
  });

  test.each([
    { what: "empty", subject: "" },
    { what: "of 100 characters", subject: "x".repeat(100) },
    { what: "with a line break", subject: "a\nb" },
    { what: "not ASCII", subject: "Zürich" },
    { what: "that begins with a space", subject: " a" },
  ])("refuses a subject $what, which SNS would", async ({ subject }) => {
    await expect(notifier.publish({ ...notification, subject })).rejects.toMatchObject({
      name: "ContractError",
    });
    expect(sns.calls()).toHaveLength(0);
  });

  test("takes a subject of 99 characters", async () => {
    await notifier.publish({ ...notification, subject: "x".repeat(99) });
    expect(sns.calls()).toHaveLength(1);
  });

  test("takes a message of SNS's limit and refuses one byte more; bytes count, not characters", async () => {
    const frame = Buffer.byteLength(JSON.stringify({ default: "null", email: "" }));
    const fits = "ü".repeat((MESSAGE_LIMIT_BYTES - frame) / 2);
    const padding = "x".repeat((MESSAGE_LIMIT_BYTES - frame) % 2);
    await notifier.publish({ ...notification, json: null, text: fits + padding });
    await expect(
      notifier.publish({ ...notification, json: null, text: `${fits + padding}x` }),
    ).rejects.toMatchObject({
      name: "ContractError",
      message: `expected a notification of at most 262144 bytes, got 262145`,
    });
    expect(sns.calls()).toHaveLength(1);
  });

  test("one for a single recipient says so in an attribute, for filter policies to see", async () => {
    await notifier.publish({ ...notification, recipient: "ann@example.com" });
    expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.MessageAttributes).toStrictEqual({
      recipient: { DataType: "String", StringValue: "ann@example.com" },
    });
  });

  test("the recipient counts as a part of the message", async () => {
    const frame = Buffer.byteLength(JSON.stringify({ default: "null", email: "" }));
    const attribute = "recipientStringann@example.com".length;
    const message = {
      ...notification,
      json: null,
      text: "x".repeat(MESSAGE_LIMIT_BYTES - frame - attribute),
      recipient: "ann@example.com",
    };
    await notifier.publish(message);
    await expect(notifier.publish({ ...message, text: `${message.text}x` })).rejects.toMatchObject({
      name: "ContractError",
    });
    expect(sns.calls()).toHaveLength(1);
  });

  test.each([
    { error: awsError("ThrottledException", { status: 429 }), name: "TransientError" },
    { error: awsError("NotFoundException", { status: 404 }), name: "ConfigError" },
    { error: awsError("AuthorizationErrorException", { status: 403 }), name: "ConfigError" },
    { error: awsError("InvalidParameterException"), name: "ContractError" },
    { error: networkError("ECONNREFUSED"), name: "AccountUnreadableError" },
    { error: networkError("ECONNRESET"), name: "OutcomeUnknownError" },
    { error: awsError("TimeoutError"), name: "OutcomeUnknownError" },
    { error: awsError("InternalErrorException", { status: 500 }), name: "OutcomeUnknownError" },
  ])("$error → $name", async ({ error, name }) => {
    sns.on(PublishCommand).rejects(error);
    await expect(notifier.publish(notification)).rejects.toMatchObject({ name, cause: error });
  });
});
