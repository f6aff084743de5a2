import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  InvalidParameterException,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  type MessageAttributeValue,
  NotFoundException,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  type SubscribeCommandInput,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test } from "@jest/globals";
import { ACCOUNT_ID, queueArn } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

const ANN = "ann@example.com";
const BEN = "ben@example.com";

async function start() {
  const { server, settings } = await startWire({ queues: ["inbox"] });
  const sns = new SNSClient(settings);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "approvals" }));
  const subscribe = async (Protocol: string, Endpoint: string, more: Partial<SubscribeCommandInput> = {}) =>
    (await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, ...more }))).SubscriptionArn;
  /** Subscribed to what is for this address only. */
  const subscribePerson = async (address: string) => {
    const Attributes = { FilterPolicy: JSON.stringify({ recipient: [address] }) };
    return await subscribe("email", address, { Attributes, ReturnSubscriptionArn: true });
  };
  const list = async () =>
    (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions ?? [];
  const counts = async () => {
    const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    return ["Confirmed", "Pending", "Deleted"].map((state) => Attributes[`Subscriptions${state}`]);
  };
  const attributesOf = async (SubscriptionArn: string | undefined) =>
    (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes;
  const confirm = async (Token: string, AuthenticateOnUnsubscribe?: string) =>
    (await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe })))
      .SubscriptionArn;
  const tokenOf = (address: string) =>
    server.pendingSubscriptions().find(({ endpoint }) => endpoint === address)?.token ?? "";
  /** Publishes, and tells which addresses it was mailed to. */
  const mailed = async (MessageAttributes?: Record<string, MessageAttributeValue>) => {
    await sns.send(new PublishCommand({ TopicArn, Message: "hello", MessageAttributes }));
    return server.published().at(-1)?.mails;
  };
  const received = async () => {
    const QueueUrl = `${server.url}/${ACCOUNT_ID}/inbox`;
    const { Messages = [] } = await new SQSClient(settings).send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    return Messages.length;
  };
  const calls = {
    subscribe,
    subscribePerson,
    list,
    counts,
    attributesOf,
    confirm,
    tokenOf,
    mailed,
    received,
  };
  return { server, sns, TopicArn, ...calls };
}

describe("confirmation of subscriptions over the wire", () => {
  test.each([
    { protocol: "email", endpoint: ANN },
    { protocol: "email-json", endpoint: ANN },
    { protocol: "https", endpoint: "https://example.com/hook" },
  ])("$protocol is pending until its owner confirms", async ({ protocol, endpoint }) => {
    const { server, subscribe, list, counts, confirm } = await start();
    expect(await subscribe(protocol, endpoint)).toBe("pending confirmation");
    expect(await list()).toEqual([
      expect.objectContaining({ SubscriptionArn: "PendingConfirmation", Endpoint: endpoint }),
    ]);
    expect(await counts()).toEqual(["0", "1", "0"]);
    const [pending] = server.pendingSubscriptions();
    expect(pending).toMatchObject({ protocol, endpoint });
    const arn = await confirm(pending?.token ?? "");
    expect(arn).toMatch(/^arn:aws:sns:.*:approvals:/);
    expect(await list()).toEqual([expect.objectContaining({ SubscriptionArn: arn, Endpoint: endpoint })]);
    expect(await counts()).toEqual(["1", "0", "0"]);
    expect(server.pendingSubscriptions()).toEqual([]);
    expect(await subscribe(protocol, endpoint)).toBe(arn);
  });

  test.each([
    { protocol: "sqs", endpoint: queueArn("inbox") },
    { protocol: "lambda", endpoint: `arn:aws:lambda:us-east-1:${ACCOUNT_ID}:function:f` },
  ])("$protocol is confirmed at once", async ({ protocol, endpoint }) => {
    const { server, subscribe, list, counts } = await start();
    const SubscriptionArn = await subscribe(protocol, endpoint);
    expect(await list()).toEqual([expect.objectContaining({ SubscriptionArn, Protocol: protocol })]);
    expect(await counts()).toEqual(["1", "0", "0"]);
    expect(server.pendingSubscriptions()).toEqual([]);
  });

  test("ReturnSubscriptionArn tells the ARN of a pending one, the same as after its confirmation", async () => {
    const { subscribe, confirm, tokenOf, attributesOf } = await start();
    const arn = await subscribe("email", ANN, { ReturnSubscriptionArn: true });
    expect(await attributesOf(arn)).toMatchObject({
      PendingConfirmation: "true",
      ConfirmationWasAuthenticated: "false",
    });
    expect(await confirm(tokenOf(ANN))).toBe(arn);
    expect(await attributesOf(arn)).toMatchObject({
      SubscriptionArn: arn,
      Protocol: "email",
      Endpoint: ANN,
      Owner: ACCOUNT_ID,
      PendingConfirmation: "false",
      ConfirmationWasAuthenticated: "false",
    });
  });

  test("AuthenticateOnUnsubscribe is kept; confirming again changes nothing", async () => {
    const { subscribePerson, confirm, tokenOf, attributesOf } = await start();
    const arn = await subscribePerson(ANN);
    const token = tokenOf(ANN);
    await confirm(token, "true");
    expect(await confirm(token)).toBe(arn);
    expect(await attributesOf(arn)).toMatchObject({ ConfirmationWasAuthenticated: "true" });
  });

  test("a forged token, or another topic's, confirms nothing", async () => {
    const { sns, subscribe, confirm, tokenOf, counts } = await start();
    await subscribe("email", ANN);
    await expect(confirm("forged")).rejects.toBeInstanceOf(InvalidParameterException);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "other" }));
    const elsewhere = new ConfirmSubscriptionCommand({ TopicArn, Token: tokenOf(ANN) });
    await expect(sns.send(elsewhere)).rejects.toBeInstanceOf(InvalidParameterException);
    expect(await counts()).toEqual(["0", "1", "0"]);
  });

  test("confirmSubscriptions confirms all that are pending", async () => {
    const { server, sns, subscribePerson, counts } = await start();
    await subscribePerson(ANN);
    await subscribePerson(BEN);
    server.confirmSubscriptions();
    expect(await counts()).toEqual(["2", "0", "0"]);
    const { Subscriptions } = await sns.send(new ListSubscriptionsCommand({}));
    expect(Subscriptions?.map(({ Endpoint }) => Endpoint)).toEqual([ANN, BEN]);
  });

  test("an e-mail endpoint that is no address is refused", async () => {
    const { subscribe } = await start();
    await expect(subscribe("email", "ann")).rejects.toBeInstanceOf(InvalidParameterException);
  });
});

