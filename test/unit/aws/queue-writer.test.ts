import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createQueueWriter } from "../../../aws/queue-writer.ts";
import { awsError, networkError } from "../../support/aws-errors.ts";
import { queueArn } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

const ARN = queueArn("orders");
const URL = "https://sqs.us-east-1.amazonaws.com/123456789012/orders";

describe("setVisibilityTimeout", () => {
  const sqs = mockClient(SQSClient);
  const writer = createQueueWriter(connect({ region: "us-east-1" }));
  beforeEach(() => {
    sqs.reset();
    sqs.on(SetQueueAttributesCommand).resolves({});
  });
  afterEach(() => {
    sqs.restore();
  });

  test.each([1, 360, 43_200])("I2: sends exactly one attribute (%d s)", async (seconds) => {
    await writer.setVisibilityTimeout(URL, ARN, seconds);
    expect(sqs.calls().map(({ args }) => args[0].input)).toStrictEqual([
      { QueueUrl: URL, Attributes: { VisibilityTimeout: String(seconds) } },
    ]);
  });

  test.each([0, -1, 30.5, 43_201, Number.NaN, Number.POSITIVE_INFINITY])(
    "I2: refuses %d s and sends nothing",
    async (seconds) => {
      await expect(writer.setVisibilityTimeout(URL, ARN, seconds)).rejects.toMatchObject({
        name: "ContractError",
        message: `expected a visibility timeout of 1 to 43200 whole seconds, got ${seconds}`,
      });
      expect(sqs.calls()).toHaveLength(0);
    },
  );

  test.each([
    { error: awsError("QueueDoesNotExist"), name: "UnreadableError", more: { resource: ARN, missing: true } },
    { error: awsError("AccessDenied", { status: 403 }), name: "UnreadableError", more: { missing: false } },
    { error: awsError("InvalidAttributeValue"), name: "UnreadableError", more: {} },
    { error: awsError("RequestThrottled", { status: 403 }), name: "TransientError", more: {} },
    { error: awsError("ServiceUnavailable", { status: 503 }), name: "TransientError", more: {} },
    { error: awsError("TimeoutError"), name: "TransientError", more: {} },
    { error: networkError("ECONNRESET"), name: "TransientError", more: {} },
    { error: awsError("ExpiredToken", { status: 403 }), name: "AccountUnreadableError", more: {} },
  ])("$error → $name", async ({ error, name, more }) => {
    sqs.on(SetQueueAttributesCommand).rejects(error);
    await expect(writer.setVisibilityTimeout(URL, ARN, 360)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(error.name === "ExpiredToken" ? "expired" : ARN),
      cause: error,
      ...more,
    });
  });
});

describe("over the wire", () => {
  afterEach(closeWires);

  test("the queue has the new timeout, also after a repeat, and all else as it was", async () => {
    const { server, settings } = await startWire({ queues: ["orders"] });
    const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
    const url = `${server.url}/123456789012/orders`;
    const attributes = async () =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }))).Attributes;
    const before = await attributes();
    const { endpoint: endpointUrl, region, credentials } = settings;
    const writer = createQueueWriter(connect({ endpointUrl, region, credentials }));
    await writer.setVisibilityTimeout(url, ARN, 360);
    await writer.setVisibilityTimeout(url, ARN, 360);
    expect(await attributes()).toStrictEqual({ ...before, VisibilityTimeout: "360" });
  });
});
