import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  asyncMetricRequests,
  asyncScreenRequests,
  asyncTraffic,
  estimateExcess,
  measureAsyncPath,
  measureAsyncScreened,
  screenAsync,
} from "../../../../core/detect/async/measure-async-path.ts";
import { AsyncMeasurement, type AsyncPath } from "../../../../core/model/async-path.ts";
import type { MetricRequest, MetricSeries } from "../../../../core/ports.ts";
import { asyncPath, THUMBNAILS } from "../../../support/async-paths.ts";
import { WINDOW } from "../../../support/scan-fakes.ts";

type Shapes = Readonly<Record<string, readonly number[] | "forbidden">>;

/** Values a minute by metric name; a name that is missing has no points. */
function seriesOf(byMetric: Shapes, requests: readonly MetricRequest[]): Map<string, MetricSeries> {
  return new Map(
    requests.map(({ id, metricName }): [string, MetricSeries] => {
      const values = byMetric[metricName] ?? [null, null];
      return values === "forbidden"
        ? [id, { values: [], periodSeconds: 60, status: "forbidden" }]
        : [id, { values, periodSeconds: 60, status: "complete" }];
    }),
  );
}

function measure(
  byMetric: Shapes,
  { path = asyncPath(), settled = true }: { path?: AsyncPath; settled?: boolean } = {},
) {
  const series = seriesOf(byMetric, asyncMetricRequests(path));
  return measureAsyncPath({ path, window: WINDOW, series, settled });
}

/** From the few metrics that are read of every path. */
function screened(byMetric: Shapes, path = asyncPath()) {
  const input = {
    path,
    window: WINDOW,
    series: seriesOf(byMetric, asyncScreenRequests(path)),
    settled: true,
  };
  return { screening: screenAsync(input), measurement: measureAsyncScreened(input) };
}

describe("asyncMetricRequests", () => {
  test("asks for the function's own figures and its log volume", () => {
    const requests = asyncMetricRequests(asyncPath());
    expect(requests.map(({ metricName }) => metricName)).toEqual([
      "AsyncEventsReceived",
      "AsyncEventsDropped",
      "Invocations",
      "Errors",
      "Throttles",
      "IncomingBytes",
    ]);
    expect(requests[0]).toMatchObject({ dimensions: { FunctionName: "thumbnails" }, stat: "Sum" });
    expect(requests[5]).toMatchObject({ dimensions: { LogGroupName: "/aws/lambda/thumbnails" } });
    expect(new Set(requests.map(({ id }) => id)).size).toBe(requests.length);
  });

  test("for nothing of a function that could not be read", () => {
    const { function: _, ...unread } = asyncPath();
    expect(asyncMetricRequests(unread)).toEqual([]);
    expect(measure({}, { path: unread })).toMatchObject({
      functionArn: THUMBNAILS,
      totals: { events: null, invocations: null },
      excessInvocations: null,
      suspicions: [],
      unreadable: [],
    });
  });
});

describe("measureAsyncPath", () => {
  test("events run once are no suspects", () => {
    const measured = measure({ AsyncEventsReceived: [5, 7], Invocations: [5, 7], IncomingBytes: [100, 50] });
    expect(measured.totals).toEqual({
      events: 12,
      dropped: 0,
      invocations: 12,
      errors: 0,
      throttles: 0,
      logBytes: 150,
    });
    expect(measured).toMatchObject({
      excessInvocations: { value: 0, low: 0, high: 7 },
      suspicions: [],
      unreadable: [],
    });
  });

  test("retries show as an excess, errors and events given up as suspicions", () => {
    const { suspicions } = measure({
      AsyncEventsReceived: [10, 10],
      Invocations: [25, 25],
      Errors: [15, 15],
      AsyncEventsDropped: [0, 2],
    });
    expect(suspicions).toEqual([
      "about 30 more invocations than asynchronous events",
      "30 function errors or timeouts",
      "2 events given up",
    ]);
  });

  test("a function that got no events is no suspect, whatever else it does", () => {
    const { suspicions, totals } = measure({ Invocations: [50, 50], Errors: [5, 5] });
    expect(asyncTraffic(totals)).toBe("no");
    expect(suspicions).toEqual([]);
  });

  test("a figure that could not be read is null and named, never 0", () => {
    const { totals, excessInvocations, suspicions, unreadable } = measure({
      AsyncEventsReceived: "forbidden",
      Invocations: [5, 5],
    });
    expect([totals.events, asyncTraffic(totals), excessInvocations]).toEqual([null, "unknown", null]);
    expect(suspicions).toEqual(["the function's numbers could not be read, so only the logs can tell"]);
    expect(unreadable).toEqual([{ resource: THUMBNAILS, reason: expect.stringContaining("denied") }]);
  });

  test("gaps of a window that has not settled are unknown", () => {
    expect(measure({ Invocations: [5, 5] }, { settled: false }).totals).toMatchObject({
      events: null,
      invocations: 10,
    });
  });
});