describe("unsubscribing over the wire", () => {
  test("ends a subscription, once; one that is gone is no error", async () => {
    const { server, sns, subscribe, list, counts, mailed } = await start();
    await subscribe("email", ANN);
    server.confirmSubscriptions();
    const SubscriptionArn = await subscribe("email", ANN);
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect(await list()).toEqual([]);
    expect(await counts()).toEqual(["0", "0", "1"]);
    expect(await mailed()).toEqual([]);
  });

  test("whoever subscribes again is asked again, with another token", async () => {
    const { sns, subscribe, confirm, tokenOf } = await start();
    await subscribe("email", ANN);
    const old = tokenOf(ANN);
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: await confirm(old) }));
    expect(await subscribe("email", ANN)).toBe("pending confirmation");
    await expect(confirm(old)).rejects.toBeInstanceOf(InvalidParameterException);
    await expect(confirm(tokenOf(ANN))).resolves.toMatch(/^arn:/);
  });

  test("nobody can unsubscribe a pending one, by its ARN or without", async () => {
    const { sns, subscribePerson, counts } = await start();
    for (const SubscriptionArn of [await subscribePerson(ANN), "PendingConfirmation"]) {
      const refused = sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      await expect(refused).rejects.toBeInstanceOf(InvalidParameterException);
    }
    expect(await counts()).toEqual(["0", "1", "0"]);
  });
});

