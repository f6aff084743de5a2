import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { createApprovalsClient } from "../../../aws/approvals-client.ts";
import { connect } from "../../../aws/connection.ts";
import { ChangeSummary } from "../../../core/model/approval-commands.ts";
import { awsError, networkError } from "../../support/aws-errors.ts";
import { change } from "../../support/changes.ts";

const lambda = mockClient(LambdaClient);
const sts = mockClient(STSClient);
const client = createApprovalsClient(connect({ region: "eu-west-1" }), "doubletake-approvals");

beforeEach(() => {
  lambda.reset();
  sts.reset();
});

/** What Lambda gives back; text as it is, anything else as JSON. */
function answers(value: unknown, functionError?: string): void {
  const bytes = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  const payload = Object.assign(bytes, { transformToString: () => bytes.toString("utf8") });
  lambda
    .on(InvokeCommand)
    // The SDK's own type of a payload is bytes with more readers than are used here.
    .resolves({ Payload: payload as never, ...(functionError && { FunctionError: functionError }) });
}

describe("ask", () => {
  test("one synchronous Invoke with the command, and the answer as the schema reads it", async () => {
    answers({ kind: "list", changes: [change()], paused: false, later: "unknown to this version" });
    const answer = await client.ask({ action: "list" });
    expect(answer).toEqual({ kind: "list", changes: [ChangeSummary.parse(change())], paused: false });
    const calls = lambda.commandCalls(InvokeCommand);
    expect(calls).toHaveLength(1);
    const { Payload, ...input } = calls[0]?.args[0].input ?? {};
    expect(input).toEqual({ FunctionName: "doubletake-approvals", InvocationType: "RequestResponse" });
    expect(JSON.parse(Buffer.from(Payload as Uint8Array).toString("utf8"))).toEqual({ action: "list" });
  });

  test.each([
    {
      what: "an error of our own",
      payload: { errorType: "ContractError", errorMessage: "expected a command", trace: ["at secret.ts:1"] },
      name: "AccountUnreadableError",
      message: "the function doubletake-approvals failed with ContractError: expected a command",
    },
    {
      what: "several lines",
      payload: { errorType: "Error", errorMessage: "boom\n    at secret.ts:1", trace: [] },
      name: "AccountUnreadableError",
      message: "the function doubletake-approvals failed with Error: boom",
    },
    {
      what: "a passing trouble",
      payload: { errorType: "TransientError", errorMessage: "throttled", trace: [] },
      name: "TransientError",
      message: "the function doubletake-approvals failed with TransientError: throttled",
    },
    {
      what: "Lambda's own timeout",
      payload: {
        errorType: "Sandbox.Timedout",
        errorMessage: "RequestId: r Error: Task timed out after 30.00 s",
      },
      name: "TransientError",
      message: expect.stringContaining("Task timed out"),
    },
    {
      what: "no shape that Lambda documents",
      payload: "<html>",
      name: "AccountUnreadableError",
      message: "the function doubletake-approvals failed with an error",
    },
    {
      what: "an endless message",
      payload: { errorType: "Error", errorMessage: "x".repeat(10_000) },
      name: "AccountUnreadableError",
      message: `the function doubletake-approvals failed with Error: ${"x".repeat(300)} …`,
    },
  ])("a function that throws becomes one sentence without its stack: $what", async (row) => {
    answers(row.payload, "Unhandled");
    const { name, message } = row;
    await expect(client.ask({ action: "list" })).rejects.toMatchObject({ name, message });
  });

  test.each([
    ["another function's JSON", { statusCode: 200 }],
    ["no JSON", "hello"],
    ["nothing", ""],
    ["an answer of an unknown kind", { kind: "maybe" }],
  ])("%s in place of an answer: the name or the version is wrong", async (_what, payload) => {
    answers(payload);
    await expect(client.ask({ action: "list" })).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(
        /^--function doubletake-approvals: expected the answer .* same version$/,
      ),
    });
  });

  test.each([
    {
      what: "denied",
      error: awsError("AccessDeniedException", { status: 403, message: "User is not authorized" }),
      name: "ConfigError",
      message: /^--function doubletake-approvals: lambda:InvokeFunction is not allowed/,
    },
    {
      what: "missing",
      error: awsError("ResourceNotFoundException", { status: 404 }),
      name: "ConfigError",
      message: /^--function doubletake-approvals: there is no such function.*lambda:InvokeFunction/,
    },
    {
      what: "throttled",
      error: awsError("TooManyRequestsException", { status: 429 }),
      name: "TransientError",
      message: /throttled: lambda:InvokeFunction/,
    },
    {
      what: "signed out",
      error: awsError("ExpiredTokenException"),
      name: "AccountUnreadableError",
      message: /credentials have expired/,
    },
    {
      what: "out of reach",
      error: networkError("ENOTFOUND", "getaddrinfo ENOTFOUND lambda"),
      name: "AccountUnreadableError",
      message: /cannot reach lambda/,
    },
  ])("$what → $name", async ({ error, name, message }) => {
    lambda.on(InvokeCommand).rejects(error);
    await expect(client.ask({ action: "list" })).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });
});

describe("principal", () => {
  test("the ARN of the caller", async () => {
    sts.on(GetCallerIdentityCommand).resolves({ Arn: "arn:aws:sts::123456789012:assumed-role/ops/ann" });
    expect(await client.principal()).toBe("arn:aws:sts::123456789012:assumed-role/ops/ann");
  });

  test("whoever cannot be told cannot decide", async () => {
    sts.on(GetCallerIdentityCommand).resolves({});
    await expect(client.principal()).rejects.toMatchObject({ name: "AccountUnreadableError" });
    sts.on(GetCallerIdentityCommand).rejects(awsError("InvalidClientTokenId", { status: 403 }));
    await expect(client.principal()).rejects.toMatchObject({ name: "AccountUnreadableError" });
  });
});
