import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import type { Candidate, CandidateKind } from "../../../core/scan/documents.ts";
import {
  ASSUMED_LOG_BYTES,
  type ByteShares,
  logNeedOf,
  planQueries,
  readWindow,
} from "../../../core/scan/plan-queries.ts";
import {
  consumer,
  deliveryPath,
  mapping,
  queueArn,
  queueSettings,
  WINDOW,
} from "../../support/scan-fakes.ts";

const MINUTE_MS = 60_000;
const ALL: ByteShares = { urgent: Number.POSITIVE_INFINITY, routine: Number.POSITIVE_INFINITY };

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
    { timeout: 51, minutes: 5 },
    { timeout: 600, minutes: 15 },
    { timeout: 1790, minutes: 30 },
    { timeout: 1791, minutes: 60 },
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

const plan = (
  candidates: readonly Candidate[],
  paths: readonly DeliveryPath[],
  granted: ByteShares = ALL,
  maxRows = 100_000,
) => planQueries(candidates, paths.map(logNeedOf), WINDOW, granted, maxRows);

describe("planQueries", () => {
  const slow = (name: string, logGroup: string): DeliveryPath => ({
    ...quick(name, logGroup),
    settings: queueSettings(name, { visibilityTimeoutSeconds: 600 }),
  });

  test("reads a shared log group once, over the longest time that any path asks for", () => {
    const paths = [quick("a", "/logs/shared"), slow("slow", "/logs/shared"), quick("c")];
    const planned = plan([candidate(0, 1000), candidate(1, 1000), candidate(2, 1000)], paths);
    expect(planned.queries).toMatchObject([
      {
        groups: [{ logGroup: "/logs/shared", paths: [0, 1] }],
        window: readWindow(logNeedOf(slow("slow", "")), WINDOW),
      },
      { groups: [{ logGroup: "/logs/c", paths: [2] }], window: readWindow(logNeedOf(quick("c")), WINDOW) },
    ]);
  });

  test.each([
    { name: "later, by the path that asks for more time", order: [0, 1], urgent: 181 + 14 + 181 },
    { name: "by the first path, which asks for all of it", order: [1, 0], urgent: 195 + 0 + 181 },
  ])("the bytes of a shared log group are paid once: $name", ({ order, urgent }) => {
    const paths = [quick("a", "/logs/shared"), slow("slow", "/logs/shared"), quick("c")];
    const candidates = [...order, 2].map((index) => candidate(index, 1800));
    expect(plan(candidates, paths).bytes).toEqual({
      urgent: 10 * urgent,
      routine: 0,
    });
  });

  test("puts small log groups that are read over the same time into one query, urgent or not", () => {
    const paths = [quick("a"), slow("b", "/logs/b"), quick("c"), slow("d", "/logs/d")];
    const kinds = ["suspect", "suspect", "routine", "routine"] as const;
    const planned = plan(
      kinds.map((kind, index) => candidate(index, 1800, kind)),
      paths,
    );
    expect(planned.queries.map(({ groups }) => groups.map(({ logGroup }) => logGroup))).toEqual([
      ["/logs/a", "/logs/c"],
      ["/logs/b", "/logs/d"],
    ]);
    expect(planned.bytes).toEqual({ urgent: 1810 + 1950, routine: 1810 + 1950 });
  });

  test("reads every log group of a path with several consumers", () => {
    const path = deliveryPath("orders", {
      consumers: ["a", "b"].map((name) => ({ mapping: mapping("orders", name), function: consumer(name) })),
    });
    expect(plan([candidate(0, 10)], [path]).queries).toMatchObject([
      { groups: [{ logGroup: "/aws/lambda/a" }, { logGroup: "/aws/lambda/b" }] },
    ]);
  });

  test("leaves out what does not fit, and goes on with what does", () => {
    const paths = ["a", "b", "c"].map((name) => quick(name));
    const dear = candidate(0, 1e9);
    const planned = plan([dear, candidate(1, 100), candidate(2, 100)], paths, { urgent: 250, routine: 0 });
    expect(planned.overBudget).toEqual([dear]);
    expect(planned.queries.flatMap(({ groups }) => groups.map((group) => group.paths))).toEqual([[1], [2]]);
  });

  test("takes routine looks from their own share", () => {
    const routine = candidate(1, 100, "routine");
    const planned = plan([candidate(0, 100), routine], [quick("a"), quick("b")], {
      urgent: 1000,
      routine: 50,
    });
    expect(planned.overBudget).toEqual([routine]);
  });

  test("takes an unknown size for a careful guess, and reads it alone", () => {
    const planned = plan(
      [candidate(0, 1), candidate(1, null), candidate(2, 1)],
      ["a", "b", "c"].map((name) => quick(name)),
    );
    expect(planned.bytes.urgent).toBe(Math.ceil((ASSUMED_LOG_BYTES * 181) / 180) + 2 + 2);
    expect(planned.queries.map(({ groups }) => groups.map((group) => group.paths))).toEqual([
      [[0], [2]],
      [[1]],
    ]);
  });

  test("ignores a candidate that is not in the batch", () => {
    expect(plan([candidate(7, 1)], [])).toMatchObject({ queries: [], overBudget: [] });
  });

  test("never plans for more bytes than were granted, nor for more time than was paid", () => {
    const kinds = fc.constantFrom<CandidateKind>("suspect", "routine");
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.nat(1e6), kind: kinds, group: fc.nat(3), timeout: fc.nat(4000) }), {
          maxLength: 12,
        }),
        fc.nat(3e6),
        fc.nat(3e6),
        (wishes, urgent, routine) => {
          const paths = wishes.map(({ group, timeout }, index) => ({
            ...quick(`q${index}`, `/logs/${group}`),
            settings: queueSettings(`q${index}`, { visibilityTimeoutSeconds: timeout }),
          }));
          // All paths of a log group are told the same size.
          const size = (group: number) => wishes.find((wish) => wish.group === group)?.bytes ?? 0;
          const candidates = wishes.map(({ kind, group }, index) => candidate(index, size(group), kind));
          const planned = plan(candidates, paths, { urgent, routine });
          expect(planned.bytes.urgent).toBeLessThanOrEqual(urgent);
          expect(planned.bytes.routine).toBeLessThanOrEqual(routine);
          const groups = planned.queries.flatMap((query) => query.groups);
          const read = groups.flatMap((group) => group.paths);
          expect(read.length + planned.overBudget.length).toBe(candidates.length);
          const scanned = planned.queries.reduce((sum, { window, groups: together }) => {
            const stretch = (window.endMs - window.startMs) / (WINDOW.endMs - WINDOW.startMs);
            return together.reduce((all, { logGroup }) => all + size(Number(logGroup.at(-1))) * stretch, sum);
          }, 0);
          expect(scanned).toBeLessThanOrEqual(planned.bytes.urgent + planned.bytes.routine + 1e-3);
        },
      ),
    );
  });
});
