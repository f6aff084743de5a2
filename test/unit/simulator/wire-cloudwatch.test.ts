import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  GetMetricStatisticsCommand,
  InvalidNextToken,
  InvalidParameterCombinationException,
  InvalidParameterValueException,
  ListMetricsCommand,
  type MetricDataQuery,
  paginateGetMetricData,
  ValidationException,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { MetricId } from "../../../simulator/account.ts";
import { NOW_MS } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

const MINUTE_MS = 60_000;
const SENT = {
  namespace: "AWS/SQS",
  metricName: "NumberOfMessagesSent",
  dimensions: { QueueName: "orders" },
};
const DURATION = {
  namespace: "AWS/Lambda",
  metricName: "Duration",
  dimensions: { FunctionName: "consumer" },
  minutes: [
    { sum: 600, min: 100, max: 300, sampleCount: 3, samples: [300, 100, 200] },
    { sum: 400, min: 400, max: 400, sampleCount: 1, samples: Float64Array.of(400) },
  ],
};

function query(Id: string, Stat = "Sum", Period = 60, metric: MetricId = SENT): MetricDataQuery {
  const Dimensions = Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: metric.namespace, MetricName: metric.metricName, Dimensions };
  return { Id, MetricStat: { Metric, Period, Stat } };
}

function window(minutes: number): Pick<GetMetricDataCommandInput, "StartTime" | "EndTime"> {
  return { StartTime: new Date(NOW_MS), EndTime: new Date(NOW_MS + minutes * MINUTE_MS) };
}

async function start(minutes: readonly object[] = [{ sum: 1 }, { sum: 2 }, { sum: 4 }]) {
  const { server, settings } = await startWire({ metrics: [{ ...SENT, minutes }, DURATION] });
  return { server, cloudWatch: new CloudWatchClient(settings) };
}

describe("GetMetricData over the wire", () => {
  test("one value a minute, newest first unless asked otherwise, and the end is exclusive", async () => {
    const { cloudWatch } = await start();
    const read = async (ScanBy?: "TimestampAscending") => {
      const { MetricDataResults } = await cloudWatch.send(
        new GetMetricDataCommand({ MetricDataQueries: [query("q")], ...window(2), ScanBy }),
      );
      return MetricDataResults?.[0];
    };
    expect(await read()).toMatchObject({ Values: [2, 1], Label: "NumberOfMessagesSent" });
    expect(await read("TimestampAscending")).toEqual({
      Id: "q",
      Label: "NumberOfMessagesSent",
      StatusCode: "Complete",
      Values: [1, 2],
      Timestamps: [new Date(NOW_MS), new Date(NOW_MS + MINUTE_MS)],
    });
  });

  test.each([
    { stat: "Sum", value: 1000 },
    { stat: "Average", value: 250 },
    { stat: "Minimum", value: 100 },
    { stat: "Maximum", value: 400 },
    { stat: "SampleCount", value: 4 },
    { stat: "p50", value: 250 },
    { stat: "p100", value: 400 },
  ])("$stat over two minutes is $value", async ({ stat, value }) => {
    const { cloudWatch } = await start();
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({ MetricDataQueries: [query("q", stat, 120, DURATION)], ...window(2) }),
    );
    expect(MetricDataResults?.[0]?.Values).toEqual([value]);
  });

  test("a metric nobody wrote is complete and empty", async () => {
    const { cloudWatch } = await start();
    const unknown = query("q", "Sum", 60, { ...SENT, metricName: "ApproximateReceiveCount" });
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({ MetricDataQueries: [unknown], ...window(2) }),
    );
    expect(MetricDataResults).toEqual([expect.objectContaining({ StatusCode: "Complete", Values: [] })]);
  });

  test("100,800 points a call and the rest with a token, none lost or told twice", async () => {
    const minutes = Array.from({ length: 10_080 }, (_, index) => ({ sum: index }));
    const { cloudWatch } = await start(minutes);
    const MetricDataQueries = Array.from({ length: 11 }, (_, index) => query(`q${index}`));
    const pages: number[] = [];
    const sums = new Map<string, number>();
    for await (const page of paginateGetMetricData(
      { client: cloudWatch },
      { MetricDataQueries, ...window(10_080) },
    )) {
      const results = page.MetricDataResults ?? [];
      pages.push(results.reduce((sum, { Values = [] }) => sum + Values.length, 0));
      for (const { Id = "", Values = [] } of results) {
        sums.set(Id, (sums.get(Id) ?? 0) + Values.reduce((sum, value) => sum + value, 0));
      }
    }
    expect(pages).toEqual([100_800, 10_080]);
    expect([...sums.values()]).toEqual(MetricDataQueries.map(() => (10_079 * 10_080) / 2));
  });

  test("a metric that goes on over the page is partial until its last page", async () => {
    const { cloudWatch } = await start();
    const request = { MetricDataQueries: [query("q")], ...window(3), MaxDatapoints: 2 };
    const first = await cloudWatch.send(new GetMetricDataCommand(request));
    expect(first.MetricDataResults?.[0]?.StatusCode).toBe("PartialData");
    const second = await cloudWatch.send(
      new GetMetricDataCommand({ ...request, NextToken: first.NextToken }),
    );
    expect(second.MetricDataResults?.[0]).toMatchObject({ StatusCode: "Complete", Values: [1] });
    expect(second.NextToken).toBeUndefined();
  });

  test.each([
    {
      name: "501 queries",
      change: { MetricDataQueries: Array.from({ length: 501 }, (_, i) => query(`q${i}`)) },
    },
    { name: "an id that begins with a digit", change: { MetricDataQueries: [query("1q")] } },
    { name: "one id twice", change: { MetricDataQueries: [query("q"), query("q")] } },
    { name: "a period of 90 seconds", change: { MetricDataQueries: [query("q", "Sum", 90)] } },
    { name: "a statistic that is none", change: { MetricDataQueries: [query("q", "Median")] } },
    { name: "metric math", change: { MetricDataQueries: [{ Id: "e", Expression: "q1 + q2" }] } },
    { name: "an end before the start", change: { EndTime: new Date(NOW_MS - 1) } },
  ])("$name is a ValidationException", async ({ change }) => {
    const { cloudWatch } = await start();
    const request = { MetricDataQueries: [query("q")], ...window(1), ...change };
    await expect(cloudWatch.send(new GetMetricDataCommand(request))).rejects.toBeInstanceOf(
      ValidationException,
    );
  });

  test("a token that is none of ours is InvalidNextToken", async () => {
    const { cloudWatch } = await start();
    await expect(
      cloudWatch.send(
        new GetMetricDataCommand({ MetricDataQueries: [query("q")], ...window(1), NextToken: "made-up" }),
      ),
    ).rejects.toBeInstanceOf(InvalidNextToken);
  });

  test("faults make one metric partial and another forbidden, and leave the rest alone", async () => {
    const { server, cloudWatch } = await start();
    server.faults.add({ kind: "partial-data", resource: "orders" });
    server.faults.add({ kind: "metrics-forbidden", resource: "consumer" });
    const other = query("other", "Sum", 60, { ...SENT, dimensions: { QueueName: "invoices" } });
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [query("sent"), query("duration", "Sum", 60, DURATION), other],
        ...window(3),
      }),
    );
    expect(MetricDataResults?.map(({ Id, StatusCode, Values }) => [Id, StatusCode, Values])).toEqual([
      ["sent", "PartialData", [4, 1]],
      ["duration", "Forbidden", []],
      ["other", "Complete", []],
    ]);
  });
});

