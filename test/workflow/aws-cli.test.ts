// Drives the running server with the real AWS CLI, where one is installed: its protocols are not always those
// of the SDK for JavaScript.
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { SimulatorServer } from "../../simulator/server.ts";
import { startServer } from "../../simulator/server.ts";
import { awsCli, awsCliVersion } from "../support/aws-cli.ts";
import { ACCOUNT_ID, createFakeAccount, NOW_MS, queueArn, REGION } from "../support/fake-account.ts";

// Each call starts a Python interpreter.
jest.setTimeout(60_000);
const GROUP = "/aws/lambda/consumer";

const version = awsCliVersion();
const suite = version === undefined ? describe.skip : describe;

suite(
  version === undefined ? "the AWS CLI (skipped: no `aws` on the PATH)" : `the AWS CLI, ${version}`,
  () => {
    let server: SimulatorServer;

    beforeAll(async () => {
      const sent = {
        namespace: "AWS/SQS",
        metricName: "NumberOfMessagesSent",
        dimensions: { QueueName: "orders" },
      };
      const account = createFakeAccount({
        queues: ["orders"],
        mappings: 2,
        functions: [{ name: "consumer" }],
        logs: { [GROUP]: [{ message: "START RequestId" }, { message: "messageId: 'abc'" }] },
        metrics: [{ ...sent, minutes: [{ sum: 3 }, { sum: 4 }] }],
      });
      server = await startServer({ account });
    });
    afterAll(() => server.close());

    const aws = async (...args: readonly string[]) =>
      JSON.parse(await awsCli(server.url, REGION, [...args, "--output", "json"]));
    const window = [
      "--start-time",
      new Date(NOW_MS).toISOString(),
      "--end-time",
      new Date(NOW_MS + 120_000).toISOString(),
    ] as const;

    test("sqs list-queues", async () => {
      const { QueueUrls } = await aws("sqs", "list-queues");
      expect(QueueUrls).toEqual([`${server.url}/${ACCOUNT_ID}/orders`]);
    });

    test("sqs get-queue-attributes", async () => {
      const url = `${server.url}/${ACCOUNT_ID}/orders`;
      const { Attributes } = await aws(
        "sqs",
        "get-queue-attributes",
        "--queue-url",
        url,
        "--attribute-names",
        "All",
      );
      expect(Attributes).toEqual({ VisibilityTimeout: "30", QueueArn: queueArn("orders") });
    });

    test("an error is told with AWS's own code", async () => {
      await expect(aws("sqs", "get-queue-url", "--queue-name", "nowhere")).rejects.toMatchObject({
        stderr: expect.stringContaining("(AWS.SimpleQueueService.NonExistentQueue)"),
      });
    });

    test("lambda list-event-source-mappings", async () => {
      const { EventSourceMappings } = await aws("lambda", "list-event-source-mappings");
      expect(EventSourceMappings).toHaveLength(2);
    });

    test("cloudwatch get-metric-data", async () => {
      const query = {
        Id: "sent",
        MetricStat: {
          Metric: {
            Namespace: "AWS/SQS",
            MetricName: "NumberOfMessagesSent",
            Dimensions: [{ Name: "QueueName", Value: "orders" }],
          },
          Period: 60,
          Stat: "Sum",
        },
      };
      const { MetricDataResults } = await aws(
        "cloudwatch",
        "get-metric-data",
        "--metric-data-queries",
        JSON.stringify([query]),
        ...window,
      );
      expect(MetricDataResults).toEqual([
        expect.objectContaining({ Id: "sent", StatusCode: "Complete", Values: [4, 3] }),
      ]);
    });

    test("cloudwatch get-metric-statistics", async () => {
      const { Datapoints } = await aws(
        "cloudwatch",
        "get-metric-statistics",
        ...["--namespace", "AWS/SQS", "--metric-name", "NumberOfMessagesSent"],
        ...["--dimensions", "Name=QueueName,Value=orders", "--period", "120", "--statistics", "Sum"],
        ...window,
      );
      expect(Datapoints).toEqual([expect.objectContaining({ Sum: 7, Unit: "Count" })]);
    });

    test("logs describe-log-groups", async () => {
      const { logGroups } = await aws("logs", "describe-log-groups");
      expect(logGroups).toEqual([expect.objectContaining({ logGroupName: GROUP })]);
    });

    test("logs filter-log-events", async () => {
      const { events } = await aws(
        "logs",
        "filter-log-events",
        "--log-group-name",
        GROUP,
        "--filter-pattern",
        "messageId",
      );
      expect(events).toEqual([
        expect.objectContaining({ message: "messageId: 'abc'", timestamp: NOW_MS + 1 }),
      ]);
    });

    test("logs start-query and get-query-results", async () => {
      const seconds = String(NOW_MS / 1000);
      const { queryId } = await aws(
        "logs",
        "start-query",
        ...["--log-group-name", GROUP, "--start-time", seconds, "--end-time", seconds],
        ...["--query-string", "fields @message | filter @message like /messageId/"],
      );
      const ask = () => aws("logs", "get-query-results", "--query-id", queryId);
      expect((await ask()).status).toBe("Scheduled");
      expect((await ask()).status).toBe("Running");
      expect(await ask()).toMatchObject({
        status: "Complete",
        results: [[{ field: "@message", value: "messageId: 'abc'" }, { field: "@ptr" }]],
      });
    });

    test("sns create-topic and publish", async () => {
      const { TopicArn } = await aws("sns", "create-topic", "--name", "digest");
      const { MessageId } = await aws("sns", "publish", "--topic-arn", TopicArn, "--message", "hello");
      expect(server.published()).toEqual([
        expect.objectContaining({ messageId: MessageId, topicArn: TopicArn, bodies: { default: "hello" } }),
      ]);
    });

    test("sts get-caller-identity", async () => {
      expect(await aws("sts", "get-caller-identity")).toMatchObject({ Account: ACCOUNT_ID });
    });

    test("stepfunctions list-state-machines", async () => {
      expect(await aws("stepfunctions", "list-state-machines")).toEqual({ stateMachines: [] });
    });

    test("scheduler list-schedules", async () => {
      expect(await aws("scheduler", "list-schedules")).toEqual({ Schedules: [] });
    });

    test("dynamodb list-tables", async () => {
      expect(await aws("dynamodb", "list-tables")).toEqual({ TableNames: [] });
    });
  },
);
