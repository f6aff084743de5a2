import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "@jest/globals";
import { main } from "../../cli/main.ts";
import { TEST_CREDENTIALS, useAwsEnvironment } from "../support/aws-environment.ts";
import { fakeIo } from "../support/fake-io.ts";

describe("simulate", () => {
  useAwsEnvironment(TEST_CREDENTIALS);

  test("serves an account that any client and a default scan can use, until Ctrl-C", async () => {
    let nowMs = Date.now();
    const io = fakeIo({ nowMs: () => nowMs });
    const args = ["--port", "0", "--hours", "4", "--scenario", "healthy", "--scenario", "visibility-expired"];
    const ended = main(["simulate", ...args], io);
    await io.listening;
    const url = /^export AWS_ENDPOINT_URL=(http:\/\/127\.0\.0\.1:\d+)$/m.exec(await written(io))?.[1] ?? "";
    expect(io.out()).toMatch(/^export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1$/m);

    const client = new SQSClient({ endpoint: url, region: "us-east-1", maxAttempts: 1 });
    const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}));
    expect(QueueUrls.length).toBeGreaterThanOrEqual(2);

    const scanIo = fakeIo({ nowMs: () => nowMs });
    const scan = ["scan", "--endpoint-url", url, "--region", "us-east-1", "--lookback", "3h", "--quiet"];
    expect(await main(scan, scanIo)).toBe(1);
    expect(scanIo.out()).toMatch(/^1\. visibility-expired: .*\n[\s\S]*\(proven, /m);

    // The account lives on with the clock: an hour later messages have come that nobody had sent before.
    const metrics = new CloudWatchClient({ endpoint: url, region: "us-east-1", maxAttempts: 1 });
    const fromMs = Math.ceil(nowMs / 3_600_000) * 3_600_000;
    const sentSince = async () => {
      const Dimensions = [{ Name: "QueueName", Value: QueueUrls[0]?.split("/").at(-1) }];
      const { Datapoints = [] } = await metrics.send(
        new GetMetricStatisticsCommand({
          Namespace: "AWS/SQS",
          MetricName: "NumberOfMessagesSent",
          Dimensions,
          StartTime: new Date(fromMs),
          EndTime: new Date(fromMs + 3_600_000),
          Period: 3600,
          Statistics: ["Sum"],
        }),
      );
      return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
    };
    expect(await sentSince()).toBe(0);
    nowMs = fromMs + 3_600_000;
    expect(await sentSince()).toBeGreaterThan(0);
    metrics.destroy();

    io.interrupt();
    expect(await ended).toBe(0);
    expect(io.err()).toMatch(/Stopped\.\n$/);
    await expect(client.send(new ListQueuesCommand({}))).rejects.toThrow();
    client.destroy();
  });

  test("--list names every scenario with a sentence and serves nothing", async () => {
    const io = fakeIo();
    expect(await main(["simulate", "--list"], io)).toBe(0);
    for (const name of ["visibility-expired", "healthy", "throttled"]) {
      expect(io.out()).toMatch(new RegExp(`^${name} +\\S+ \\S+`, "m"));
    }
  });

  test.each([
    { args: ["--scenario", "helthy"], err: /unknown scenario "helthy"; did you mean healthy\?/ },
    {
      args: ["--scenario", "nothing-of-the-kind"],
      err: /unknown scenario "nothing-of-the-kind"; --list shows all/,
    },
    { args: ["--hours", "0"], err: /--hours: expected a whole number from 1 to 168, got "0"/ },
    { args: ["--fault", "flood"], err: /--fault: unknown kind "flood"/ },
  ])("$args is a usage error", async ({ args, err }) => {
    const io = fakeIo();
    expect(await main(["simulate", ...args], io)).toBe(2);
    expect(io.err()).toMatch(err);
  });

  test("a port that is taken is said to be", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const io = fakeIo();
    const code = await main(
      ["simulate", "--port", String(port), "--hours", "1", "--scenario", "healthy"],
      io,
    );
    await new Promise((resolve) => other.close(resolve));
    expect(code).toBe(2);
    expect(io.err()).toContain(`--port: ${port} is in use; name another one, or 0 for any free one`);
  });
});

/** The instructions are written right after the command begins to listen for Ctrl-C. */
async function written(io: { out(): string }): Promise<string> {
  while (io.out() === "") await new Promise((resolve) => setImmediate(resolve));
  return io.out();
}
