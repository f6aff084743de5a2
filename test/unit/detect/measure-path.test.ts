import { describe, expect, test } from "@jest/globals";
import { measurePath } from "../../../core/detect/measure-path.ts";
import { PathMeasurement } from "../../../core/model/measurement.ts";
import {
  consumerOf,
  DLQ_ARN,
  FUNCTION_ARN,
  HEALTHY,
  measurementOf,
  pathOf,
  QUEUE_ARN,
  seriesOf,
  WINDOW,
} from "../../support/delivery-paths.ts";
import { hoursBefore } from "../../support/ratio-history.ts";

const oneByOne = pathOf({ consumers: [consumerOf({ batchSize: 1 })] });

describe("measurePath", () => {
  test("adds up the window and fits its schema", () => {
    const measured = measurementOf(pathOf(), { errors: 3, "oldest-age": 12, "dlq-visible": 2 });
    expect(PathMeasurement.parse(measured)).toEqual(measured);
    expect(measured.totals).toMatchObject({
      backlogChange: 0,
      deadLettered: 0,
      oldestMessageAgeSeconds: 12,
      maxDurationMs: 9000,
      p99DurationMs: 8000,
      throttles: 0,
    });
    expect(measured.totals.sent).toBeCloseTo(1000);
    expect(measured.totals.logBytes).toBeCloseTo(5_000_000);
    expect(measured.unreadable).toEqual([]);
  });

  test("a missing point of a complete series is an inactive minute, not an unknown one", () => {
    const measured = measurePath({ path: pathOf(), window: WINDOW, series: seriesOf(pathOf(), {}) });
    expect(measured.totals).toMatchObject({ sent: 0, received: 0, deleted: 0, invocations: 0 });
    expect(measured.totals.maxDurationMs).toBeNull();
    expect(measured.unreadable).toEqual([]);
    expect(measured.suspicions).toEqual([]);
  });

  test("before metrics have settled a gap is unknown, and only the logs can tell", () => {
    const series = seriesOf(pathOf(), {});
    const measured = measurePath({ path: pathOf(), window: WINDOW, series, settled: false });
    expect(measured.flow).toBeNull();
    expect(measured.totals).toMatchObject({ sent: null, invocations: null });
    expect(measured.unreadable).toContainEqual({
      resource: QUEUE_ARN,
      reason: expect.stringContaining("still be on their way"),
    });
    expect(measured.suspicions.at(-1)).toMatch(/only the logs can tell/);
  });

  test("before metrics have settled a series without a gap counts", () => {
    const series = new Map(
      [...seriesOf(pathOf(), HEALTHY)].map(([id, one]) => [
        id,
        { ...one, values: one.values.map((v) => v ?? 0) },
      ]),
    );
    expect(measurePath({ path: pathOf(), window: WINDOW, series, settled: false }).flow).not.toBeNull();
  });

  test("a reason that came with the metric is passed on", () => {
    const series = new Map(
      [...seriesOf(pathOf(), {})].map(([id, one]) => [
        id,
        { ...one, status: "forbidden" as const, reason: "cloudwatch:GetMetricData is not allowed" },
      ]),
    );
    const { unreadable } = measurePath({ path: pathOf(), window: WINDOW, series });
    expect(unreadable[0]?.reason).toBe("metrics: cloudwatch:GetMetricData is not allowed");
  });

  test.each([
    { metric: "sent", resource: QUEUE_ARN },
    { metric: "received", resource: QUEUE_ARN },
    { metric: "deleted", resource: QUEUE_ARN },
    { metric: "visible", resource: QUEUE_ARN },
    { metric: "in-flight", resource: QUEUE_ARN },
    { metric: "delayed", resource: QUEUE_ARN },
  ])("without $metric there is no flow balance, and the queue is named (I8)", ({ metric, resource }) => {
    const measured = measurementOf(pathOf(), { [metric]: "partial" });
    expect(measured.flow).toBeNull();
    expect(measured.totals.backlogChange).toBeNull();
    expect(measured.unreadable).toEqual([
      { resource, reason: expect.stringContaining("part of the points") },
    ]);
    expect(measured.suspicions.at(-1)).toMatch(/only the logs can tell/);
  });

  test.each([
    { metric: "dlq-visible", status: "forbidden", resource: DLQ_ARN, total: "deadLettered" },
    { metric: "dlq-in-flight", status: "forbidden", resource: DLQ_ARN, total: "deadLettered" },
    { metric: "invocations", status: "error", resource: FUNCTION_ARN, total: "invocations" },
    { metric: "throttles", status: "error", resource: FUNCTION_ARN, total: "throttles" },
    { metric: "max-duration", status: "forbidden", resource: FUNCTION_ARN, total: "maxDurationMs" },
    { metric: "log-bytes", status: "error", resource: "/aws/lambda/charge-orders", total: "logBytes" },
  ] as const)(
    "an unread $metric is null, and its resource is named",
    ({ metric, status, resource, total }) => {
      const measured = measurementOf(pathOf(), { [metric]: status });
      expect(measured.totals[total]).toBeNull();
      expect(measured.flow).not.toBeNull();
      expect(measured.unreadable).toEqual([{ resource, reason: expect.stringMatching(/^metrics: /) }]);
    },
  );

  test("a series that never came is unreadable, not zero", () => {
    const measured = measurePath({ path: pathOf(), window: WINDOW, series: new Map() });
    expect(measured.totals.sent).toBeNull();
    expect(measured.unreadable).toContainEqual({
      resource: QUEUE_ARN,
      reason: "metrics: the metric was not returned",
    });
  });

  test("one function of two unread makes their sum unknown", () => {
    const otherArn = "arn:aws:lambda:eu-west-1:111122223333:function:other";
    const path = pathOf({
      consumers: [consumerOf(), consumerOf({ uuid: "b" }, { arn: otherArn, name: "other" })],
    });
    const series = seriesOf(path, HEALTHY);
    expect(measurePath({ path, window: WINDOW, series }).totals.invocations).toBeCloseTo(2000);
    series.set(`${QUEUE_ARN}|${otherArn}|invocations`, { values: [], periodSeconds: 60, status: "error" });
    expect(measurePath({ path, window: WINDOW, series }).totals.invocations).toBeNull();
  });

  test("compares invocations a message with the path's history", () => {
    const history = { hours: hoursBefore(WINDOW.startMs, 10, { ratioAt: () => 1 }) };
    const measure = (invocations: number, receives = invocations) =>
      measurePath({
        path: oneByOne,
        window: WINDOW,
        history,
        series: seriesOf(oneByOne, { ...HEALTHY, invocations, received: receives }),
      });
    expect(measure(1000).ratio).toMatchObject({ anomalous: false, basis: "same-hours", samples: 30 });
    expect(measure(1300).ratio.anomalous).toBe(true);
    expect(measure(1300).suspicions).toContain(
      "1.30 invocations a message, where 1.00 is usual (median of 30: the same hours of the day)",
    );
    expect(measure(1300, 1000).ratio.anomalous).toBe(false);
  });

  test("where a polling function could not be read, its invocations are missing: no ratio", () => {
    const path = pathOf({ consumers: [consumerOf(), consumerOf({ uuid: "b" }, null)] });
    expect(measurementOf(path).ratio.invocationRatio).toBeNull();
    expect(measurementOf(path).totals.invocations).toBeCloseTo(1000);
  });

  test("a draining backlog is work, not more invocations a message", () => {
    const drain = Array.from({ length: 180 }, (_, minute) => 2000 - (2000 * minute) / 179);
    const measured = measurementOf(oneByOne, {
      received: 3000,
      deleted: 3000,
      invocations: 3000,
      visible: drain,
    });
    expect(measured.ratio.invocationRatio).toBeCloseTo(1);
    expect(measured.suspicions).toEqual([]);
  });

  test.each([
    { name: "another account's queue", path: pathOf({ foreign: true, settings: null }) },
    { name: "an unreadable queue", path: pathOf({ settings: null }) },
    { name: "a disabled mapping", path: pathOf({ consumers: [consumerOf({ state: "Disabled" })] }) },
  ])("$name is measured as unknown and never suspected", ({ path }) => {
    const measured = measurementOf(path);
    expect(measured).toMatchObject({ flow: null, suspicions: [], unreadable: [] });
    expect(measured.totals).toMatchObject({ sent: null, invocations: null, logBytes: null });
  });

  test("a queue without dead-letter queue loses nothing to one", () => {
    const path = pathOf();
    const { redrive: _, ...settings } = path.settings ?? {};
    const { totals } = measurementOf({ ...path, settings: settings as never });
    expect(totals).toMatchObject({ deadLettered: 0, deadLettersLeft: 0 });
  });

  test("a high count in a sample is suspicious, but not of what waits in a dead-letter queue", () => {
    const samples = [{ queueArn: QUEUE_ARN, messages: 4, maxReceiveCount: 6 }];
    const suspicionsOf = (path: ReturnType<typeof pathOf>) =>
      measurePath({ path, window: WINDOW, series: seriesOf(path, HEALTHY), samples }).suspicions;
    expect(suspicionsOf(pathOf())).toEqual(["a sampled message had been received 6 times"]);
    expect(suspicionsOf(pathOf({ deadLetterQueueOf: [DLQ_ARN] }))).toEqual([]);
  });

  test("keeps what sampling saw", () => {
    const samples = [{ queueArn: QUEUE_ARN, messages: 4, maxReceiveCount: 3 }];
    const path = pathOf();
    const measured = measurePath({ path, window: WINDOW, series: seriesOf(path, HEALTHY), samples });
    expect(measured.samples).toEqual(samples);
    expect(measured.suspicions).toEqual(["a sampled message had been received 3 times"]);
  });
});
