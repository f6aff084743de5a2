import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import type { Candidate, CandidateKind } from "../../../core/scan/documents.ts";
import { ASSUMED_LOG_BYTES, logNeedOf, planQueries, readWindow } from "../../../core/scan/plan-queries.ts";
import {
  consumer,
  deliveryPath,
  mapping,
  queueArn,
  queueSettings,
  WINDOW,
} from "../../support/scan-fakes.ts";

const MINUTE_MS = 60_000;
const ALL = { urgent: Number.POSITIVE_INFINITY, routine: Number.POSITIVE_INFINITY };

/** Lead of one minute in a window of three hours. */
const STRETCH = 181 / 180;

const quick = (name: string, logGroup = `/logs/${name}`): DeliveryPath =>
  deliveryPath(name, {
    settings: queueSettings(name, { visibilityTimeoutSeconds: 30 }),
    consumers: [
      {
        mapping: mapping(name, `${name}-worker`),
        function: consumer(`${name}-worker`, { logGroup, timeoutSeconds: 3 }),
      },
    ],
  });

const candidate = (index: number, logBytes: number | null, kind: CandidateKind = "suspect"): Candidate => ({
  index,
  arn: queueArn(`q${index}`),
  kind,
  logBytes,
});

describe("readWindow", () => {
  const lead = (path: DeliveryPath, window = WINDOW) =>
    (window.startMs - readWindow(logNeedOf(path), window).startMs) / MINUTE_MS;
  const waiting = (visibilityTimeoutSeconds: number) =>
    deliveryPath("orders", { settings: queueSettings("orders", { visibilityTimeoutSeconds }) });

  test.each([
    { timeout: 50, minutes: 1 },
    { timeout: 51, minutes: 2 },
    { timeout: 600, minutes: 11 },
    { timeout: 43_200, minutes: 60 },
  ])("begins $minutes minutes earlier for a timeout of $timeout s", ({ timeout, minutes }) => {
    expect(lead(waiting(timeout))).toBe(minutes);
  });

  test("never more than doubles what is read", () => {
    const short = { startMs: WINDOW.endMs - 5 * MINUTE_MS, endMs: WINDOW.endMs };
    expect(lead(waiting(3600), short)).toBe(5);
  });

  test("goes by the function alone when the queue could not be read", () => {
    const { settings: _, ...unread } = deliveryPath("orders");
    expect(lead(unread)).toBe(1);
  });
});

describe("planQueries", () => {
  test("reads a shared log group once, over the longest time that any path asks for", () => {
    const slow = {
      ...quick("slow", "/logs/shared"),
      settings: queueSettings("slow", { visibilityTimeoutSeconds: 600 }),
    };
    const paths = [quick("a", "/logs/shared"), slow, quick("c")];
    const plan = planQueries(
      [candidate(0, 100), candidate(1, 100), candidate(2, 100)],
      paths.map(logNeedOf),
      WINDOW,
      ALL,
    );
    expect(plan.reads).toEqual([
      { logGroup: "/logs/shared", paths: [0, 1], window: readWindow(logNeedOf(slow), WINDOW) },
      { logGroup: "/logs/c", paths: [2], window: readWindow(logNeedOf(quick("c")), WINDOW) },
    ]);
    expect(plan.bytes).toEqual({ urgent: 2 * Math.ceil(100 * STRETCH), routine: 0 });
  });

  test("reads every log group of a path with several consumers", () => {
    const path = deliveryPath("orders", {
      consumers: ["a", "b"].map((name) => ({ mapping: mapping("orders", name), function: consumer(name) })),
    });
    const plan = planQueries([candidate(0, 10)], [logNeedOf(path)], WINDOW, ALL);
    expect(plan.reads.map(({ logGroup }) => logGroup)).toEqual(["/aws/lambda/a", "/aws/lambda/b"]);
  });

  test("leaves out what does not fit, and goes on with what does", () => {
    const paths = ["a", "b", "c"].map((name) => quick(name));
    const dear = candidate(0, 1e9);
    const plan = planQueries([dear, candidate(1, 100), candidate(2, 100)], paths.map(logNeedOf), WINDOW, {
      urgent: 250,
      routine: 0,
    });
    expect(plan.overBudget).toEqual([dear]);
    expect(plan.reads.map(({ paths }) => paths)).toEqual([[1], [2]]);
  });

  test("takes routine looks from their own share", () => {
    const paths = ["a", "b"].map((name) => quick(name));
    const routine = candidate(1, 100, "routine");
    const plan = planQueries([candidate(0, 100), routine], paths.map(logNeedOf), WINDOW, {
      urgent: 1000,
      routine: 50,
    });
    expect(plan.overBudget).toEqual([routine]);
  });

  test("takes an unknown size for a careful guess", () => {
    const plan = planQueries([candidate(0, null)], [logNeedOf(quick("a"))], WINDOW, ALL);
    expect(plan.bytes.urgent).toBe(Math.ceil(ASSUMED_LOG_BYTES * STRETCH));
  });

  test("ignores a candidate that is not in the batch", () => {
    expect(planQueries([candidate(7, 1)], [], WINDOW, ALL)).toMatchObject({ reads: [], overBudget: [] });
  });

  test("never plans for more bytes than were granted", () => {
    const kinds = fc.constantFrom<CandidateKind>("suspect", "routine");
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.nat(1e6), kind: kinds, group: fc.nat(3) }), { maxLength: 12 }),
        fc.nat(3e6),
        fc.nat(3e6),
        (wishes, urgent, routine) => {
          const paths = wishes.map(({ group }, index) => quick(`q${index}`, `/logs/${group}`));
          const candidates = wishes.map(({ bytes, kind }, index) => candidate(index, bytes, kind));
          const plan = planQueries(candidates, paths.map(logNeedOf), WINDOW, { urgent, routine });
          expect(plan.bytes.urgent).toBeLessThanOrEqual(urgent);
          expect(plan.bytes.routine).toBeLessThanOrEqual(routine);
          const read = plan.reads.flatMap((one) => one.paths);
          expect(read.length + plan.overBudget.length).toBe(candidates.length);
        },
      ),
    );
  });
});
