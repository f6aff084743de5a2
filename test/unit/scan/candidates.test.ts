import { describe, expect, test } from "@jest/globals";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import type { FlowBalance, PathMeasurement } from "../../../core/model/measurement.ts";
import { selectCandidates } from "../../../core/scan/candidates.ts";
import { measurement } from "../../support/measurements.ts";
import { deliveryPath, mapping, queueArn } from "../../support/scan-fakes.ts";

const settings = { readLogs: true };
const occasions = (...open: readonly string[]) => ({
  open: new Set(open.map((name) => queueArn(name))),
  isDue: (_arn: string) => true,
});
const none = occasions();
const estimate = { value: 5, low: 1, high: 9 };
const flow = (deletesSignificant: boolean, receivesSignificant: boolean): FlowBalance => ({
  sent: 100,
  received: 105,
  deleted: 105,
  backlogChange: 0,
  deadLettered: 0,
  excessReceives: estimate,
  excessDeletes: estimate,
  receivesSignificant,
  deletesSignificant,
});
const unread = { sent: null, received: null, deleted: null, invocations: null, logBytes: null };
const idle = { sent: 0, received: 0, deleted: 0, invocations: 0 };

function kindOf(measured: PathMeasurement, path: DeliveryPath = deliveryPath("orders"), known = none) {
  return selectCandidates([path], [measured], known, settings)[0]?.kind;
}

describe("selectCandidates", () => {
  test.each([
    { name: "suspicious numbers", measured: { suspicions: ["excess"] }, kind: "suspect" },
    { name: "traffic", measured: {}, kind: "routine" },
    { name: "no traffic", measured: { totals: idle }, kind: undefined },
    { name: "metrics that could not be read", measured: { totals: unread }, kind: "unmeasured" },
  ])("a path with $name: $kind", ({ measured, kind }) => {
    expect(kindOf(measurement("orders", measured))).toBe(kind);
  });

  test("a path with an open finding is followed up, unless it is idle", () => {
    const open = occasions("orders");
    expect(kindOf(measurement("orders"), deliveryPath("orders"), open)).toBe("follow-up");
    expect(kindOf(measurement("orders", { totals: idle }), deliveryPath("orders"), open)).toBeUndefined();
  });

  test("a path that looks calm has a routine look only when it is due, any other reason does not wait", () => {
    const [early, followed] = [none, occasions("orders")].map((one) => ({ ...one, isDue: () => false }));
    const kindNow = (measured: PathMeasurement, known = early) =>
      kindOf(measured, deliveryPath("orders"), known);
    expect(kindNow(measurement("orders"))).toBeUndefined();
    expect(kindNow(measurement("orders"), followed)).toBe("follow-up");
    expect(kindNow(measurement("orders", { suspicions: ["excess"] }))).toBe("suspect");
    expect(kindNow(measurement("orders", { totals: unread }))).toBe("unmeasured");
  });

  test.each([
    { name: "of another account", path: deliveryPath("orders", { foreign: true }) },
    {
      name: "whose only mapping is disabled",
      path: deliveryPath("orders", {
        consumers: [{ mapping: mapping("orders", "worker", { state: "Disabled" }) }],
      }),
    },
    {
      name: "whose function could not be read",
      path: deliveryPath("orders", { consumers: [{ mapping: mapping("orders", "worker") }] }),
    },
  ])("a path $name is none", ({ path }) => {
    expect(kindOf(measurement("orders", { suspicions: ["excess"] }), path)).toBeUndefined();
  });

  test("a path that was not measured is none", () => {
    expect(selectCandidates([deliveryPath("orders")], [], none, settings)).toEqual([]);
  });

  test("there are none when logs are not read", () => {
    const measured = [measurement("orders", { suspicions: ["excess"] })];
    expect(selectCandidates([deliveryPath("orders")], measured, none, { readLogs: false })).toEqual([]);
  });

  test("the most urgent first, then the strongest, then the cheapest", () => {
    const measured = [
      measurement("routine-dear", { totals: { logBytes: 9e6 } }),
      measurement("routine-cheap", { totals: { logBytes: 1e3 } }),
      measurement("routine-unknown", { totals: { logBytes: null } }),
      measurement("unmeasured", { totals: unread }),
      measurement("follow-up", { totals: { logBytes: 9e9 } }),
      measurement("suspect", { suspicions: ["errors"] }),
      measurement("exceeded", {
        suspicions: ["long"],
        exposure: {
          level: "exceeded",
          visibilityTimeoutSeconds: 1,
          functionTimeoutSeconds: 10,
          batchingWindowSeconds: 0,
          recommendedSeconds: 60,
          maxDurationMs: 5000,
          p99DurationMs: 5000,
        },
      }),
      measurement("receives", { suspicions: ["excess"], flow: flow(false, true), totals: { logBytes: 5 } }),
      measurement("deletes", { suspicions: ["excess"], flow: flow(true, true), totals: { logBytes: 9e9 } }),
    ];
    const paths = measured.map((one) => deliveryPath(one.queueArn.split(":")[5] ?? ""));
    const chosen = selectCandidates(paths, measured, occasions("follow-up"), settings);
    expect(chosen.map(({ arn }) => arn.split(":")[5])).toEqual([
      "deletes",
      "receives",
      "exceeded",
      "suspect",
      "follow-up",
      "unmeasured",
      "routine-cheap",
      "routine-dear",
      "routine-unknown",
    ]);
    expect(chosen[0]?.index).toBe(8);
  });
});
