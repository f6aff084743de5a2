import {
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  InvalidParameterValueException,
  InvalidRequestContentException,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  paginateListEventSourceMappings,
  ResourceConflictException,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { afterEach, describe, expect, test } from "@jest/globals";
import { functionArn, NOW_MS, queueArn } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

const CONSUMER = {
  name: "consumer",
  timeoutSeconds: 42,
  logGroup: "/custom/group",
  reservedConcurrency: 7,
  tags: { team: "orders" },
  aliases: { live: "2" },
  versions: ["1", "2"],
};

async function start(mappings = 3, functions: readonly object[] = [CONSUMER]) {
  const { server, settings } = await startWire({ mappings, functions });
  return { server, lambda: new LambdaClient(settings) };
}

describe("event source mappings over the wire", () => {
  test("250 mappings come 100 a page, however many are asked for", async () => {
    const { lambda } = await start(250);
    const sizes: (number | undefined)[] = [];
    for await (const page of paginateListEventSourceMappings({ client: lambda, pageSize: 1000 }, {})) {
      sizes.push(page.EventSourceMappings?.length);
    }
    expect(sizes).toEqual([100, 100, 50]);
  });

  test("they are found by source, by function and by id", async () => {
    const { lambda } = await start(3);
    const list = async (input: object) =>
      (await lambda.send(new ListEventSourceMappingsCommand(input))).EventSourceMappings?.length;
    expect(await list({ EventSourceArn: queueArn("queue-0") })).toBe(2);
    expect(await list({ EventSourceArn: queueArn("nowhere") })).toBe(0);
    expect(await list({ FunctionName: "consumer" })).toBe(3);
    expect(await list({ FunctionName: "consumer:live" })).toBe(0);
    const UUID = "00000000-0000-4000-8000-000000000001";
    const mapping = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
    expect(mapping).toMatchObject({
      UUID,
      EventSourceArn: queueArn("queue-1"),
      FunctionArn: functionArn("consumer"),
      State: "Enabled",
      BatchSize: 10,
      LastModified: new Date(NOW_MS),
      FunctionResponseTypes: [],
    });
    expect(mapping.ScalingConfig).toBeUndefined();
  });

  test.each([
    {
      name: "an unknown id",
      run: (lambda: LambdaClient) => lambda.send(new GetEventSourceMappingCommand({ UUID: "x" })),
      type: ResourceNotFoundException,
    },
    {
      name: "an unknown function",
      run: (lambda: LambdaClient) =>
        lambda.send(new ListEventSourceMappingsCommand({ FunctionName: "nobody" })),
      type: ResourceNotFoundException,
    },
    {
      name: "a made-up marker",
      run: (lambda: LambdaClient) => lambda.send(new ListEventSourceMappingsCommand({ Marker: "made-up" })),
      type: InvalidParameterValueException,
    },
    {
      name: "no items at all",
      run: (lambda: LambdaClient) => lambda.send(new ListEventSourceMappingsCommand({ MaxItems: 0 })),
      type: InvalidParameterValueException,
    },
  ])("$name is $type.name", async ({ run, type }) => {
    const { lambda } = await start();
    await expect(run(lambda)).rejects.toBeInstanceOf(type);
  });
});

describe("functions over the wire", () => {
  test("51 functions come 50 a page", async () => {
    const { lambda } = await start(
      0,
      Array.from({ length: 51 }, (_, index) => ({ name: `fn-${index}` })),
    );
    const first = await lambda.send(new ListFunctionsCommand({}));
    const second = await lambda.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
    expect([first.Functions?.length, second.Functions?.length]).toEqual([50, 1]);
    expect(second.NextMarker).toBeUndefined();
  });

  test.each([
    { by: "name", FunctionName: "consumer", arn: functionArn("consumer"), version: "$LATEST" },
    { by: "ARN", FunctionName: functionArn("consumer"), arn: functionArn("consumer"), version: "$LATEST" },
    {
      by: "partial ARN",
      FunctionName: "123456789012:function:consumer",
      arn: functionArn("consumer"),
      version: "$LATEST",
    },
    {
      by: "ARN with an alias",
      FunctionName: functionArn("consumer:live"),
      arn: functionArn("consumer:live"),
      version: "2",
    },
    { by: "name with a version", FunctionName: "consumer:1", arn: functionArn("consumer:1"), version: "1" },
    {
      by: "qualifier",
      FunctionName: "consumer",
      Qualifier: "live",
      arn: functionArn("consumer:live"),
      version: "2",
    },
  ])("the configuration is found by $by", async ({ FunctionName, Qualifier, arn, version }) => {
    const { lambda } = await start();
    const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));
    expect(found).toMatchObject({
      FunctionName: "consumer",
      FunctionArn: arn,
      Version: version,
      Timeout: 42,
      LoggingConfig: { LogGroup: "/custom/group", LogFormat: "Text" },
    });
  });

  test.each([
    { name: "an unknown function", FunctionName: "nobody" },
    { name: "an unknown alias", FunctionName: "consumer:dead" },
    { name: "a function of another account", FunctionName: "999999999999:function:consumer" },
  ])("$name is not found", async ({ FunctionName }) => {
    const { lambda } = await start();
    await expect(lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });

  test("the system log level is told for JSON logs only", async () => {
    const json = { name: "json", logFormat: "JSON", systemLogLevel: "WARN" };
    const { lambda } = await start(0, [json]);
    const { LoggingConfig } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: "json" }),
    );
    expect(LoggingConfig).toEqual({
      LogGroup: "/aws/lambda/json",
      LogFormat: "JSON",
      SystemLogLevel: "WARN",
      ApplicationLogLevel: "INFO",
    });
  });

  test("resource policy and event invoke configuration, of any qualifier; a function without them has none", async () => {
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    const { lambda } = await start(0, [
      {
        ...CONSUMER,
        policy,
        eventInvokeConfig: { maximumRetryAttempts: 0, onFailureDestinationArn: functionArn("failed") },
      },
      { name: "kept", eventInvokeConfig: { maximumRetryAttempts: 1 } },
    ]);
    const policyOf = (FunctionName: string, Qualifier?: string) =>
      lambda.send(new GetPolicyCommand({ FunctionName, ...(Qualifier === undefined ? {} : { Qualifier }) }));
    const configOf = (FunctionName: string) =>
      lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
    expect((await policyOf("consumer")).Policy).toBe(policy);
    expect((await policyOf(functionArn("consumer"), "live")).Policy).toBe(policy);
    expect(await configOf(functionArn("consumer:live"))).toMatchObject({
      FunctionArn: functionArn("consumer:live"),
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: functionArn("failed") } },
    });
    expect((await configOf("kept")).DestinationConfig?.OnFailure?.Destination).toBeUndefined();
    const none = expect.objectContaining({ name: "ResourceNotFoundException" });
    await expect(policyOf("kept")).rejects.toEqual(none);
    await expect(policyOf("consumer", "missing")).rejects.toEqual(none);
    await expect(configOf("missing")).rejects.toEqual(none);
  });

  test("a function has no event invoke configuration unless it was given one", async () => {
    const { lambda } = await start(0, [{ name: "plain" }]);
    await expect(
      lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: "plain" })),
    ).rejects.toThrow("doesn't have an EventInvokeConfig");
  });

  test("concurrency, aliases, versions and tags", async () => {
    const { lambda } = await start(0, [CONSUMER, { name: "plain" }]);
    const concurrency = (FunctionName: string) =>
      lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    expect((await concurrency("consumer")).ReservedConcurrentExecutions).toBe(7);
    expect((await concurrency("plain")).ReservedConcurrentExecutions).toBeUndefined();
    const FunctionName = "consumer";
    const { Aliases } = await lambda.send(new ListAliasesCommand({ FunctionName }));
    expect(Aliases).toEqual([expect.objectContaining({ Name: "live", FunctionVersion: "2" })]);
    const alias = await lambda.send(new GetAliasCommand({ FunctionName, Name: "live" }));
    expect(alias.AliasArn).toBe(functionArn("consumer:live"));
    const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(Versions?.map(({ Version }) => Version)).toEqual(["$LATEST", "1", "2"]);
    const { Tags } = await lambda.send(new ListTagsCommand({ Resource: functionArn("consumer") }));
    expect(Tags).toEqual({ team: "orders" });
    const whole = await lambda.send(new GetFunctionCommand({ FunctionName }));
    expect(whole).toMatchObject({
      Configuration: { Timeout: 42 },
      Concurrency: { ReservedConcurrentExecutions: 7 },
    });
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
    expect(AccountLimit?.UnreservedConcurrentExecutions).toBe(993);
  });
});

