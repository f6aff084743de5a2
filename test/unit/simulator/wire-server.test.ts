import { CloudWatchClient, ListMetricsCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { ListSchedulesCommand, ListTagsForResourceCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import {
  DeleteStateMachineCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { DeleteTopicCommand, ListTopicsCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  AddPermissionCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, test } from "@jest/globals";
import { startServer } from "../../../simulator/server.ts";
import { createFakeAccount } from "../../support/fake-account.ts";
import { type ClientSettings, closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

/** One harmless call of every service. */
const CALLS: Record<string, (settings: ClientSettings) => Promise<unknown>> = {
  "sqs:ListQueues": (settings) => new SQSClient(settings).send(new ListQueuesCommand({})),
  "cloudwatch:ListMetrics": (settings) => new CloudWatchClient(settings).send(new ListMetricsCommand({})),
  "logs:DescribeLogGroups": (settings) =>
    new CloudWatchLogsClient(settings).send(new DescribeLogGroupsCommand({})),
  "lambda:ListFunctions": (settings) => new LambdaClient(settings).send(new ListFunctionsCommand({})),
  "sns:ListTopics": (settings) => new SNSClient(settings).send(new ListTopicsCommand({})),
  "sts:GetCallerIdentity": (settings) => new STSClient(settings).send(new GetCallerIdentityCommand({})),
  "scheduler:ListSchedules": (settings) => new SchedulerClient(settings).send(new ListSchedulesCommand({})),
  "states:ListStateMachines": (settings) => new SFNClient(settings).send(new ListStateMachinesCommand({})),
  "dynamodb:ListTables": (settings) => new DynamoDBClient(settings).send(new ListTablesCommand({})),
};
const OPERATIONS = Object.keys(CALLS);

async function call(operation: string, settings: ClientSettings): Promise<unknown> {
  return CALLS[operation]?.(settings);
}

describe("the server", () => {
  test.each(OPERATIONS)("%s is answered and counted", async (operation) => {
    const seen: string[] = [];
    const { server, settings } = await startWire(
      {},
      {
        onRequest: (service, name) => seen.push(`${service}:${name}`),
      },
    );
    await call(operation, settings);
    expect(server.requests()).toEqual({ [operation]: 1 });
    expect(seen).toEqual([operation]);
  });

  test("DynamoDB is a real table behind the same endpoint", async () => {
    const { settings } = await startWire();
    const dynamo = new DynamoDBClient(settings);
    await dynamo.send(
      new CreateTableCommand({
        TableName: "ledger",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      }),
    );
    const put = new PutItemCommand({
      TableName: "ledger",
      Item: { pk: { S: "größe" } },
      ConditionExpression: "attribute_not_exists(pk)",
    });
    await dynamo.send(put);
    await expect(dynamo.send(put)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    const { Item } = await dynamo.send(
      new GetItemCommand({ TableName: "ledger", Key: { pk: { S: "größe" } } }),
    );
    expect(Item).toEqual({ pk: { S: "größe" } });
  });

  test("the account is told its address, and a closed server is gone", async () => {
    const account = createFakeAccount({ queues: ["orders"] });
    const server = await startServer({ account });
    expect(account.queues()[0]?.url).toBe(`${server.url}/123456789012/orders`);
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test("a body that is no JSON is a SerializationException", async () => {
    const { server } = await startWire();
    const response = await fetch(server.url, {
      method: "POST",
      headers: { "x-amz-target": "AmazonSQS.ListQueues" },
      body: "{",
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: "com.amazonaws.sqs#SerializationException" });
  });

  test("a request of no known service is refused", async () => {
    const { server } = await startWire();
    const response = await fetch(`${server.url}/bucket/key`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining("/bucket/key") });
  });
});

describe("operations that are not modelled", () => {
  const role = "arn:aws:states:us-east-1:123456789012:stateMachine:x";
  test.each<{ name: string; run: (settings: ClientSettings) => Promise<unknown>; code: RegExp }>([
    {
      name: "sqs",
      run: (settings) =>
        new SQSClient(settings).send(
          new AddPermissionCommand({ QueueUrl: "x", Label: "x", AWSAccountIds: ["1"], Actions: ["*"] }),
        ),
      code: /InvalidAction/,
    },
    {
      name: "cloudwatch",
      run: (settings) =>
        new CloudWatchClient(settings).send(
          new SetAlarmStateCommand({ AlarmName: "x", StateValue: "OK", StateReason: "x" }),
        ),
      code: /InvalidAction/,
    },
    {
      name: "logs",
      run: (settings) =>
        new CloudWatchLogsClient(settings).send(new DeleteLogGroupCommand({ logGroupName: "x" })),
      code: /UnknownOperationException/,
    },
    {
      name: "lambda",
      run: (settings) => new LambdaClient(settings).send(new DeleteFunctionCommand({ FunctionName: "x" })),
      code: /UnknownOperationException/,
    },
    {
      name: "sns",
      run: (settings) => new SNSClient(settings).send(new DeleteTopicCommand({ TopicArn: "x" })),
      code: /InvalidAction/,
    },
    {
      name: "sts",
      run: (settings) => new STSClient(settings).send(new GetSessionTokenCommand({})),
      code: /InvalidAction/,
    },
    {
      name: "scheduler",
      run: (settings) =>
        new SchedulerClient(settings).send(new ListTagsForResourceCommand({ ResourceArn: "x" })),
      code: /UnknownOperationException/,
    },
    {
      name: "states",
      run: (settings) =>
        new SFNClient(settings).send(new DeleteStateMachineCommand({ stateMachineArn: role })),
      code: /UnknownOperationException/,
    },
  ])("$name answers $code, never an empty success", async ({ run, code }) => {
    const { settings } = await startWire();
    await expect(run(settings)).rejects.toMatchObject({ name: expect.stringMatching(code) });
  });
});

describe("throttling", () => {
  test.each(OPERATIONS)(
    "%s is refused under a name that means throttling, then answered",
    async (operation) => {
      const { server, settings } = await startWire(
        {},
        { faults: [{ kind: "throttle", operation, times: 1 }] },
      );
      await expect(call(operation, settings)).rejects.toMatchObject({
        name: expect.stringMatching(/^(Throttling(Exception)?|RequestThrottled|TooManyRequestsException)$/),
      });
      await call(operation, settings);
      expect(server.requests()).toEqual({ [operation]: 2 });
    },
  );

  // One of each protocol; each retry waits as long as the SDK waits.
  test.each(["sqs:ListQueues", "sns:ListTopics", "lambda:ListFunctions"])(
    "the SDK tries %s again by itself",
    async (operation) => {
      const { server, settings } = await startWire(
        {},
        { faults: [{ kind: "throttle", operation, times: 1 }] },
      );
      await call(operation, { ...settings, maxAttempts: 2 });
      expect(server.requests()).toEqual({ [operation]: 2 });
    },
  );

  test("a whole service, only one resource, or until removed", async () => {
    const { server, settings } = await startWire({ queues: ["orders", "invoices"] });
    const sqs = new SQSClient(settings);
    const find = (QueueName: string) => sqs.send(new GetQueueUrlCommand({ QueueName }));
    const fault = { kind: "throttle", operation: "sqs:*", resource: "orders" } as const;
    server.faults.add(fault);
    await expect(find("orders")).rejects.toMatchObject({ Code: "RequestThrottled" });
    await expect(find("invoices")).resolves.toBeDefined();
    server.faults.remove(fault);
    await expect(find("orders")).resolves.toBeDefined();
  });
});

describe("access denied", () => {
  test.each([
    {
      name: "sqs",
      run: (settings: ClientSettings) =>
        new SQSClient(settings).send(new GetQueueUrlCommand({ QueueName: "orders" })),
      error: { Code: "AccessDenied" },
    },
    {
      name: "lambda",
      run: (settings: ClientSettings) =>
        new LambdaClient(settings).send(new GetFunctionConfigurationCommand({ FunctionName: "orders" })),
      error: { name: "AccessDeniedException" },
    },
    {
      name: "logs",
      run: (settings: ClientSettings) =>
        new CloudWatchLogsClient(settings).send(
          new DescribeLogGroupsCommand({ logGroupNamePrefix: "orders" }),
        ),
      error: { name: "AccessDeniedException" },
    },
    {
      name: "sns",
      run: (settings: ClientSettings) =>
        new SNSClient(settings).send(new PublishCommand({ TopicArn: "arn:orders", Message: "x" })),
      error: { name: "AuthorizationErrorException" },
    },
    {
      name: "states",
      run: (settings: ClientSettings) =>
        new SFNClient(settings).send(new StartExecutionCommand({ stateMachineArn: "arn:orders" })),
      error: { name: "AccessDeniedException" },
    },
    {
      name: "dynamodb",
      run: (settings: ClientSettings) =>
        new DynamoDBClient(settings).send(
          new GetItemCommand({ TableName: "orders", Key: { pk: { S: "x" } } }),
        ),
      error: { name: "AccessDeniedException" },
    },
  ])("$name names the missing action", async ({ run, error }) => {
    const { settings } = await startWire(
      { queues: ["orders"], functions: [{ name: "orders" }] },
      {
        faults: [{ kind: "access-denied", resource: "orders" }],
      },
    );
    await expect(run(settings)).rejects.toMatchObject({
      ...error,
      message: expect.stringContaining("is not authorized to perform"),
    });
  });

  test("only the named operation is denied, and other resources are not", async () => {
    const { settings, server } = await startWire(
      { queues: ["orders", "invoices"] },
      {
        faults: [{ kind: "access-denied", operation: "sqs:GetQueueAttributes", resource: "orders" }],
      },
    );
    const sqs = new SQSClient(settings);
    const QueueUrl = `${server.url}/123456789012`;
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: "orders" }))).resolves.toBeDefined();
    await expect(
      sqs.send(new GetQueueAttributesCommand({ QueueUrl: `${QueueUrl}/invoices` })),
    ).resolves.toBeDefined();
    await expect(
      sqs.send(new GetQueueAttributesCommand({ QueueUrl: `${QueueUrl}/orders` })),
    ).rejects.toMatchObject({ Code: "AccessDenied" });
  });
});

describe("a queue deleted mid-scan", () => {
  test.each(["sqs:ListQueues", "sqs:GetQueueUrl"])(
    "is there until %s and gone after it",
    async (afterOperation) => {
      const { settings } = await startWire(
        { queues: ["orders", "invoices"] },
        {
          faults: [{ kind: "queue-deleted", queueName: "orders", afterOperation }],
        },
      );
      const sqs = new SQSClient(settings);
      const find = (QueueName: string) => sqs.send(new GetQueueUrlCommand({ QueueName }));
      await expect(find("invoices")).resolves.toBeDefined();
      await expect(
        afterOperation === "sqs:ListQueues" ? sqs.send(new ListQueuesCommand({})) : find("orders"),
      ).resolves.toBeDefined();
      await expect(find("orders")).rejects.toMatchObject({ name: "QueueDoesNotExist" });
      await expect(find("invoices")).resolves.toBeDefined();
      expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls).toHaveLength(1);
    },
  );
});
