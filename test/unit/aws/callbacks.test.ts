import { inspect } from "node:util";
import {
  InvalidToken,
  SendTaskSuccessCommand,
  SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { createCallbacks } from "../../../aws/callbacks.ts";
import { connect } from "../../../aws/connection.ts";
import { awsError, networkError } from "../../support/aws-errors.ts";
import { closeWires, startWire } from "../../support/wire.ts";

const TOKEN = `AAAAKgAAAAIAAAAA${"x7Fq/+".repeat(40)}==`;
const about = { message: `Invalid Token: '${TOKEN}'`, $metadata: {} };

describe("wake", () => {
  const sfn = mockClient(SFNClient);
  const callbacks = createCallbacks(connect({ region: "us-east-1" }));
  beforeEach(() => {
    sfn.reset();
  });
  afterEach(() => {
    sfn.restore();
  });

  test("answers with nothing but that it was answered", async () => {
    sfn.on(SendTaskSuccessCommand).resolves({});
    expect(await callbacks.wake(TOKEN)).toBe("told");
    expect(sfn.calls().map(({ args }) => args[0].input)).toStrictEqual([{ taskToken: TOKEN, output: "{}" }]);
  });

  test.each([
    { error: new TaskTimedOut(about) },
    { error: new InvalidToken(about) },
    { error: new TaskDoesNotExist(about) },
  ])("I5: $error.name → gone", async ({ error }) => {
    sfn.on(SendTaskSuccessCommand).rejects(error);
    expect(await callbacks.wake(TOKEN)).toBe("gone");
  });

  test.each([
    { error: awsError("ThrottlingException"), name: "TransientError", says: "throttled" },
    { error: awsError("ServiceUnavailable", { status: 503 }), name: "TransientError", says: "(503" },
    { error: networkError("ECONNRESET"), name: "TransientError", says: "(ECONNRESET)" },
    { error: awsError("AccessDeniedException"), name: "ConfigError", says: "states:SendTaskSuccess is not" },
    { error: awsError("ExpiredTokenException"), name: "AccountUnreadableError", says: "expired" },
    { error: networkError("ECONNREFUSED"), name: "AccountUnreadableError", says: "ECONNREFUSED" },
  ])("$error → $name", async ({ error, name, says }) => {
    sfn.on(SendTaskSuccessCommand).rejects(error);
    await expect(callbacks.wake(TOKEN)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(says),
    });
  });

  test.each([
    { what: "whole", quote: TOKEN },
    { what: "cut", quote: `${TOKEN.slice(0, 40)}…` },
  ])("no error holds the token, though AWS's message quotes it $what", async ({ quote }) => {
    const message = `1 validation error detected: Value '${quote}' at 'taskToken' failed to satisfy constraint`;
    const error = Object.assign(awsError("ValidationException", { message }), { $response: { body: quote } });
    sfn.on(SendTaskSuccessCommand).rejects(error);
    const thrown = await callbacks.wake(TOKEN).catch((caught: unknown) => caught);
    expect(thrown).toMatchObject({
      name: "ContractError",
      message:
        "waiting state: states:SendTaskSuccess failed with ValidationException: its message quotes the task token",
    });
    expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain(TOKEN.slice(0, 12));
  });
});

describe("over the wire", () => {
  afterEach(closeWires);

  test("a made-up token wakes nobody", async () => {
    const { settings } = await startWire();
    const { endpoint: endpointUrl, region, credentials } = settings;
    expect(await createCallbacks(connect({ endpointUrl, region, credentials })).wake(TOKEN)).toBe("gone");
  });
});
