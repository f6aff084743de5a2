import { describe, expect, test } from "@jest/globals";
import { TransientError, UnreadableError } from "../../../core/errors.ts";
import type { MetricRequest } from "../../../core/ports.ts";
import { joinReads, readMinutes, readSeries } from "../../../core/scan/read-series.ts";
import { createFakePorts, WINDOW } from "../../support/scan-fakes.ts";

const errorsOf = (id: string, name: string, stat: MetricRequest["stat"] = "Sum"): MetricRequest => ({
  id,
  namespace: "AWS/Lambda",
  metricName: "Errors",
  dimensions: { FunctionName: name },
  stat,
});

describe("readSeries", () => {
  test("asks once for what several requests have in common, and answers all of them", async () => {
    const ports = createFakePorts({
      metric: ({ dimensions }) => (dimensions["FunctionName"] === "a" ? 1 : 2),
    });
    const requests = [errorsOf("one", "a"), errorsOf("two", "a"), errorsOf("three", "b")];
    const { series, metricsRequested } = await readSeries(ports, requests, WINDOW, 60);
    expect(ports.requested.map(({ id }) => id)).toEqual(["one", "three"]);
    expect(metricsRequested).toBe(2);
    expect([...series].map(([id, { values }]) => [id, values[0]])).toEqual([
      ["one", 1],
      ["two", 1],
      ["three", 2],
    ]);
  });

  test.each<{ name: string; other: MetricRequest }>([
    { name: "function", other: errorsOf("two", "b") },
    { name: "statistic", other: errorsOf("two", "a", "Maximum") },
    { name: "metric", other: { ...errorsOf("two", "a"), metricName: "Throttles" } },
    { name: "namespace", other: { ...errorsOf("two", "a"), namespace: "AWS/SQS" } },
  ])("another $name is another metric", async ({ other }) => {
    const ports = createFakePorts({ metric: () => 1 });
    expect((await readSeries(ports, [errorsOf("one", "a"), other], WINDOW, 60)).metricsRequested).toBe(2);
  });

  test("asks nothing for nothing", async () => {
    const ports = createFakePorts();
    expect(await readSeries(ports, [], WINDOW, 60)).toEqual({ series: new Map(), metricsRequested: 0 });
    expect(ports.log).toEqual([]);
  });

  test("a refusal of the whole call is told by every series (I8)", async () => {
    const ports = createFakePorts({ metricsError: new UnreadableError("metrics", "denied") });
    const { series } = await readSeries(ports, [errorsOf("one", "a"), errorsOf("two", "a")], WINDOW, 60);
    expect([...series.values()].map(({ status }) => status)).toEqual(["forbidden", "forbidden"]);
  });

  test("what a retry may cure is thrown", async () => {
    const error = new TransientError("throttled");
    const ports = createFakePorts({ metricsError: error });
    await expect(readSeries(ports, [errorsOf("one", "a")], WINDOW, 60)).rejects.toBe(error);
  });

  test("reads are joined", async () => {
    const ports = createFakePorts({ metric: () => 1 });
    const reads = [
      await readSeries(ports, [errorsOf("one", "a")], WINDOW, 60),
      await readSeries(ports, [errorsOf("two", "a"), errorsOf("three", "a")], WINDOW, 60),
    ];
    const { series, metricsRequested } = joinReads(reads);
    expect([...series.keys()]).toEqual(["one", "two", "three"]);
    expect(metricsRequested).toBe(2);
  });
});

describe("readMinutes", () => {
  const level: MetricRequest = {
    id: "level",
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: "q" },
    stat: "Average",
  };
  const windowOf = (hours: number) => ({
    startMs: WINDOW.startMs,
    endMs: WINDOW.startMs + hours * 3_600_000,
  });

  test("a window of up to six hours is read as it is, one point a minute", async () => {
    const world = { metric: () => 3 };
    const [as, by] = [createFakePorts(world), createFakePorts(world)];
    const read = await readMinutes(as, [errorsOf("errors", "a"), level], windowOf(6));
    expect(read).toEqual(await readSeries(by, [errorsOf("errors", "a"), level], windowOf(6), 60));
    expect(as.log).toEqual(["metrics.getSeries 60"]);
  });

  test.each([
    { hours: 24, periodSeconds: 300 },
    { hours: 72, periodSeconds: 3600 },
  ])(
    "$hours hours: a point each $periodSeconds s, and levels by the minute at the edges",
    async ({ hours, periodSeconds }) => {
      const ports = createFakePorts({ metric: () => 120 });
      const requests = [errorsOf("errors", "a"), errorsOf("longest", "a", "Maximum"), level];
      const { series, metricsRequested } = await readMinutes(ports, requests, windowOf(hours));
      expect(ports.log).toEqual([
        `metrics.getSeries ${periodSeconds}`,
        "metrics.getSeries 60",
        "metrics.getSeries 60",
      ]);
      expect(ports.requested.map(({ id }) => id)).toEqual(["errors", "longest", "level", "level", "level"]);
      expect(metricsRequested).toBe(5);
      const minutes = hours * 60;
      const points = (value: number) => ({ values: new Array(minutes).fill(value), periodSeconds: 60 });
      expect(series.get("errors")).toMatchObject(points((120 * 60) / periodSeconds));
      expect(series.get("longest")).toMatchObject(points(120));
      expect(series.get("level")).toMatchObject(points(120));
    },
  );

  test("a backlog that drains within the first period is seen at its height", async () => {
    const ports = createFakePorts();
    const draining = (periodSeconds: number, count: number) =>
      Array.from({ length: count }, (_, index) =>
        periodSeconds === 60 && count === 5 ? Math.max(0, 100 - index * 25) : index === 0 ? 50 : 0,
      );
    const metrics: typeof ports.metrics = {
      getSeries: async (requests, window, periodSeconds) => {
        const count = (window.endMs - window.startMs) / (periodSeconds * 1000);
        const values =
          window.startMs === WINDOW.startMs ? draining(periodSeconds, count) : new Array(count).fill(0);
        return new Map(requests.map(({ id }) => [id, { values, periodSeconds, status: "complete" }]));
      },
    };
    const { series } = await readMinutes({ metrics }, [level], windowOf(24));
    expect(series.get("level")?.values.slice(0, 7)).toEqual([100, 75, 50, 25, 0, 0, 0]);
    expect(series.get("level")?.values).toHaveLength(1440);
  });

  test("a refusal of the whole call is told by every series, over all minutes (I8)", async () => {
    const ports = createFakePorts({ metricsError: new UnreadableError("metrics", "denied") });
    const { series } = await readMinutes(ports, [errorsOf("errors", "a"), level], windowOf(24));
    expect([...series.values()].map(({ status, values }) => [status, values.length])).toEqual([
      ["forbidden", 1440],
      ["forbidden", 1440],
    ]);
  });
});