describe("Invoke over the wire", () => {
  const invoke = (lambda: LambdaClient, input: Partial<InvokeCommandInput> = {}) =>
    lambda.send(new InvokeCommand({ FunctionName: "consumer", Payload: '{"n":1}', ...input }));
  const payloadOf = ({ Payload }: { Payload?: { transformToString(): string } | undefined }) =>
    JSON.parse(Payload?.transformToString() || "null");

  test("runs the registered handler and returns what it returns", async () => {
    const { server, lambda } = await start();
    server.registerFunctionHandler(functionArn("consumer"), async (event) => ({ got: event }));
    const result = await invoke(lambda);
    expect(result).toMatchObject({ StatusCode: 200 });
    expect(payloadOf(result)).toEqual({ got: { n: 1 } });
    expect(result.FunctionError).toBeUndefined();
  });

  test("a handler that throws is a function error with its name, not an error of the call", async () => {
    const { server, lambda } = await start();
    server.registerFunctionHandler("consumer", () => Promise.reject(new RangeError("too far")));
    const result = await invoke(lambda);
    expect(result.FunctionError).toBe("Unhandled");
    expect(payloadOf(result)).toMatchObject({ errorType: "RangeError", errorMessage: "too far" });
  });

  test("Event returns at once with 202 and DryRun runs nothing", async () => {
    const { server, lambda } = await start();
    const events: unknown[] = [];
    server.registerFunctionHandler("consumer", (event) => {
      events.push(event);
      return new Promise(() => undefined);
    });
    expect((await invoke(lambda, { InvocationType: "DryRun" })).StatusCode).toBe(204);
    expect(events).toEqual([]);
    expect((await invoke(lambda, { InvocationType: "Event" })).StatusCode).toBe(202);
    expect(events).toEqual([{ n: 1 }]);
  });

  test.each([
    { name: "a function nobody has", input: { FunctionName: "nobody" }, type: ResourceNotFoundException },
    { name: "a simulated function without a handler", input: {}, type: ResourceConflictException },
    {
      name: "a payload that is no JSON",
      input: { FunctionName: "registered", Payload: "{" },
      type: InvalidRequestContentException,
    },
  ])("$name is $type.name", async ({ input, type }) => {
    const { server, lambda } = await start();
    server.registerFunctionHandler("registered", async () => "ok");
    await expect(invoke(lambda, input)).rejects.toBeInstanceOf(type);
  });
});
