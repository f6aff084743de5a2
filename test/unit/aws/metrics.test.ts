import { CloudWatchClient, GetMetricDataCommand, type MetricDataResult } from "@aws-sdk/client-cloudwatch";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { connect } from "../../../aws/connection.ts";
import { createMetrics } from "../../../aws/metrics.ts";
import type { MetricRequest } from "../../../core/ports.ts";
import { awsError } from "../../support/aws-errors.ts";

const START = Date.UTC(2026, 10, 23, 12, 0);
const MINUTE_MS = 60_000;
const window = { startMs: START, endMs: START + 5 * MINUTE_MS };

const cloudwatch = mockClient(CloudWatchClient);
const metrics = createMetrics(connect({ region: "us-east-1", quotaShare: Number.POSITIVE_INFINITY }));

beforeEach(() => {
  cloudwatch.reset();
});

const request = (id: string): MetricRequest => ({
  id,
  namespace: "AWS/SQS",
  metricName: "NumberOfMessagesSent",
  dimensions: { QueueName: id },
  stat: "Sum",
});

function result(index: number, points: Record<number, number>, more: Partial<MetricDataResult> = {}) {
  const minutes = Object.keys(points).map(Number);
  return {
    Id: `q${index}`,
    StatusCode: "Complete",
    Timestamps: minutes.map((minute) => new Date(START + minute * MINUTE_MS)),
    Values: Object.values(points),
    ...more,
  } satisfies MetricDataResult;
}

const times = (count: number, value = 0): number[] => new Array<number>(count).fill(value);
const inputs = () => cloudwatch.commandCalls(GetMetricDataCommand).map(({ args }) => args[0].input);

