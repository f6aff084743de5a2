import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createMappings } from "../../../aws/mappings.ts";
import { ConsumerFunction, EventSourceMapping } from "../../../core/model/delivery-path.ts";
import { awsError } from "../../support/aws-errors.ts";

const QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";

const lambda = mockClient(LambdaClient);
const mappings = createMappings(connect({ region: "us-east-1" }));

beforeEach(() => {
  lambda.reset();
});

describe("listQueueMappings", () => {
  const mapping = (uuid: string) => ({ UUID: uuid, EventSourceArn: QUEUE, FunctionArn: FUNCTION });

  test("follows the marker to the last page, an empty one included", async () => {
    lambda
      .on(ListEventSourceMappingsCommand)
      .resolvesOnce({ EventSourceMappings: [mapping("1"), mapping("2")], NextMarker: "m1" })
      .resolvesOnce({ EventSourceMappings: [], NextMarker: "m2" })
      .resolvesOnce({ EventSourceMappings: [mapping("3")], NextMarker: "" });
    const found = await mappings.listQueueMappings();
    expect(found.map(({ uuid }) => uuid)).toStrictEqual(["1", "2", "3"]);
    const inputs = lambda.commandCalls(ListEventSourceMappingsCommand).map(({ args }) => args[0].input);
    expect(inputs).toStrictEqual([
      { MaxItems: 100 },
      { MaxItems: 100, Marker: "m1" },
      { MaxItems: 100, Marker: "m2" },
    ]);
  });

  test("asks for those of one queue alone, page by page", async () => {
    lambda
      .on(ListEventSourceMappingsCommand)
      .resolvesOnce({ EventSourceMappings: [mapping("1")], NextMarker: "m1" })
      .resolvesOnce({ EventSourceMappings: [mapping("2")] });
    const found = await mappings.listQueueMappings(QUEUE);
    expect(found.map(({ uuid }) => uuid)).toStrictEqual(["1", "2"]);
    const inputs = lambda.commandCalls(ListEventSourceMappingsCommand).map(({ args }) => args[0].input);
    expect(inputs).toStrictEqual([
      { MaxItems: 100, EventSourceArn: QUEUE },
      { MaxItems: 100, EventSourceArn: QUEUE, Marker: "m1" },
    ]);
  });

  test("leaves out what is no queue, keeps any state, partition and account", async () => {
    lambda.on(ListEventSourceMappingsCommand).resolves({
      EventSourceMappings: [
        { ...mapping("kinesis"), EventSourceArn: "arn:aws:kinesis:us-east-1:123456789012:stream/sqs" },
        { UUID: "self-managed-kafka", FunctionArn: FUNCTION },
        { ...mapping("disabled"), State: "Disabled" },
        { ...mapping("china"), EventSourceArn: "arn:aws-cn:sqs:cn-north-1:123456789012:orders" },
        { ...mapping("foreign"), EventSourceArn: "arn:aws:sqs:us-east-1:999999999999:orders" },
      ],
    });
    const found = await mappings.listQueueMappings();
    expect(found.map(({ uuid, state }) => [uuid, state])).toStrictEqual([
      ["disabled", "Disabled"],
      ["china", "Unknown"],
      ["foreign", "Unknown"],
    ]);
  });

  test("reads every setting, and AWS's defaults where one is absent", async () => {
    lambda.on(ListEventSourceMappingsCommand).resolves({
      EventSourceMappings: [
        {
          ...mapping("full"),
          State: "Enabled",
          FunctionArn: `${FUNCTION}:live`,
          BatchSize: 50,
          MaximumBatchingWindowInSeconds: 20,
          ScalingConfig: { MaximumConcurrency: 5 },
          FilterCriteria: { Filters: [{ Pattern: "{}" }, { Pattern: "{}" }] },
          FunctionResponseTypes: ["ReportBatchItemFailures"],
          MetricsConfig: { Metrics: ["EventCount"] },
        },
        { ...mapping("bare"), State: "Enabled", ScalingConfig: {} },
        { ...mapping("encrypted"), FilterCriteriaError: { ErrorCode: "KMSAccessDenied", Message: "no" } },
      ],
    });
    const [full, bare, encrypted] = await mappings.listQueueMappings();
    expect(full).toStrictEqual({
      uuid: "full",
      state: "Enabled",
      queueArn: QUEUE,
      functionArn: `${FUNCTION}:live`,
      batchSize: 50,
      maximumBatchingWindowSeconds: 20,
      maximumConcurrency: 5,
      filterCount: 2,
      reportBatchItemFailures: true,
      eventCountMetrics: true,
    });
    expect(bare).toStrictEqual({
      uuid: "bare",
      state: "Enabled",
      queueArn: QUEUE,
      functionArn: FUNCTION,
      batchSize: 10,
      maximumBatchingWindowSeconds: 0,
      filterCount: 0,
      reportBatchItemFailures: false,
      eventCountMetrics: false,
    });
    expect(encrypted).toMatchObject({ filterCount: 1 });
    expect(EventSourceMapping.parse(full)).toStrictEqual(full);
  });

  test.each([
    { code: "AccessDeniedException", name: "AccountUnreadableError", says: "lambda:ListEventSourceMappings" },
    { code: "TooManyRequestsException", name: "TransientError", says: "throttled" },
  ])("$code → $name", async ({ code, name, says }) => {
    lambda.on(ListEventSourceMappingsCommand).rejects(awsError(code));
    await expect(mappings.listQueueMappings()).rejects.toMatchObject({
      name,
      message: expect.stringContaining(says),
    });
  });
});