describe("mails and filter policies", () => {
  const recipient = (StringValue: string, DataType = "String") => ({ recipient: { DataType, StringValue } });

  test("a message is mailed to confirmed addresses only", async () => {
    const { server, subscribe, mailed } = await start();
    await subscribe("email", ANN);
    server.confirmSubscriptions();
    await subscribe("email-json", BEN);
    expect(await mailed()).toEqual([ANN]);
    server.confirmSubscriptions();
    expect(await mailed()).toEqual([ANN, BEN]);
  });

  test.each([
    { name: "his own", attributes: recipient(BEN), mails: [BEN] },
    {
      name: "a list with both",
      attributes: recipient(JSON.stringify([BEN, ANN]), "String.Array"),
      mails: [ANN, BEN],
    },
    { name: "somebody else's", attributes: recipient("eve@example.com"), mails: [] },
    { name: "the same in other letters", attributes: recipient("Ben@example.com"), mails: [] },
    { name: "one of another type", attributes: recipient("5", "Number"), mails: [] },
    { name: "an array that is no JSON", attributes: recipient(BEN, "String.Array"), mails: [] },
    { name: "none", attributes: undefined, mails: [] },
  ])("recipient: $name → $mails", async ({ attributes, mails }) => {
    const { server, subscribePerson, mailed } = await start();
    await subscribePerson(ANN);
    await subscribePerson(BEN);
    server.confirmSubscriptions();
    expect(await mailed(attributes)).toEqual(mails);
  });

  test("a policy with two names needs both", async () => {
    const { server, subscribe, mailed } = await start();
    const FilterPolicy = JSON.stringify({ recipient: [ANN], kind: ["request", "reminder"] });
    await subscribe("email", ANN, { Attributes: { FilterPolicy } });
    server.confirmSubscriptions();
    const kind = { DataType: "String", StringValue: "reminder" };
    expect(await mailed(recipient(ANN))).toEqual([]);
    expect(await mailed({ ...recipient(ANN), kind })).toEqual([ANN]);
  });

  test("a queue's subscription has a filter too", async () => {
    const { subscribe, mailed, received } = await start();
    const Attributes = { FilterPolicy: JSON.stringify({ recipient: [BEN] }) };
    await subscribe("sqs", queueArn("inbox"), { Attributes });
    await mailed(recipient(ANN));
    expect(await received()).toBe(0);
    await mailed(recipient(BEN));
    expect(await received()).toBe(1);
  });

  test("a policy is read, changed and taken away again", async () => {
    const { server, sns, subscribePerson, attributesOf, mailed } = await start();
    const SubscriptionArn = await subscribePerson(ANN);
    server.confirmSubscriptions();
    const set = (AttributeValue: string) =>
      sns.send(
        new SetSubscriptionAttributesCommand({
          SubscriptionArn,
          AttributeName: "FilterPolicy",
          AttributeValue,
        }),
      );
    expect(await attributesOf(SubscriptionArn)).toMatchObject({ FilterPolicy: `{"recipient":["${ANN}"]}` });
    await set(`{"recipient":["${BEN}"]}`);
    expect(await attributesOf(SubscriptionArn)).toMatchObject({ FilterPolicy: `{"recipient":["${BEN}"]}` });
    expect(await mailed(recipient(ANN))).toEqual([]);
    expect(await mailed(recipient(BEN))).toEqual([ANN]);
    await set("{}");
    expect(await mailed()).toEqual([ANN]);
  });

  test("subscribing again with another policy is refused; without one it is the same subscription", async () => {
    const { subscribe, subscribePerson } = await start();
    const arn = await subscribePerson(ANN);
    expect(await subscribe("email", ANN, { ReturnSubscriptionArn: true })).toBe(arn);
    const Attributes = { FilterPolicy: "{}" };
    await expect(subscribe("email", ANN, { Attributes })).rejects.toThrow(
      "Subscription already exists with different attributes",
    );
  });

  test.each([
    { name: "no JSON", Attributes: { FilterPolicy: "{" } },
    { name: "a list", Attributes: { FilterPolicy: "[]" } },
    { name: "an empty list of values", Attributes: { FilterPolicy: '{"recipient":[]}' } },
    {
      name: "six names",
      Attributes: {
        FilterPolicy: JSON.stringify(Object.fromEntries("abcdef".split("").map((n) => [n, ["x"]]))),
      },
    },
    {
      name: "an operator that is not modelled",
      Attributes: { FilterPolicy: '{"recipient":[{"prefix":"a"}]}' },
    },
    { name: "a filter on the body", Attributes: { FilterPolicyScope: "MessageBody" } },
    { name: "an attribute that SNS does not have", Attributes: { FilterPolice: "{}" } },
  ])("$name is InvalidParameter and nothing is subscribed", async ({ Attributes }) => {
    const { subscribe, list } = await start();
    await expect(subscribe("email", ANN, { Attributes })).rejects.toBeInstanceOf(InvalidParameterException);
    expect(await list()).toEqual([]);
  });

  test("attributes of a subscription that does not exist are NotFound", async () => {
    const { TopicArn, attributesOf } = await start();
    await expect(attributesOf(`${TopicArn}:none`)).rejects.toBeInstanceOf(NotFoundException);
  });
});
