import { describe, expect, test } from "@jest/globals";
import { SimulatedAwsError } from "../../../simulator/account.ts";
import { createAccount } from "../../../simulator/create-account.ts";

const END_MS = Date.UTC(2026, 10, 23, 18);

function emptyAccount() {
  const { account } = createAccount({ seed: 3, scenarios: [], endMs: END_MS, hours: 1 });
  return account;
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SimulatedAwsError) return error.code;
    throw error;
  }
  return "no error";
}

describe("clients", () => {
  test("send, receive, extend and delete at the present virtual time", () => {
    const account = emptyAccount();
    const { url } = account.createQueue("mine", { VisibilityTimeout: "20" }, { team: "x" });
    const sent = account.sendMessage(url, { body: "hello" });
    const [received] = account.receiveMessage(url, { max: 10 });
    if (received === undefined) throw new Error("nothing received");
    expect(received).toMatchObject({ messageId: sent.messageId, body: "hello" });
    expect(received.attributes["ApproximateReceiveCount"]).toBe("1");
    expect(received.attributes["SentTimestamp"]).toBe(String(END_MS));
    account.changeVisibility(url, received.receiptHandle, 60);
    account.advanceTo(END_MS + 59_999);
    expect(account.queues()[0]?.attributes()["ApproximateNumberOfMessagesNotVisible"]).toBe("1");
    account.advanceTo(END_MS + 60_000);
    const [again] = account.receiveMessage(url, { max: 1, visibilityTimeoutSeconds: 5 });
    expect(again?.attributes["ApproximateReceiveCount"]).toBe("2");
    account.deleteMessage(url, again?.receiptHandle ?? "");
    expect(account.queues()[0]?.attributes()["ApproximateNumberOfMessagesNotVisible"]).toBe("0");
  });

  test("see a changed attribute, and messages under any base URL", () => {
    const account = emptyAccount();
    const { url } = account.createQueue("mine", {}, {});
    account.setBaseUrl("http://127.0.0.1:4711/");
    expect(account.queues()[0]?.url).toBe("http://127.0.0.1:4711/123456789012/mine");
    account.setAttributes(url, { VisibilityTimeout: "90" });
    expect(account.queues()[0]?.attributes()["VisibilityTimeout"]).toBe("90");
    account.tagQueue(url, { a: "1", b: "2" });
    account.untagQueue(url, ["a"]);
    expect(account.queues()[0]?.tags).toEqual({ b: "2" });
  });

  test.each<{
    name: string;
    code: string;
    act: (a: ReturnType<typeof emptyAccount>, url: string) => unknown;
  }>([
    {
      name: "no such queue",
      code: "AWS.SimpleQueueService.NonExistentQueue",
      act: (a) => a.receiveMessage("https://x/123456789012/none", { max: 1 }),
    },
    {
      name: "a deleted queue",
      code: "AWS.SimpleQueueService.NonExistentQueue",
      act: (a, url) => {
        a.deleteQueue(url);
        a.sendMessage(url, { body: "x" });
      },
    },
    {
      name: "an unknown attribute",
      code: "InvalidAttributeName",
      act: (a, url) => a.setAttributes(url, { Colour: "red" }),
    },
    {
      name: "a timeout above twelve hours",
      code: "InvalidAttributeValue",
      act: (a, url) => a.setAttributes(url, { VisibilityTimeout: "43201" }),
    },
    {
      name: "a timeout that is no number",
      code: "InvalidAttributeValue",
      act: (a, url) => a.setAttributes(url, { VisibilityTimeout: "" }),
    },
    {
      name: "a broken redrive policy",
      code: "InvalidAttributeValue",
      act: (a, url) => a.setAttributes(url, { RedrivePolicy: "{" }),
    },
    {
      name: "eleven messages",
      code: "InvalidParameterValue",
      act: (a, url) => a.receiveMessage(url, { max: 11 }),
    },
    {
      name: "a made-up receipt handle",
      code: "ReceiptHandleIsInvalid",
      act: (a, url) => a.deleteMessage(url, "AQEBnonsense"),
    },
    {
      name: "another value under the same name",
      code: "QueueAlreadyExists",
      act: (a) => a.createQueue("mine", { VisibilityTimeout: "31" }, {}),
    },
    {
      name: "a second purge within a minute",
      code: "AWS.SimpleQueueService.PurgeQueueInProgress",
      act: (a, url) => {
        a.purgeQueue(url);
        a.purgeQueue(url);
      },
    },
    {
      name: "a FIFO message without a group",
      code: "MissingParameter",
      act: (a) => a.sendMessage(a.createQueue("f.fifo", { FifoQueue: "true" }, {}).url, { body: "x" }),
    },
    { name: "an empty body", code: "MissingParameter", act: (a, url) => a.sendMessage(url, { body: "" }) },
    {
      name: "extending a message that is visible again",
      code: "AWS.SimpleQueueService.MessageNotInflight",
      act: (a, url) => {
        a.sendMessage(url, { body: "x" });
        const handle = a.receiveMessage(url, { max: 1 })[0]?.receiptHandle ?? "";
        a.advanceTo(END_MS + 60_000);
        a.changeVisibility(url, handle, 10);
      },
    },
  ])("are refused: $name", ({ code, act }) => {
    const account = emptyAccount();
    const { url } = account.createQueue("mine", {}, {});
    expect(codeOf(() => act(account, url))).toBe(code);
  });

  test("may not touch a queue of another account, though a mapping names it", () => {
    const { account } = createAccount({ seed: 3, scenarios: ["foreign-queue"], endMs: END_MS, hours: 1 });
    const [, , , , accountId, name] = account.mappings()[0]?.eventSourceArn.split(":") ?? [];
    expect(account.queues()).toHaveLength(0);
    expect(codeOf(() => account.receiveMessage(`https://x/${accountId}/${name}`, { max: 1 }))).toBe(
      "AccessDenied",
    );
  });

  test("have their messages handled by the consumers of a live path", () => {
    const { account, truth } = createAccount({ seed: 3, scenarios: ["healthy"], endMs: END_MS, hours: 1 });
    const url = account.queues().find((queue) => queue.arn === truth.paths()[0]?.queueArn)?.url ?? "";
    const { messageId } = account.sendMessage(url, { body: "by hand" });
    account.advanceTo(END_MS + 60_000);
    const all = [...truth.deliveries(truth.paths()[0]?.queueArn ?? "", END_MS, END_MS + 60_000)];
    expect(all.find((delivery) => delivery.messageId === messageId)).toMatchObject({ outcome: "success" });
  });
});