describe("getSeries", () => {
  test("aligns points to the window, whatever their order; what has no point is null, outside is dropped", async () => {
    cloudwatch.on(GetMetricDataCommand).resolves({
      MetricDataResults: [result(0, { 3: 30, 0: 0.5, [-1]: 99, 5: 99 }), result(1, {})],
    });
    const series = await metrics.getSeries([request("orders"), request("idle")], window, 60);
    expect(series.get("orders")).toStrictEqual({
      values: [0.5, null, null, 30, null],
      periodSeconds: 60,
      status: "complete",
    });
    expect(series.get("idle")).toStrictEqual({
      values: [null, null, null, null, null],
      periodSeconds: 60,
      status: "complete",
    });
  });

  test("asks for the window, with ids of its own that CloudWatch accepts", async () => {
    cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [result(0, { 0: 1 })] });
    const series = await metrics.getSeries([request("Orders queue/sent")], window, 300);
    expect([...series.keys()]).toStrictEqual(["Orders queue/sent"]);
    expect(inputs()[0]).toMatchObject({
      StartTime: new Date(window.startMs),
      EndTime: new Date(window.endMs),
      MetricDataQueries: [
        {
          Id: expect.stringMatching(/^[a-z][a-zA-Z0-9_]*$/),
          MetricStat: {
            Period: 300,
            Stat: "Sum",
            Metric: {
              Namespace: "AWS/SQS",
              MetricName: "NumberOfMessagesSent",
              Dimensions: [{ Name: "QueueName", Value: "Orders queue/sent" }],
            },
          },
        },
      ],
    });
  });

  test("no request is no call", async () => {
    expect((await metrics.getSeries([], window, 60)).size).toBe(0);
    expect(inputs()).toHaveLength(0);
  });

  test("sends 500 queries a call, and the series come back under the right ids", async () => {
    cloudwatch.on(GetMetricDataCommand).callsFake(async ({ MetricDataQueries = [] }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }: (typeof MetricDataQueries)[number]) => {
        const name: string = MetricStat?.Metric?.Dimensions?.[0]?.Value ?? "";
        return { ...result(0, { 0: Number(name) }), Id };
      }),
    }));
    const requests = Array.from({ length: 1201 }, (_, index) => request(String(index)));
    const series = await metrics.getSeries(requests, window, 60);
    expect(inputs().map(({ MetricDataQueries }) => MetricDataQueries?.length)).toStrictEqual([500, 500, 201]);
    for (const [id, { values }] of series) expect(values[0]).toBe(Number(id));
    expect(series.size).toBe(1201);
  });

  test.each([
    { name: "six hours of minutes", points: 360, periodSeconds: 60, perCall: [33, 33, 14] },
    { name: "two weeks of hours", points: 336, periodSeconds: 3600, perCall: [35, 35, 10] },
    {
      name: "more minutes than a call is filled with",
      points: 12_001,
      periodSeconds: 60,
      perCall: times(80, 1),
    },
  ])("$name: as many metrics a call as have 12,000 points", async ({ points, periodSeconds, perCall }) => {
    cloudwatch.on(GetMetricDataCommand).resolves({});
    const long = { startMs: START, endMs: START + points * periodSeconds * 1000 };
    await metrics.getSeries(
      times(80).map((_, index) => request(String(index))),
      long,
      periodSeconds,
    );
    expect(inputs().map(({ MetricDataQueries }) => MetricDataQueries?.length)).toStrictEqual(perCall);
  });

  test("a series over several pages is one; the last page says whether it is complete", async () => {
    cloudwatch
      .on(GetMetricDataCommand)
      .resolvesOnce({
        NextToken: "page 2",
        MetricDataResults: [result(0, { 0: 1, 1: 2 }, { StatusCode: "PartialData" })],
      })
      .resolvesOnce({ NextToken: "page 3" })
      .resolvesOnce({
        NextToken: "",
        MetricDataResults: [result(0, { 2: 3 }), result(1, { 0: 7 }, { StatusCode: "PartialData" })],
      });
    const series = await metrics.getSeries([request("a"), request("b")], window, 60);
    expect(series.get("a")).toMatchObject({ values: [1, 2, 3, null, null], status: "complete" });
    expect(series.get("b")).toMatchObject({
      values: [7, null, null, null, null],
      status: "partial",
      reason: "CloudWatch gave only a part of the points",
    });
    expect(inputs().map(({ NextToken }) => NextToken)).toStrictEqual([undefined, "page 2", "page 3"]);
  });

  test.each([
    { code: "Forbidden", status: "forbidden" },
    { code: "InternalError", status: "error" },
    { code: undefined, status: "error" },
  ] as const)("status code $code → $status, and the others are unharmed (I9)", async ({ code, status }) => {
    const bad = { Id: "q0", ...(code !== undefined && { StatusCode: code }) };
    cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [bad, result(1, { 0: 1 })] });
    const series = await metrics.getSeries([request("bad"), request("good")], window, 60);
    expect(series.get("bad")).toMatchObject({ status, reason: expect.any(String) });
    expect(series.get("good")).toMatchObject({ status: "complete", values: [1, null, null, null, null] });
  });

  test("CloudWatch's own message is the reason", async () => {
    const Messages = [{ Code: "x", Value: "no permission on this metric" }];
    cloudwatch.on(GetMetricDataCommand).resolves({
      MetricDataResults: [{ Id: "q0", StatusCode: "Forbidden", Messages }],
    });
    const series = await metrics.getSeries([request("a")], window, 60);
    expect(series.get("a")).toMatchObject({ reason: "no permission on this metric" });
  });

  test("what CloudWatch leaves out was not read: it is not taken for no traffic", async () => {
    cloudwatch.on(GetMetricDataCommand).resolves({});
    const series = await metrics.getSeries([request("a")], window, 60);
    expect(series.get("a")).toMatchObject({ status: "error", reason: expect.stringContaining("left") });
  });

  test.each([
    { code: "SyntaxError", status: "error", says: "no answer" },
    { code: "UnknownOperationException", status: "error", says: "no answer" },
    { code: "ValidationError", status: "error", says: "ValidationError" },
    { code: "AccessDenied", status: "forbidden", says: "cloudwatch:GetMetricData is not allowed" },
  ])("a call that fails with $code gives series that say so", async ({ code, status, says }) => {
    cloudwatch.on(GetMetricDataCommand).rejects(awsError(code));
    const series = await metrics.getSeries([request("a"), request("b")], window, 60);
    for (const id of ["a", "b"]) {
      expect(series.get(id)).toMatchObject({ status, reason: expect.stringContaining(says) });
      expect(series.get(id)?.values).toHaveLength(5);
    }
  });

  test.each([
    { code: "ThrottlingException", name: "TransientError" },
    { code: "InternalServiceFault", httpStatus: 500, name: "TransientError" },
    { code: "ExpiredToken", name: "AccountUnreadableError" },
  ])("a call that fails with $code throws $name", async ({ code, httpStatus = 400, name }) => {
    cloudwatch.on(GetMetricDataCommand).rejects(awsError(code, { status: httpStatus }));
    await expect(metrics.getSeries([request("a")], window, 60)).rejects.toMatchObject({ name });
  });
});
