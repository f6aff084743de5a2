import { describe, expect, test } from "@jest/globals";
import { TransientError, UnreadableError } from "../../../core/errors.ts";
import type { MetricRequest } from "../../../core/ports.ts";
import { joinReads, readSeries } from "../../../core/scan/read-series.ts";
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
