import { describe, expect, test } from "@jest/globals";
import { NO_BASELINE } from "../../../core/detect/ratio/find-ratio-anomaly.ts";
import { measureScreened, screen, screenRequests } from "../../../core/detect/screen.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import { PathMeasurement } from "../../../core/model/measurement.ts";
import {
  consumerOf,
  type Figures,
  HEALTHY,
  measurementOf,
  pathOf,
  QUEUE_ARN,
  seriesOf,
  WINDOW,
} from "../../support/delivery-paths.ts";

const MINUTES = 180;
/** The function timeout of 30 s is well below the visibility timeout of 180 s. */
const safe = pathOf();
const equal = pathOf({ settings: { visibilityTimeoutSeconds: 30 } });
const exposed = pathOf({ settings: { visibilityTimeoutSeconds: 20 } });
const otherArn = "arn:aws:lambda:eu-west-1:111122223333:function:other";

/** Only what screening asks for: what else a figure says must not matter. */
function seen(path: DeliveryPath, figures: Figures) {
  const series = seriesOf(path, { ...HEALTHY, ...figures });
  return new Map(screenRequests(path).flatMap(({ id }) => [[id, series.get(id)] as const])) as typeof series;
}

const screeningOf = (path: DeliveryPath, figures: Figures = {}, settled = true) =>
  screen({ path, series: seen(path, figures), settled });

const minutes = (at: (minute: number) => number | null) =>
  Array.from({ length: MINUTES }, (_, minute) => at(minute));

describe("screenRequests", () => {
  const short = (path: DeliveryPath) =>
    screenRequests(path).map(({ id }) => id.slice(id.lastIndexOf("|") + 1));

  test("asks for three metrics of a path whose settings leave no doubt", () => {
    expect(short(safe)).toEqual(["sent", "received", "errors"]);
    expect(short(exposed)).toEqual(["sent", "received", "errors"]);
  });

  test("asks for durations where a run may end just when its message is back", () => {
    expect(short(equal)).toEqual(["sent", "received", "errors", "max-duration"]);
    const waits = pathOf({
      settings: { visibilityTimeoutSeconds: 50 },
      consumers: [consumerOf({ maximumBatchingWindowSeconds: 20 })],
    });
    expect(short(waits)).toContain("max-duration");
  });

  test("asks for each function of a path", () => {
    const two = pathOf({ consumers: [consumerOf(), consumerOf({ uuid: "b" }, { arn: otherArn })] });
    expect(short(two)).toEqual(["sent", "received", "errors", "errors"]);
  });

  test.each([
    { name: "another account's queue", path: pathOf({ foreign: true, settings: null }) },
    { name: "a queue that nothing polls", path: pathOf({ consumers: [consumerOf({ state: "Disabled" })] }) },
  ])("asks for nothing of $name", ({ path }) => {
    expect(screenRequests(path)).toEqual([]);
  });
});

