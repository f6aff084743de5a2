// What a person reads when the account cannot be reached at all.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { describe, expect, test } from "@jest/globals";
import { main } from "../../cli/main.ts";
import { TEST_CREDENTIALS, useAwsEnvironment } from "../support/aws-environment.ts";
import { fakeIo } from "../support/fake-io.ts";

async function scan(...args: string[]) {
  const io = fakeIo();
  const code = await main(["scan", "--quiet", ...args], io);
  return { code, out: io.out(), err: io.err() };
}

/** One line, no stack trace. */
const sentence = (words: RegExp) =>
  expect.stringMatching(new RegExp(`^doubletake: .*${words.source}[^\\n]*\\n$`));

/** A port of this computer on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("a scan that cannot begin says why in one sentence and ends with 3", () => {
  useAwsEnvironment();

  test("no Region", async () => {
    Object.assign(process.env, TEST_CREDENTIALS);
    expect(await scan()).toEqual({ code: 3, out: "", err: sentence(/no AWS Region is set.*AWS_REGION/) });
  });

  test("no credentials", async () => {
    expect(await scan("--region", "eu-central-1")).toEqual({
      code: 3,
      out: "",
      err: sentence(/no usable AWS credentials.*AWS_PROFILE/),
    });
  });

  test("a profile that does not exist", async () => {
    expect(await scan("--region", "eu-central-1", "--profile", "nobody")).toEqual({
      code: 3,
      out: "",
      err: sentence(/no usable AWS credentials.*profile/),
    });
  });

  test("a Region that cannot be one", async () => {
    Object.assign(process.env, TEST_CREDENTIALS);
    expect(await scan("--region", "eu central")).toEqual({
      code: 3,
      out: "",
      err: sentence(/Region is not valid/),
    });
  });

  test("an endpoint where nobody listens", async () => {
    Object.assign(process.env, TEST_CREDENTIALS);
    const url = `http://127.0.0.1:${await closedPort()}`;
    expect(await scan("--region", "eu-central-1", "--endpoint-url", url)).toEqual({
      code: 3,
      out: "",
      err: sentence(/cannot reach 127\.0\.0\.1:\d+/),
    });
  });

  test("who sets DOUBLETAKE_DEBUG gets the stack too", async () => {
    const io = fakeIo({ env: { DOUBLETAKE_DEBUG: "1" } });
    expect(await main(["scan", "--quiet", "--region", "eu-central-1"], io)).toBe(3);
    expect(io.err()).toMatch(/^doubletake: no usable AWS credentials[^\n]*\n[\s\S]* at /);
  });
});
