import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createSubscriptions } from "../../../aws/subscriptions.ts";
import { awsError } from "../../support/aws-errors.ts";

const TOPIC = "arn:aws-cn:sns:cn-north-1:123456789012:approvals";

const sns = mockClient(SNSClient);
const subscriptions = createSubscriptions(connect({ region: "us-east-1" }));
const mail = (Endpoint: string, SubscriptionArn: string) => ({
  Protocol: "email",
  Endpoint,
  SubscriptionArn,
});

beforeEach(() => {
  sns.reset();
});

describe("list", () => {
  test("follows the token to the last page, an empty one included", async () => {
    sns
      .on(ListSubscriptionsByTopicCommand)
      .resolvesOnce({ Subscriptions: [mail("ann@example.com", `${TOPIC}:1`)], NextToken: "n1" })
      .resolvesOnce({ Subscriptions: [], NextToken: "n2" })
      .resolvesOnce({ Subscriptions: [mail("bob@example.com", `${TOPIC}:2`)], NextToken: "" });
    expect(await subscriptions.list(TOPIC)).toStrictEqual([
      { endpoint: "ann@example.com", protocol: "email", confirmed: true },
      { endpoint: "bob@example.com", protocol: "email", confirmed: true },
    ]);
    expect(sns.calls().map(({ args }) => args[0].input)).toStrictEqual([
      { TopicArn: TOPIC },
      { TopicArn: TOPIC, NextToken: "n1" },
      { TopicArn: TOPIC, NextToken: "n2" },
    ]);
  });

  test.each([
    { arn: `${TOPIC}:1`, confirmed: true },
    { arn: "PendingConfirmation", confirmed: false },
    { arn: "Deleted", confirmed: false },
    { arn: undefined, confirmed: false },
  ])("$arn → confirmed $confirmed", async ({ arn, confirmed }) => {
    sns.on(ListSubscriptionsByTopicCommand).resolves({
      Subscriptions: [
        { Protocol: "email", Endpoint: "ann@example.com", ...(arn && { SubscriptionArn: arn }) },
      ],
    });
    expect(await subscriptions.list(TOPIC)).toMatchObject([{ confirmed }]);
  });

  test("nobody is subscribed", async () => {
    sns.on(ListSubscriptionsByTopicCommand).resolves({});
    expect(await subscriptions.list(TOPIC)).toStrictEqual([]);
  });

  test.each([
    { code: "NotFoundException", name: "ConfigError" },
    { code: "AuthorizationErrorException", name: "ConfigError" },
    { code: "ThrottledException", name: "TransientError" },
  ])("$code → $name", async ({ code, name }) => {
    sns.on(ListSubscriptionsByTopicCommand).rejects(awsError(code));
    await expect(subscriptions.list(TOPIC)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(TOPIC),
    });
  });
});
