import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
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
    expect(lambda.calls()).toHaveLength(1);
  });

  test("reads JSON logging and its levels", async () => {
    lambda.on(GetFunctionConfigurationCommand).resolves({
      Timeout: 3,
      LoggingConfig: {
        LogFormat: "JSON",
        LogGroup: "g",
        SystemLogLevel: "WARN",
        ApplicationLogLevel: "ERROR",
      },
    });
    expect(await mappings.describeFunction(FUNCTION)).toStrictEqual({
      arn: FUNCTION,
      name: "orders",
      timeoutSeconds: 3,
      logGroup: "g",
      logFormat: "JSON",
      systemLogLevel: "WARN",
      applicationLogLevel: "ERROR",
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

describe("forMany", () => {
  const arnOf = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
  const named = (count: number, prefix = "f") =>
    Array.from({ length: count }, (_, index) => arnOf(`${prefix}${index}`));
  const configuration = (FunctionArn: string) => ({ FunctionArn, Timeout: 7 });
  const pagesOf = (arns: readonly string[]) => {
    const answers = lambda.on(ListFunctionsCommand);
    for (let start = 0; start < arns.length; start += 50) {
      const more = start + 50 < arns.length;
      answers.resolvesOnce({
        Functions: arns.slice(start, start + 50).map(configuration),
        ...(more && { NextMarker: `after ${start}` }),
      });
    }
  };
  const singles = () =>
    lambda.commandCalls(GetFunctionConfigurationCommand).map(({ args }) => args[0].input.FunctionName);
  async function describeAll(wanted: readonly string[]) {
    const functions = await mappings.forMany(wanted);
    return Promise.all(wanted.map((arn) => functions.describeFunction(arn)));
  }

  beforeEach(() => {
    lambda.on(GetFunctionConfigurationCommand).resolves({ Timeout: 9 });
  });

  test("reads fifty functions a call, and the same of each as alone", async () => {
    const wanted = named(120);
    pagesOf(wanted);
    const described = await describeAll(wanted);
    expect(described.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual(wanted.map(() => 7));
    expect(described[119]).toStrictEqual({
      arn: arnOf("f119"),
      name: "f119",
      timeoutSeconds: 7,
      logGroup: "/aws/lambda/f119",
      logFormat: "Text",
    });
    expect(lambda.commandCalls(ListFunctionsCommand).map(({ args }) => args[0].input)).toStrictEqual([
      { MaxItems: 50 },
      { MaxItems: 50, Marker: "after 0" },
      { MaxItems: 50, Marker: "after 50" },
    ]);
    expect(singles()).toEqual([]);
  });

  test("tells the revision of what it listed, whichever alias or version is named", async () => {
    const [first = "", second = "", third = "", ...rest] = named(12);
    lambda.on(ListFunctionsCommand).resolves({
      Functions: [
        { ...configuration(first), RevisionId: "r1", LastModified: "2026-01-01" },
        { ...configuration(second), LastModified: "2026-01-01" },
        ...rest.map(configuration),
      ],
    });
    const { revisionOf } = await mappings.forMany([first, second, third, ...rest]);
    expect([first, `${first}:live`, `${first}:7`].map(revisionOf)).toEqual(["r1", "r1", "r1"]);
    expect([second, third, "first"].map(revisionOf)).toEqual(["2026-01-01", undefined, undefined]);
  });

  test("asks for few functions one by one", async () => {
    const wanted = named(10);
    await describeAll(wanted);
    expect(lambda.commandCalls(ListFunctionsCommand)).toHaveLength(0);
    expect(singles()).toEqual(wanted);
  });

  test("asks for aliases and versions alone: their configuration is their own", async () => {
    const wanted = [...named(11), `${arnOf("f0")}:live`, `${arnOf("f1")}:7`, `${arnOf("f2")}:$LATEST`];
    pagesOf(named(11));
    const described = await describeAll(wanted);
    expect(singles()).toEqual([`${arnOf("f0")}:live`, `${arnOf("f1")}:7`]);
    expect(described.at(-3)).toMatchObject({ arn: arnOf("f0"), qualifier: "live", timeoutSeconds: 9 });
    expect(described.at(-1)).toMatchObject({ arn: arnOf("f2"), timeoutSeconds: 7 });
  });

  test("stops listing once all are found", async () => {
    pagesOf([...named(20), ...named(500, "other")]);
    await describeAll(named(20));
    expect(lambda.commandCalls(ListFunctionsCommand)).toHaveLength(1);
  });

  test("stops listing where the rest of the account costs more than asking", async () => {
    pagesOf([...named(2000, "other"), ...named(15)]);
    await describeAll(named(15));
    expect(lambda.commandCalls(ListFunctionsCommand)).toHaveLength(15);
    expect(singles()).toHaveLength(15);
  });

  test("asks alone for what no page shows, or shows without its timeout", async () => {
    const [whole = "", ...rest] = named(13);
    lambda.on(ListFunctionsCommand).resolves({
      Functions: [...rest.slice(1).map(configuration), { FunctionArn: rest[0] }, {}],
    });
    lambda
      .on(GetFunctionConfigurationCommand, { FunctionName: whole })
      .rejects(awsError("ResourceNotFoundException"));
    const functions = await mappings.forMany([whole, ...rest]);
    await expect(functions.describeFunction(whole)).rejects.toMatchObject({
      name: "UnreadableError",
      missing: true,
    });
    expect(await functions.describeFunction(rest[0] ?? "")).toMatchObject({ timeoutSeconds: 9 });
    expect(singles()).toEqual([whole, rest[0]]);
  });

  test.each(["AccessDeniedException", "TooManyRequestsException", "ServiceException"])(
    "I9: a listing that fails with %s leaves the single questions, and what it gave before",
    async (code) => {
      lambda
        .on(ListFunctionsCommand)
        .resolvesOnce({ Functions: named(50).map(configuration), NextMarker: "m" })
        .rejects(awsError(code, { status: code === "ServiceException" ? 500 : 400 }));
      const wanted = named(60);
      const described = await describeAll(wanted);
      expect(described.filter(({ timeoutSeconds }) => timeoutSeconds === 7)).toHaveLength(50);
      expect(singles()).toEqual(wanted.slice(50));
    },
  );

  test("expired credentials end the scan", async () => {
    lambda.on(ListFunctionsCommand).rejects(awsError("ExpiredTokenException"));
    await expect(mappings.forMany(named(11))).rejects.toMatchObject({ name: "AccountUnreadableError" });
  });

  test("I9: what is no ARN of a function is that function's trouble alone", async () => {
    pagesOf(named(11));
    const functions = await mappings.forMany([...named(11), "orders"]);
    expect(await functions.describeFunction(arnOf("f3"))).toMatchObject({ timeoutSeconds: 7 });
    await expect(functions.describeFunction("orders")).rejects.toMatchObject({ name: "UnreadableError" });
  });
});

describe("reservedConcurrency", () => {
  test.each([
    { answer: { ReservedConcurrentExecutions: 5 }, reserved: 5 },
    { answer: { ReservedConcurrentExecutions: 0 }, reserved: 0 },
    { answer: {}, reserved: undefined },
  ])("$answer: $reserved", async ({ answer, reserved }) => {
    lambda.on(GetFunctionConcurrencyCommand).resolves(answer);
    expect(await mappings.reservedConcurrency(`${FUNCTION}:live`)).toBe(reserved);
    const [call] = lambda.commandCalls(GetFunctionConcurrencyCommand);
    expect(call?.args[0].input.FunctionName).toBe(FUNCTION);
  });

  test.each([
    { code: "AccessDeniedException", name: "UnreadableError", says: "lambda:GetFunctionConcurrency" },
    { code: "ExpiredTokenException", name: "AccountUnreadableError", says: "expired" },
  ])("$code → $name", async ({ code, name, says }) => {
    lambda.on(GetFunctionConcurrencyCommand).rejects(awsError(code, { status: 403 }));
    await expect(mappings.reservedConcurrency(FUNCTION)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(says),
    });
  });
});
