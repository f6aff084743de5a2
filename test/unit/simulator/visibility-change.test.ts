// A visibility timeout that is raised while an account lives on: what the whole remediation is for.
import { GetQueueUrlCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type CreatedAccount, createAccount } from "../../../simulator/create-account.ts";
import { type SimulatorServer, startServer } from "../../../simulator/server.ts";

const END_MS = Date.UTC(2026, 10, 23, 18);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const OLD_TIMEOUT_MS = 30_000;
/** A poll finds a returned message within this, and its invocation begins. */
const POLL_MS = 1_000;

let server: SimulatorServer | undefined;
afterEach(() => server?.close());

async function start(scenario: string) {
  const created: CreatedAccount = createAccount({
    seed: 5,
    endMs: END_MS,
    hours: 8,
    scenarios: [scenario],
  });
  const [path] = created.truth.paths();
  const mapping = created.account.mappings().find(({ eventSourceArn }) => eventSourceArn === path?.queueArn);
  const fn = created.account.functions().find(({ arn }) => mapping?.functionArn.startsWith(arn));
  if (path === undefined || fn === undefined) throw new Error("the scenario has no path");
  const { queueArn } = path;
  server = await startServer({ account: created.account });
  const sqs = new SQSClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueArn.split(":").at(-1) }));
  const setTimeoutSeconds = (seconds: number) =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: String(seconds) } }));
  return { ...created, queueArn, functionTimeoutSeconds: fn.timeoutSeconds, setTimeoutSeconds };
}

describe("a visibility timeout raised to 6 × the function timeout", () => {
  test.each(["visibility-expired", "visibility-expired-fifo"])(
    "ends the duplicates of %s for every message received after the change",
    async (scenario) => {
      const { account, truth, queueArn, functionTimeoutSeconds, setTimeoutSeconds } = await start(scenario);
      const before = truth.summary(queueArn, END_MS - 3 * HOUR_MS, END_MS);
      expect(before.redeliveriesByCause["visibility-expired"]).toBeGreaterThan(20);

      await setTimeoutSeconds(6 * functionTimeoutSeconds);
      account.advanceTo(END_MS + 3 * HOUR_MS);

      // Messages that were in flight at the change keep their old deadline, so their redeliveries come first.
      const settledMs = END_MS + OLD_TIMEOUT_MS + POLL_MS;
      const after = truth.summary(queueArn, settledMs, END_MS + 3 * HOUR_MS);
      expect(after.redeliveriesByCause).toEqual({});
      expect(after.duplicates).toBe(0);
      expect(after.messages).toBeGreaterThan(before.messages * 0.8);
      const slow = [...truth.deliveries(queueArn, settledMs, END_MS + 3 * HOUR_MS)].filter(
        ({ startMs, endMs }) => startMs !== null && endMs !== null && endMs - startMs > OLD_TIMEOUT_MS,
      );
      expect(slow.length).toBeGreaterThan(20);
    },
  );

  test("without the change they go on", async () => {
    const { account, truth, queueArn } = await start("visibility-expired");
    account.advanceTo(END_MS + 3 * HOUR_MS);
    const after = truth.summary(queueArn, END_MS, END_MS + 3 * HOUR_MS);
    expect(after.redeliveriesByCause["visibility-expired"]).toBeGreaterThan(20);
  });

  test("a message in flight at the change keeps its old deadline and comes once more; then no more", async () => {
    const { account, truth, queueArn, functionTimeoutSeconds, setTimeoutSeconds } =
      await start("visibility-expired");
    /** Runs longer than nearly every quick invocation, and its first timeout has not ended. */
    const slowNow = () =>
      [...truth.deliveries(queueArn, account.nowMs() - 20_000, account.nowMs() - 10_000)].find(
        ({ requestId, endMs, cause }) => requestId !== null && endMs === null && cause === "first",
      );
    while (slowNow() === undefined && account.nowMs() < END_MS + HOUR_MS) {
      account.advanceTo(account.nowMs() + 1_000);
    }
    const { messageId, receivedMs } = slowNow() ?? { messageId: "", receivedMs: 0 };

    await setTimeoutSeconds(6 * functionTimeoutSeconds);
    account.advanceTo(account.nowMs() + HOUR_MS);

    const deliveries = [...truth.deliveries(queueArn, receivedMs, account.nowMs())].filter(
      (delivery) => delivery.messageId === messageId,
    );
    expect(deliveries.map(({ cause }) => cause)).toEqual(["first", "visibility-expired"]);
    const again = deliveries[1]?.receivedMs ?? 0;
    expect(again).toBeGreaterThanOrEqual(receivedMs + OLD_TIMEOUT_MS);
    expect(again).toBeLessThan(receivedMs + OLD_TIMEOUT_MS + POLL_MS);
  });
});
