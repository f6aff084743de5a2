import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createAccount } from "../../../aws/account.ts";
import { type Connection, connect } from "../../../aws/connection.ts";
import { VERSION } from "../../../aws/version.ts";

const credentials = { accessKeyId: "test", secretAccessKey: "test" };

describe("a connection", () => {
  let server: Server;
  let statuses: number[];
  let userAgents: (string | undefined)[];
  let connection: Connection;

  beforeEach(async () => {
    statuses = [];
    userAgents = [];
    server = createServer((request, response) => {
      userAgents.push(request.headers["user-agent"]);
      response.statusCode = statuses.shift() ?? 200;
      response.end(JSON.stringify({ QueueUrl: "http://queue" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    connection = connect(options());
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const options = () => {
    const { port } = server.address() as AddressInfo;
    return { endpointUrl: `http://127.0.0.1:${port}`, region: "eu-west-1", credentials };
  };
  const call = () => connection.client(SQSClient).send(new GetQueueUrlCommand({ QueueName: "q" }));

  test("counts every attempt, retries too, and starts again from zero once taken", async () => {
    statuses = [500, 503];
    await call();
    await call();
    expect(connection.calls.take()).toStrictEqual({ "sqs:GetQueueUrl": 4 });
    expect(connection.calls.take()).toStrictEqual({});
  });

  test("a client that must not repeat tries once", async () => {
    statuses = [500];
    const client = connection.client(SQSClient, { maxAttempts: 1 });
    await expect(client.send(new GetQueueUrlCommand({ QueueName: "q" }))).rejects.toThrow();
    expect(connection.calls.take()).toStrictEqual({ "sqs:GetQueueUrl": 1 });
  });

  test("holds an attempt back that is above its rate, and counts it when it leaves", async () => {
    jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate", "performance"] });
    try {
      const slow = connect({ ...options(), quotaShare: 0.1 });
      const policy = () => slow.client(LambdaClient).send(new GetPolicyCommand({ FunctionName: "f" }));
      await policy();
      const second = policy();
      // Another call goes there and back meanwhile.
      await slow.client(SQSClient).send(new GetQueueUrlCommand({ QueueName: "q" }));
      expect(slow.calls.take()).toStrictEqual({ "lambda:GetPolicy": 1, "sqs:GetQueueUrl": 1 });
      await jest.advanceTimersByTimeAsync(1000);
      await second;
      expect(slow.calls.take()).toStrictEqual({ "lambda:GetPolicy": 1 });
    } finally {
      jest.useRealTimers();
    }
  });

  test("names the product and its version to AWS", async () => {
    const file = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(file) as { version: string };
    await call();
    expect(userAgents[0]).toContain(`doubletake/${version}`);
    expect(VERSION).toBe(version);
  });

  test("an answer without an account id makes the account unreadable", async () => {
    await expect(createAccount(connection).identity()).rejects.toMatchObject({
      name: "AccountUnreadableError",
    });
  });
});

describe("an account that cannot be reached", () => {
  const identity = (options: Parameters<typeof connect>[0]) => createAccount(connect(options)).identity();

  test("nobody listens at the endpoint", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(
      identity({ endpointUrl: `http://127.0.0.1:${port}`, region: "eu-west-1", credentials, maxAttempts: 1 }),
    ).rejects.toMatchObject({
      name: "AccountUnreadableError",
      message: `cannot reach 127.0.0.1:${port} (ECONNREFUSED): check the Region's name, the endpoint and the network`,
    });
  });

  test("the Region is no name of a Region", async () => {
    await expect(identity({ region: "nowhere at all", credentials })).rejects.toMatchObject({
      name: "AccountUnreadableError",
      message: expect.stringContaining("the AWS Region is not valid"),
    });
  });

  test.each([
    {
      missing: "a Region",
      environment: { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
      message: "no AWS Region is set: name one, or set AWS_REGION",
    },
    {
      missing: "credentials",
      environment: { AWS_REGION: "eu-west-1" },
      message: expect.stringContaining("no usable AWS credentials: check the profile"),
    },
    {
      missing: "the named profile",
      environment: { AWS_REGION: "eu-west-1", AWS_PROFILE: "no-such-profile" },
      message: expect.stringContaining("no usable AWS credentials: check the profile"),
    },
  ])("the environment lacks $missing", async ({ environment, message }) => {
    const before = process.env;
    const nothing = { AWS_EC2_METADATA_DISABLED: "true", AWS_CONFIG_FILE: "/dev/null" };
    process.env = { ...nothing, AWS_SHARED_CREDENTIALS_FILE: "/dev/null", ...environment };
    try {
      await expect(identity({})).rejects.toMatchObject({ name: "AccountUnreadableError", message });
    } finally {
      process.env = before;
    }
  });
});