describe("estimateExcess", () => {
  test.each([
    {
      name: "one run an event",
      events: [4, 4],
      invocations: [4, 4],
      expected: { value: 0, low: 0, high: 4 },
    },
    { name: "a retry each", events: [4, 4], invocations: [8, 8], expected: { value: 8, low: 4, high: 12 } },
    {
      name: "a backlog is left",
      events: [9, 9],
      invocations: [3, 3],
      expected: { value: 0, low: 0, high: 0 },
    },
    { name: "nothing", events: [0, 0], invocations: [0, 0], expected: { value: 0, low: 0, high: 0 } },
  ])("$name", ({ events, invocations, expected }) => {
    expect(estimateExcess(events, invocations, false)).toEqual(expected);
  });

  test("the example in docs/how-it-decides.md", () => {
    const events = Array.from({ length: 100 }, () => 10);
    const invocations = events.map((count, minute) => count + (minute < 40 ? 1 : 0));
    expect(estimateExcess(events, invocations, false)).toEqual({ value: 40, low: 30, high: 50 });
  });

  test("throttled events may have waited for hours: then none is sure", () => {
    expect(estimateExcess([4, 4], [8, 8], true)).toEqual({ value: 8, low: 0, high: 12 });
  });

  const minutes = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 60 });
  const split = (points: readonly (readonly [number, number])[]) =>
    [points.map(([event]) => event), points.map(([, invocation]) => invocation)] as const;

  test("property: low ≤ value ≤ high, none below 0 or above what ran", () => {
    fc.assert(
      fc.property(minutes, fc.boolean(), (points, throttled) => {
        const [events, invocations] = split(points);
        const { low, value, high } = estimateExcess(events, invocations, throttled);
        const all = invocations.reduce((sum, count) => sum + count, 0);
        expect([0, low, value, high, all]).toEqual([0, low, value, high, all].toSorted((a, b) => a - b));
      }),
    );
  });

  test("property: twice the traffic is twice the estimate, and the order of minutes does not matter", () => {
    fc.assert(
      fc.property(minutes, fc.boolean(), (points, throttled) => {
        const [events, invocations] = split(points);
        const { low, value, high } = estimateExcess(events, invocations, throttled);
        const double = (counts: readonly number[]) => counts.map((count) => 2 * count);
        expect(estimateExcess(double(events), double(invocations), throttled)).toEqual({
          low: 2 * low,
          value: 2 * value,
          high: 2 * high,
        });
        expect(estimateExcess(events.toReversed(), invocations.toReversed(), throttled)).toEqual({
          low,
          value,
          high,
        });
      }),
    );
  });
});

describe("screening", () => {
  const calm = { AsyncEventsReceived: [4, 4, 4], Invocations: [4, 4, 4], Errors: [0, 0, 0] };

  test("asks for half of the metrics, and for nothing of a function that could not be read", () => {
    expect(asyncScreenRequests(asyncPath()).map(({ metricName }) => metricName)).toEqual([
      "AsyncEventsReceived",
      "Invocations",
      "Errors",
    ]);
    const { function: _, ...unread } = asyncPath();
    expect(asyncScreenRequests(unread)).toEqual([]);
    expect(screened({}, unread).screening).toBe("unclear");
  });

  test.each<{ name: string; figures: Shapes; screening: string }>([
    { name: "one invocation an event", figures: calm, screening: "calm" },
    {
      name: "an event that ran over the edge",
      figures: { ...calm, Invocations: [6, 4, 4] },
      screening: "calm",
    },
    {
      name: "more invocations than events",
      figures: { ...calm, Invocations: [8, 8, 8] },
      screening: "unclear",
    },
    { name: "an error", figures: { ...calm, Errors: [0, 1, 0] }, screening: "unclear" },
    { name: "no event", figures: { Invocations: [9, 9, 9], Errors: [9, 9, 9] }, screening: "idle" },
    { name: "events unread", figures: { ...calm, AsyncEventsReceived: "forbidden" }, screening: "unclear" },
    { name: "invocations unread", figures: { ...calm, Invocations: "forbidden" }, screening: "unclear" },
    { name: "errors unread", figures: { ...calm, Errors: "forbidden" }, screening: "unclear" },
  ])("$name: $screening", ({ figures, screening }) => {
    expect(screened(figures).screening).toBe(screening);
  });

  test("I8: what was not asked for is null, and is not called unreadable", () => {
    const { measurement } = screened(calm);
    expect(AsyncMeasurement.parse(measurement)).toEqual(measurement);
    expect(measurement).toMatchObject({
      depth: "screened",
      totals: { events: 12, invocations: 12, errors: 0, dropped: null, throttles: null, logBytes: null },
      suspicions: [],
      unreadable: [],
    });
  });
});