describe("describeFunction", () => {
  beforeEach(() => {
    lambda.on(GetFunctionConfigurationCommand).resolves({
      FunctionArn: FUNCTION,
      Timeout: 30,
      Runtime: "nodejs24.x",
      LoggingConfig: { LogFormat: "Text", LogGroup: "/custom/orders" },
    });
    lambda.on(GetFunctionConcurrencyCommand).resolves({});
  });

  test.each([
    { named: FUNCTION, qualifier: {} },
    { named: `${FUNCTION}:$LATEST`, qualifier: {} },
    { named: `${FUNCTION}:live`, qualifier: { qualifier: "live" } },
    { named: `${FUNCTION}:7`, qualifier: { qualifier: "7" } },
  ])("$named", async ({ named, qualifier }) => {
    const described = await mappings.describeFunction(named);
    expect(described).toStrictEqual({
      arn: FUNCTION,
      name: "orders",
      ...qualifier,
      timeoutSeconds: 30,
      runtime: "nodejs24.x",
      logGroup: "/custom/orders",
      logFormat: "Text",
    });
    expect(ConsumerFunction.parse(described)).toStrictEqual(described);
    const [configuration] = lambda.commandCalls(GetFunctionConfigurationCommand);
    expect(configuration?.args[0].input.FunctionName).toBe(named);
    const [concurrency] = lambda.commandCalls(GetFunctionConcurrencyCommand);
    expect(concurrency?.args[0].input.FunctionName).toBe(FUNCTION);
  });

  test("reads JSON logging, levels and reserved concurrency, also of zero", async () => {
    lambda.on(GetFunctionConfigurationCommand).resolves({
      Timeout: 3,
      LoggingConfig: {
        LogFormat: "JSON",
        LogGroup: "g",
        SystemLogLevel: "WARN",
        ApplicationLogLevel: "ERROR",
      },
    });
    lambda.on(GetFunctionConcurrencyCommand).resolves({ ReservedConcurrentExecutions: 0 });
    expect(await mappings.describeFunction(FUNCTION)).toStrictEqual({
      arn: FUNCTION,
      name: "orders",
      timeoutSeconds: 3,
      logGroup: "g",
      logFormat: "JSON",
      systemLogLevel: "WARN",
      applicationLogLevel: "ERROR",
      reservedConcurrency: 0,
    });
  });

  test("reserved concurrency that may not be read is listed, and the function described (I8)", async () => {
    lambda.on(GetFunctionConcurrencyCommand).rejects(awsError("AccessDeniedException", { status: 403 }));
    expect(await mappings.describeFunction(`${FUNCTION}:live`)).toMatchObject({
      timeoutSeconds: 30,
      unreadable: [
        {
          resource: FUNCTION,
          reason: expect.stringMatching(
            /^reserved concurrency: lambda:GetFunctionConcurrency is not allowed/,
          ),
        },
      ],
    });
  });

  test.each([
    { code: "ResourceNotFoundException", name: "UnreadableError" },
    { code: "AccessDeniedException", name: "UnreadableError" },
    { code: "TooManyRequestsException", name: "UnreadableError" },
    { code: "ExpiredTokenException", name: "AccountUnreadableError" },
  ])("$code → $name", async ({ code, name }) => {
    lambda.on(GetFunctionConfigurationCommand).rejects(awsError(code));
    await expect(mappings.describeFunction(FUNCTION)).rejects.toMatchObject({ name });
  });

  test("expired credentials stop the scan at the second call too", async () => {
    lambda.on(GetFunctionConcurrencyCommand).rejects(awsError("ExpiredTokenException"));
    await expect(mappings.describeFunction(FUNCTION)).rejects.toMatchObject({
      name: "AccountUnreadableError",
    });
  });

  test.each([
    { named: FUNCTION, answer: {}, says: "expected the function's timeout" },
    { named: "orders", answer: { Timeout: 3 }, says: 'expected the ARN of a function, got "orders"' },
  ])("$says", async ({ named, answer, says }) => {
    lambda.on(GetFunctionConfigurationCommand).resolves(answer);
    await expect(mappings.describeFunction(named)).rejects.toMatchObject({
      name: "UnreadableError",
      reason: expect.stringContaining(says),
    });
  });
});