describe("screen", () => {
  test.each<{ name: string; path?: DeliveryPath; figures?: Figures; screening: string }>([
    { name: "steady traffic", screening: "calm" },
    {
      name: "nothing sent, nothing received",
      figures: { sent: 0, received: 0, errors: 3 },
      screening: "idle",
    },
    {
      name: "an inactive queue",
      figures: { sent: minutes(() => null), received: minutes(() => null) },
      screening: "idle",
    },
    {
      name: "nothing moves on a queue whose settings are bad",
      path: exposed,
      figures: { sent: 0, received: 0 },
      screening: "idle",
    },
    // What the product is for: few messages, and a function that may outlast the timeout.
    {
      name: "two messages a window, and a function that may outlast the timeout",
      path: exposed,
      figures: { sent: 2, received: 3 },
      screening: "unclear",
    },
    {
      name: "a run as long as the timeout of queue and function",
      path: equal,
      figures: { sent: 2, received: 2, "max-duration": 29_900 },
      screening: "unclear",
    },
    {
      name: "a run that ends a second before the timeout",
      path: equal,
      figures: { "max-duration": 29_000 },
      screening: "calm",
    },
    {
      name: "runs that together with the wait for a batch reach the timeout",
      path: pathOf({
        settings: { visibilityTimeoutSeconds: 50 },
        consumers: [consumerOf({ maximumBatchingWindowSeconds: 20 })],
      }),
      figures: { "max-duration": 29_500 },
      screening: "unclear",
    },
    {
      name: "no run at all where durations would decide",
      path: equal,
      figures: { "max-duration": minutes(() => null) },
      screening: "calm",
    },
    {
      name: "one error among few messages: a batch that came back whole, or a timeout",
      figures: { sent: 20, received: 23, errors: 1 },
      screening: "unclear",
    },
    // 5 messages and 0.5 % of any size pass for noise, with 1 % miscounted and a minute at either edge.
    { name: "a few receives more than sends", figures: { received: 1017 }, screening: "calm" },
    { name: "some more receives than sends", figures: { received: 1019 }, screening: "unclear" },
    {
      name: "a backlog that grows: repeats could hide behind it",
      figures: { received: 900 },
      screening: "unclear",
    },
    { name: "a backlog that drains", figures: { received: 1400 }, screening: "unclear" },
    {
      name: "repeats that a growing backlog makes up for exactly, without an error",
      figures: { deleted: 1000, visible: minutes((minute) => minute) },
      screening: "calm",
    },
    {
      name: "a point that was lost: its neighbours stand in",
      figures: { received: minutes((minute) => (minute === 90 ? null : 1000 / MINUTES)) },
      screening: "calm",
    },
    {
      name: "many lost points do not hide what the others show",
      figures: { received: minutes((minute) => (minute % 10 === 5 ? null : 1500 / MINUTES)) },
      screening: "unclear",
    },
    { name: "receives that were read in part", figures: { received: "partial" }, screening: "unclear" },
    { name: "errors that may not be read", figures: { errors: "forbidden" }, screening: "unclear" },
    {
      name: "durations that could not be read, where they decide",
      path: equal,
      figures: { "max-duration": "error" },
      screening: "unclear",
    },
    {
      name: "a function that could not be read",
      path: pathOf({ consumers: [consumerOf(), consumerOf({ uuid: "b" }, null)] }),
      screening: "unclear",
    },
    {
      name: "a dead-letter queue, whose messages arrive uncounted",
      path: pathOf({ deadLetterQueueOf: ["arn:aws:sqs:eu-west-1:111122223333:source"] }),
      figures: { sent: 0, received: 3 },
      screening: "unclear",
    },
    { name: "a queue that could not be read", path: pathOf({ settings: null }), screening: "unclear" },
  ])("$name: $screening", ({ path = safe, figures = {}, screening }) => {
    expect(screeningOf(path, figures)).toBe(screening);
  });

  test("before metrics have settled a gap is no calm", () => {
    const gap: Figures = { received: minutes((minute) => (minute === MINUTES - 1 ? null : 1000 / MINUTES)) };
    expect(screeningOf(safe, gap, false)).toBe("unclear");
    expect(screeningOf(safe, { errors: 0 }, false)).toBe("calm");
  });

  test.each([
    { name: "steady", figures: { received: 1010 } },
    { name: "with more receives", figures: { received: 1025 } },
    { name: "busy, with more receives", figures: { sent: 50_000, received: 50_250 } },
    { name: "busy, with many more", figures: { sent: 50_000, received: 51_000 } },
  ])("of one mind with the flow balance where no backlog changes: $name", ({ figures }) => {
    const flow = measurementOf(safe, { ...figures, deleted: figures.received }).flow;
    expect(screeningOf(safe, figures) === "unclear").toBe(flow?.receivesSignificant);
  });
});

describe("measureScreened", () => {
  const measured = (path: DeliveryPath, figures: Figures = {}) =>
    measureScreened({ path, window: WINDOW, series: seen(path, figures), settled: true });

  test("I8: what was not asked for is null, and is not called unreadable", () => {
    const one = measured(safe);
    expect(PathMeasurement.parse(one)).toEqual(one);
    expect(one).toMatchObject({ depth: "screened", queueArn: QUEUE_ARN, flow: null, ratio: NO_BASELINE });
    expect(one.totals.sent).toBeCloseTo(1000);
    expect(one.totals).toMatchObject({
      errors: 0,
      deleted: null,
      invocations: null,
      throttles: null,
      logBytes: null,
    });
    expect([one.suspicions, one.unreadable, one.samples]).toEqual([[], [], []]);
  });

  test("the settings are compared as ever, with the durations that are known", () => {
    const below = pathOf({ settings: { visibilityTimeoutSeconds: 60 } });
    expect(measured(below).exposure).toMatchObject({ level: "below-recommendation", maxDurationMs: null });
    expect(measured(equal).exposure).toMatchObject({ level: "below-recommendation", maxDurationMs: 9000 });
  });
});
