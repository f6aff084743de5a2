import { CloudWatchClient, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { GetFunctionEventInvokeConfigCommand, GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { createAsyncEvents } from "../../../aws/async-events.ts";
import { connect } from "../../../aws/connection.ts";
import { eventSourcesOf } from "../../../aws/event-sources.ts";
import { AccountUnreadableError, UnreadableError } from "../../../core/errors.ts";
import { awsError } from "../../support/aws-errors.ts";

const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:thumbnails";
const TOPIC = "arn:aws:sns:us-east-1:123456789012:uploads";

const cloudWatch = mockClient(CloudWatchClient);
const lambda = mockClient(LambdaClient);
const asyncEvents = createAsyncEvents(connect({ region: "us-east-1" }));

beforeEach(() => {
  cloudWatch.reset();
  lambda.reset();
});

const metric = (functionName: string, resource?: string) => ({
  Dimensions: [
    { Name: "FunctionName", Value: functionName },
    ...(resource === undefined ? [] : [{ Name: "Resource", Value: resource }]),
  ],
});

const allow = (service: string, arn?: string, key = "AWS:SourceArn") => ({
  Effect: "Allow",
  Principal: { Service: service },
  Action: "lambda:InvokeFunction",
  Resource: FUNCTION,
  ...(arn === undefined ? {} : { Condition: { ArnLike: { [key]: arn } } }),
});

describe("listFunctions", () => {
  test("follows the token to the last page and asks for the one metric", async () => {
    cloudWatch
      .on(ListMetricsCommand)
      .resolvesOnce({ Metrics: [metric("b")], NextToken: "t1" })
      .resolvesOnce({ Metrics: [], NextToken: "t2" })
      .resolvesOnce({ Metrics: [metric("a")] });
    const found = await asyncEvents.listFunctions();
    expect(found).toEqual([
      { functionName: "a", qualifiers: [""] },
      { functionName: "b", qualifiers: [""] },
    ]);
    const inputs = cloudWatch.commandCalls(ListMetricsCommand).map(({ args }) => args[0].input);
    const asked = {
      Namespace: "AWS/Lambda",
      MetricName: "AsyncEventsReceived",
      Dimensions: [{ Name: "FunctionName" }],
    };
    expect(inputs).toEqual([asked, { ...asked, NextToken: "t1" }, { ...asked, NextToken: "t2" }]);
  });

  test("a function once, with the aliases that events went to", async () => {
    cloudWatch.on(ListMetricsCommand).resolves({
      Metrics: [metric("a"), metric("a", "a:live"), metric("b"), metric("b", "b"), metric("b", "b:3"), {}],
    });
    expect(await asyncEvents.listFunctions()).toEqual([
      { functionName: "a", qualifiers: ["live"] },
      { functionName: "b", qualifiers: ["", "3"] },
    ]);
  });

  test.each([
    { error: "AccessDenied", expected: UnreadableError },
    { error: "ExpiredToken", expected: AccountUnreadableError },
  ])("$error", async ({ error, expected }) => {
    cloudWatch.on(ListMetricsCommand).rejects(awsError(error));
    await expect(asyncEvents.listFunctions()).rejects.toThrow(expected);
  });
});

describe("describe", () => {
  test("names sources, retries and destination", async () => {
    lambda
      .on(GetPolicyCommand, { FunctionName: FUNCTION })
      .resolves({ Policy: JSON.stringify({ Statement: [allow("sns.amazonaws.com", TOPIC)] }) })
      .on(GetFunctionEventInvokeConfigCommand, { FunctionName: FUNCTION })
      .resolves({ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: "arn:queue" } } });
    expect(await asyncEvents.describe(FUNCTION)).toEqual({
      eventSources: [{ kind: "sns", arn: TOPIC }],
      maximumRetryAttempts: 0,
      onFailureDestinationArn: "arn:queue",
    });
  });

  test("a function without policy and configuration has no sources and AWS's two retries", async () => {
    lambda.rejects(awsError("ResourceNotFoundException"));
    expect(await asyncEvents.describe(FUNCTION)).toEqual({ eventSources: [], maximumRetryAttempts: 2 });
  });

  test("I8: what is denied is named, and the rest is still read", async () => {
    lambda
      .on(GetPolicyCommand)
      .rejects(awsError("AccessDeniedException"))
      .on(GetFunctionEventInvokeConfigCommand)
      .resolves({ MaximumRetryAttempts: 1 });
    expect(await asyncEvents.describe(FUNCTION)).toEqual({
      eventSources: [],
      maximumRetryAttempts: 1,
      unreadable: [
        {
          resource: FUNCTION,
          reason: expect.stringMatching(/^event sources: lambda:GetPolicy is not allowed/),
        },
      ],
    });
  });

  test("without credentials it fails as a whole", async () => {
    lambda.rejects(awsError("ExpiredTokenException"));
    await expect(asyncEvents.describe(FUNCTION)).rejects.toThrow(AccountUnreadableError);
  });
});

describe("eventSourcesOf", () => {
  const sources = (...statements: readonly unknown[]) =>
    eventSourcesOf(JSON.stringify({ Version: "2012-10-17", Statement: statements }));

  test.each([
    { service: "sns.amazonaws.com", kind: "sns" },
    { service: "s3.amazonaws.com", kind: "s3" },
    { service: "events.amazonaws.com", kind: "eventbridge" },
  ])("$service is $kind", ({ service, kind }) => {
    expect(sources(allow(service, "arn:x"))).toEqual([{ kind, arn: "arn:x" }]);
  });

  test.each([
    { name: "a caller that waits for the answer", statement: allow("apigateway.amazonaws.com", "arn:x") },
    { name: "an account", statement: { ...allow("x"), Principal: { AWS: "123456789012" } } },
    { name: "everybody", statement: { ...allow("x"), Principal: "*" } },
    { name: "a denial", statement: { ...allow("sns.amazonaws.com", TOPIC), Effect: "Deny" } },
  ])("$name is none", ({ statement }) => {
    expect(sources(statement)).toEqual([]);
  });

  test("any case of the condition key, several ARNs, none at all, and each source once", () => {
    expect(
      sources(
        allow("s3.amazonaws.com", "arn:aws:s3:::a", "aws:SourceArn"),
        {
          ...allow("s3.amazonaws.com"),
          Condition: { StringEquals: { "aws:sourcearn": ["arn:aws:s3:::b"] } },
        },
        allow("s3.amazonaws.com", "arn:aws:s3:::a"),
        allow("events.amazonaws.com"),
      ),
    ).toEqual([
      { kind: "s3", arn: "arn:aws:s3:::a" },
      { kind: "s3", arn: "arn:aws:s3:::b" },
      { kind: "eventbridge" },
    ]);
  });

  test.each([undefined, "", "{", "[]", '{"Statement":7}'])("%p names none", (policy) => {
    expect(eventSourcesOf(policy)).toEqual([]);
  });

  test("one statement need not be in a list", () => {
    const policy = JSON.stringify({ Statement: allow("sns.amazonaws.com", TOPIC) });
    expect(eventSourcesOf(policy)).toEqual([{ kind: "sns", arn: TOPIC }]);
  });
});