describe("other metric operations over the wire", () => {
  test("GetMetricStatistics gives the statistics asked for", async () => {
    const { cloudWatch } = await start();
    const { Datapoints } = await cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: "AWS/Lambda",
        MetricName: "Duration",
        Dimensions: [{ Name: "FunctionName", Value: "consumer" }],
        Period: 120,
        Statistics: ["Maximum", "SampleCount"],
        ...window(2),
      }),
    );
    expect(Datapoints).toEqual([
      { Timestamp: new Date(NOW_MS), Unit: "Milliseconds", Maximum: 400, SampleCount: 4 },
    ]);
  });

  test.each([
    { name: "more than 1,440 points", change: window(1441), type: InvalidParameterCombinationException },
    { name: "no statistic", change: { Statistics: undefined }, type: InvalidParameterCombinationException },
    { name: "a period of 90 seconds", change: { Period: 90 }, type: InvalidParameterValueException },
  ])("GetMetricStatistics with $name is $type.name", async ({ change, type }) => {
    const { cloudWatch } = await start();
    const request = {
      Namespace: "AWS/SQS",
      MetricName: "NumberOfMessagesSent",
      Period: 60,
      Statistics: ["Sum" as const],
      ...window(1),
      ...change,
    };
    await expect(cloudWatch.send(new GetMetricStatisticsCommand(request))).rejects.toBeInstanceOf(type);
  });

  test("ListMetrics filters and comes in pages of 500", async () => {
    const metrics = Array.from({ length: 501 }, (_, index) => ({
      ...SENT,
      dimensions: { QueueName: `q${index}` },
      minutes: [],
    }));
    const { settings } = await startWire({ metrics: [...metrics, DURATION] });
    const cloudWatch = new CloudWatchClient(settings);
    const list = (input: object) => cloudWatch.send(new ListMetricsCommand(input));
    const first = await list({ Namespace: "AWS/SQS" });
    expect(first.Metrics).toHaveLength(500);
    expect((await list({ Namespace: "AWS/SQS", NextToken: first.NextToken })).Metrics).toHaveLength(1);
    const { Metrics } = await list({ Dimensions: [{ Name: "QueueName", Value: "q7" }] });
    expect(Metrics).toEqual([
      {
        Namespace: "AWS/SQS",
        MetricName: "NumberOfMessagesSent",
        Dimensions: [{ Name: "QueueName", Value: "q7" }],
      },
    ]);
  });
});
