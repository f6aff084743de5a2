// The thread's own questions and answers; what it says over the wire is tested elsewhere.
import {
  CreateTopicCommand,
  ListSubscriptionsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type SimulatedAccountThread, startSimulatedAccount } from "../../../cli/simulated-account.ts";

const END_MS = Date.UTC(2026, 10, 23, 18);
const HOUR_MS = 3_600_000;
const REGION = "us-east-1";
const OPTIONS = { seed: 1, endMs: END_MS, region: REGION, scenarios: ["visibility-expired"], hours: 6 };

let thread: SimulatedAccountThread;
let sns: SNSClient;
beforeEach(async () => {
  thread = await startSimulatedAccount(OPTIONS);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  sns = new SNSClient({ endpoint: thread.url, region: REGION, credentials });
});
afterEach(() => thread.close());

/** Redeliveries of the only path. */
async function redeliveries(startMs: number, endMs: number): Promise<number> {
  const { paths } = await thread.reveal(startMs, endMs);
  expect(paths).toHaveLength(1);
  return paths[0]?.redeliveriesByCause["visibility-expired"] ?? 0;
}

describe("the simulated account's thread", () => {
  test("lets time pass when told, and answers when it has", async () => {
    expect(await redeliveries(END_MS, END_MS + HOUR_MS)).toBe(0);
    await thread.advanceTo(END_MS + HOUR_MS);
    const happened = await redeliveries(END_MS, END_MS + HOUR_MS);
    expect(happened).toBeGreaterThan(0);
    await thread.advanceTo(END_MS);
    expect(await redeliveries(END_MS, END_MS + HOUR_MS)).toBe(happened);
  });

  test("tells what was published so far, with the inboxes that it reached, at virtual time", async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "digest" }));
    const Endpoint = "ann@example.com";
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint }));
    await sns.send(new PublishCommand({ TopicArn, Message: "too early" }));
    await thread.confirmSubscriptions();
    const { Subscriptions } = await sns.send(new ListSubscriptionsCommand({}));
    expect(Subscriptions?.map(({ SubscriptionArn }) => SubscriptionArn)).toEqual([
      expect.stringMatching(/^arn:/),
    ]);
    await thread.advanceTo(END_MS + HOUR_MS);
    await sns.send(new PublishCommand({ TopicArn, Message: "hello" }));
    expect(await thread.published()).toEqual([
      expect.objectContaining({ bodies: { default: "too early" }, mails: [], timeMs: END_MS }),
      expect.objectContaining({ bodies: { default: "hello" }, mails: [Endpoint], timeMs: END_MS + HOUR_MS }),
    ]);
  });

  test("answers many questions at once, each its own", async () => {
    const [first, published, nothing, all, none] = await Promise.all([
      thread.reveal(END_MS - HOUR_MS, END_MS),
      thread.published(),
      thread.advanceTo(END_MS + HOUR_MS),
      thread.reveal(END_MS - HOUR_MS, END_MS + HOUR_MS),
      thread.reveal(END_MS + HOUR_MS, END_MS + 2 * HOUR_MS),
    ]);
    const count = ({ paths }: typeof first) => paths[0]?.redeliveriesByCause["visibility-expired"] ?? 0;
    expect(published).toEqual([]);
    expect(nothing).toBeUndefined();
    expect(count(first)).toBeGreaterThan(0);
    expect(count(all)).toBeGreaterThan(count(first));
    expect(count(none)).toBe(0);
  });

  test("answers what was asked before it is closed, and refuses what is asked after", async () => {
    const asked = thread.published();
    await thread.close();
    expect(await asked).toEqual([]);
    await expect(thread.published()).rejects.toThrow("the simulator's thread has ended");
  });

  test("an account that cannot be made is told as what it died of", async () => {
    const started = startSimulatedAccount({ ...OPTIONS, scenarios: ["no-such-scenario"] });
    await expect(started).rejects.toThrow('unknown scenario "no-such-scenario"');
  });
});
