import { describe, expect, test } from "@jest/globals";
import { createMemoryLedger } from "../../../aws/memory-ledger.ts";
import { DAY_MS, HOUR_MS } from "../../../core/detect/ratio/history.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import type { Window } from "../../../core/model/measurement.ts";
import { RatioBaseline } from "../../../core/model/ratio-baseline.ts";
import type { Ledger, MetricSeries } from "../../../core/ports.ts";
import { historyWindow, readHistories } from "../../../core/scan/path-histories.ts";
import { consumer, deliveryPath, functionArn, mapping, queueArn, WINDOW } from "../../support/scan-fakes.ts";

const DAYS = 35;
/** The last whole hour before the window ends here. */
const FIRST_END_MS = Date.parse("2026-11-23T14:00:00Z");
const FIRST_START_MS = FIRST_END_MS - DAYS * DAY_MS;

const later = (window: Window, ms: number): Window => ({
  startMs: window.startMs + ms,
  endMs: window.endMs + ms,
});

/** An account whose hours are facts: messages and invocations follow from the time. */
function createAccount({ trafficSinceMs = 0, ledger = createMemoryLedger() } = {}) {
  const asked: { readonly window: Window; readonly ids: number }[] = [];
  let status: MetricSeries["status"] = "complete";
  const messagesAt = (timeMs: number) => (timeMs < trafficSinceMs ? null : 100 + ((timeMs / HOUR_MS) % 24));
  return {
    ledger,
    asked,
    fails: (how: MetricSeries["status"]) => {
      status = how;
    },
    scan: (paths: readonly DeliveryPath[], window: Window = WINDOW, historyHours = DAYS * 24) =>
      readHistories(
        {
          ledger,
          metrics: {
            getSeries: async (requests, hours, periodSeconds) => {
              asked.push({ window: hours, ids: requests.length });
              const points = (hours.endMs - hours.startMs) / HOUR_MS;
              return new Map(
                requests.map(({ id, metricName }): [string, MetricSeries] => {
                  const values = Array.from({ length: points }, (_, index) => {
                    const messages = messagesAt(hours.startMs + index * HOUR_MS);
                    return messages === null || metricName !== "Invocations" ? messages : messages * 2;
                  });
                  return [id, { values, periodSeconds, status }];
                }),
              );
            },
          },
        },
        paths,
        window,
        { historyHours, settleMinutes: 20 },
      ),
  };
}

const hoursOf = async (scan: ReturnType<ReturnType<typeof createAccount>["scan"]>, name = "a") =>
  (await scan).pasts.get(queueArn(name))?.history.hours;

const keptOf = async (ledger: Ledger, name = "a") =>
  RatioBaseline.parse(await ledger.getBaseline(queueArn(name)));

describe("historyWindow", () => {
  const now = WINDOW.endMs + 20 * 60_000;

  test("is whole hours that end before the window", () => {
    expect(historyWindow(WINDOW, now, 2)).toEqual({
      startMs: Date.parse("2026-11-23T12:00:00Z"),
      endMs: Date.parse("2026-11-23T14:00:00Z"),
    });
  });

  test("leaves out an hour that ended less than half an hour ago", () => {
    const short = { startMs: Date.parse("2026-11-23T18:05:00Z"), endMs: Date.parse("2026-11-23T18:10:00Z") };
    const endOf = (nowMs: number) => historyWindow(short, nowMs, 2)?.endMs;
    expect(endOf(short.endMs)).toBe(Date.parse("2026-11-23T17:00:00Z"));
    expect(endOf(Date.parse("2026-11-23T18:30:00Z"))).toBe(Date.parse("2026-11-23T18:00:00Z"));
  });

  test("is nothing when no history is wanted", () => {
    expect(historyWindow(WINDOW, now, 0)).toBeUndefined();
  });
});

describe("the first scan of a path", () => {
  test("reads its whole history, in one call for all paths, and keeps it", async () => {
    const account = createAccount();
    const result = await account.scan([deliveryPath("a"), deliveryPath("b")]);
    expect(account.asked).toEqual([{ window: { startMs: FIRST_START_MS, endMs: FIRST_END_MS }, ids: 4 }]);
    expect(result.metricsRequested).toBe(4);
    expect(result.pasts.get(queueArn("b"))?.history.hours).toHaveLength(DAYS * 24);
    expect(result.pasts.get(queueArn("a"))?.history.hours[0]).toEqual({
      startMs: FIRST_START_MS,
      messages: 114,
      invocations: 228,
    });
    expect(await keptOf(account.ledger)).toMatchObject({
      fromMs: FIRST_START_MS,
      untilMs: FIRST_END_MS,
      setUp: `${functionArn("a-worker")} batch=10 window=0 filters=0`,
    });
  });

  test("asks and keeps nothing where no history is wanted", async () => {
    const account = createAccount();
    const result = await account.scan([deliveryPath("a")], WINDOW, 0);
    expect(account.asked).toEqual([]);
    expect(result.pasts.size).toBe(0);
    expect(await account.ledger.getBaseline(queueArn("a"))).toBeUndefined();
  });

  test.each([
    { name: "another account's queue", path: deliveryPath("a", { foreign: true }) },
    {
      name: "a path with a function that could not be read",
      path: deliveryPath("a", {
        consumers: [
          { mapping: mapping("a", "one"), function: consumer("one") },
          { mapping: mapping("a", "two") },
        ],
      }),
    },
    {
      name: "a path that nothing polls",
      path: deliveryPath("a", {
        consumers: [{ mapping: mapping("a", "one", { state: "Disabled" }), function: consumer("one") }],
      }),
    },
  ])("$name has no history, and none is learned", async ({ path }) => {
    const account = createAccount();
    const result = await account.scan([path]);
    expect(account.asked).toEqual([]);
    expect(result.pasts.size).toBe(0);
    expect(await account.ledger.getBaseline(queueArn("a"))).toBeUndefined();
  });
});

describe("later scans", () => {
  test("a repeat of the same scan asks for nothing and has the same hours (I6)", async () => {
    const account = createAccount();
    const first = await hoursOf(account.scan([deliveryPath("a")]));
    const kept = await keptOf(account.ledger);
    const repeat = await account.scan([deliveryPath("a")]);
    expect(account.asked).toHaveLength(1);
    expect(repeat.metricsRequested).toBe(0);
    expect(repeat.pasts.get(queueArn("a"))?.history.hours).toEqual(first);
    expect(await keptOf(account.ledger)).toEqual(kept);
  });

  test("ask for nothing within a day, then for the hours since, and forget what is too old", async () => {
    const account = createAccount();
    await account.scan([deliveryPath("a")]);
    for (let hours = 3; hours < 24; hours += 3) {
      await account.scan([deliveryPath("a")], later(WINDOW, hours * HOUR_MS));
    }
    expect(account.asked).toHaveLength(1);

    const tomorrow = later(WINDOW, DAY_MS);
    const joined = await hoursOf(account.scan([deliveryPath("a")], tomorrow));
    expect(account.asked.slice(1)).toEqual([
      { window: { startMs: FIRST_END_MS, endMs: FIRST_END_MS + DAY_MS }, ids: 2 },
    ]);
    expect(joined).toEqual(await hoursOf(createAccount().scan([deliveryPath("a")], tomorrow)));
    expect(joined).toHaveLength(DAYS * 24);
  });

  test.each([2, 5, 20, DAYS + 10])(
    "after %d days in which nobody needed it, a history is filled in one call and lacks nothing",
    async (days) => {
      const account = createAccount();
      await account.scan([deliveryPath("a")]);
      const then = later(WINDOW, days * DAY_MS);
      const { pasts, metricsRequested } = await account.scan([deliveryPath("a")], then);
      expect(account.asked.slice(1)).toEqual([
        {
          window: {
            startMs: FIRST_END_MS + Math.max(0, days - DAYS) * DAY_MS,
            endMs: FIRST_END_MS + days * DAY_MS,
          },
          ids: 2,
        },
      ]);
      expect(metricsRequested).toBe(2);
      const afresh = await createAccount().scan([deliveryPath("a")], then);
      expect(pasts).toEqual(afresh.pasts);
    },
  );

  test("paths that share a function ask once for its invocations", async () => {
    const shared = ["a", "b"].map((name) =>
      deliveryPath(name, { consumers: [{ mapping: mapping(name, "one"), function: consumer("one") }] }),
    );
    const account = createAccount();
    const { pasts, metricsRequested } = await account.scan(shared);
    expect(account.asked).toMatchObject([{ ids: 3 }]);
    expect(metricsRequested).toBe(3);
    expect(pasts.get(queueArn("b"))?.history).toEqual(pasts.get(queueArn("a"))?.history);
  });

  test("write to the ledger only what is new", async () => {
    const ledger = createMemoryLedger();
    const writes: string[] = [];
    const counting: Ledger = {
      ...ledger,
      putBaseline: (arn, baseline) => {
        writes.push(arn);
        return ledger.putBaseline(arn, baseline);
      },
    };
    const account = createAccount({ ledger: counting });
    for (const hours of [0, 3, 6, 24, 27]) {
      await account.scan([deliveryPath("a")], later(WINDOW, hours * HOUR_MS));
    }
    expect(writes).toHaveLength(2);
  });

  test("of two scans at once the later write wins, and the next scan finds nothing missing", async () => {
    const ledger = createMemoryLedger();
    const account = createAccount({ ledger });
    await account.scan([deliveryPath("a")]);
    const before = await keptOf(ledger);
    await account.scan([deliveryPath("a")], later(WINDOW, DAY_MS));
    // The slower one had read the ledger before, and writes what it knows last.
    await ledger.putBaseline(queueArn("a"), before);
    const next = later(WINDOW, DAY_MS + 3 * HOUR_MS);
    const hours = await hoursOf(account.scan([deliveryPath("a")], next));
    expect(hours).toEqual(await hoursOf(createAccount().scan([deliveryPath("a")], next)));
  });

  test("a path with less than a day of traffic is looked at every hour", async () => {
    const account = createAccount({ trafficSinceMs: FIRST_END_MS - 3 * HOUR_MS });
    expect(await hoursOf(account.scan([deliveryPath("a")]))).toHaveLength(3);
    expect(await hoursOf(account.scan([deliveryPath("a")], later(WINDOW, HOUR_MS)))).toHaveLength(4);
    expect(account.asked.at(-1)?.window).toEqual({ startMs: FIRST_END_MS, endMs: FIRST_END_MS + HOUR_MS });
  });

  test("paths that miss different hours are asked for apart", async () => {
    const account = createAccount();
    await account.scan([deliveryPath("a")]);
    await account.scan([deliveryPath("a"), deliveryPath("b")], later(WINDOW, DAY_MS));
    expect(account.asked.slice(1).map(({ window }) => (window.endMs - window.startMs) / DAY_MS)).toEqual([
      1,
      DAYS,
    ]);
  });

  test("a longer history than before is read anew", async () => {
    const account = createAccount();
    await account.scan([deliveryPath("a")], WINDOW, 48);
    expect(await hoursOf(account.scan([deliveryPath("a")], WINDOW, 72))).toHaveLength(72);
    expect(account.asked).toHaveLength(2);
  });

  test("hours that cannot be read are named, and what is kept stays as it was (I8)", async () => {
    const account = createAccount();
    const first = await hoursOf(account.scan([deliveryPath("a")]));
    const kept = await keptOf(account.ledger);
    account.fails("forbidden");
    const result = await account.scan([deliveryPath("a")], later(WINDOW, DAY_MS));
    expect(result.pasts.get(queueArn("a"))?.unreadable.map(({ resource }) => resource)).toEqual([
      queueArn("a"),
      functionArn("a-worker"),
    ]);
    expect(result.pasts.get(queueArn("a"))?.history.hours).toEqual(first);
    expect(await keptOf(account.ledger)).toEqual(kept);
  });

  test("a first read that fails keeps nothing", async () => {
    const account = createAccount();
    account.fails("partial");
    expect(await hoursOf(account.scan([deliveryPath("a")]))).toEqual([]);
    expect(await account.ledger.getBaseline(queueArn("a"))).toBeUndefined();
  });

  test("a baseline of another shape is filled again", async () => {
    const account = createAccount();
    await account.ledger.putBaseline(queueArn("a"), { version: 0 } as never);
    expect(await hoursOf(account.scan([deliveryPath("a")]))).toHaveLength(DAYS * 24);
  });
});

describe("a path whose mappings were changed", () => {
  const changed = deliveryPath("a", {
    consumers: [{ mapping: mapping("a", "a-worker", { batchSize: 1 }), function: consumer("a-worker") }],
  });
  const restartedMs = Date.parse("2026-11-23T18:00:00Z");

  test("starts afresh with the next whole hour after the scan that saw it", async () => {
    const account = createAccount();
    await account.scan([deliveryPath("a")]);
    const result = await account.scan([changed]);
    expect(account.asked).toHaveLength(1);
    expect(result.pasts.get(queueArn("a"))?.history).toEqual({ hours: [], restartedMs });
    expect((await account.scan([changed])).pasts.get(queueArn("a"))?.history).toEqual({
      hours: [],
      restartedMs,
    });
  });

  test("counts from the scan, not from the end of its window", async () => {
    const account = createAccount();
    await account.scan([deliveryPath("a")]);
    const { pasts } = await account.scan([changed], later(WINDOW, 10 * 60_000));
    expect(pasts.get(queueArn("a"))?.history.restartedMs).toBe(restartedMs + HOUR_MS);
  });

  test("never asks for an hour before the change, and forgets the change once it is older than the history", async () => {
    const account = createAccount();
    await account.scan([deliveryPath("a")]);
    await account.scan([changed]);
    const nextDay = await account.scan([changed], later(WINDOW, DAY_MS));
    expect(account.asked.at(-1)?.window.startMs).toBe(restartedMs);
    expect(nextDay.pasts.get(queueArn("a"))?.history).toMatchObject({ restartedMs });
    expect(nextDay.pasts.get(queueArn("a"))?.history.hours).toHaveLength(20);

    const old = await account.scan([changed], later(WINDOW, 40 * DAY_MS));
    expect(old.pasts.get(queueArn("a"))?.history.restartedMs).toBeUndefined();
    expect(old.pasts.get(queueArn("a"))?.history.hours).toHaveLength(DAYS * 24);
  });

  test.each([
    { name: "another function", consumers: [["other", {}]], afresh: true },
    { name: "another batch size", consumers: [["a-worker", { batchSize: 5 }]], afresh: true },
    {
      name: "a batching window",
      consumers: [["a-worker", { maximumBatchingWindowSeconds: 5 }]],
      afresh: true,
    },
    { name: "a filter", consumers: [["a-worker", { filterCount: 1 }]], afresh: true },
    {
      name: "a second mapping",
      consumers: [
        ["a-worker", {}],
        ["other", {}],
      ],
      afresh: true,
    },
    {
      name: "partial batch responses",
      consumers: [["a-worker", { reportBatchItemFailures: true }]],
      afresh: false,
    },
    { name: "another concurrency", consumers: [["a-worker", { maximumConcurrency: 5 }]], afresh: false },
    { name: "a mapping made anew", consumers: [["a-worker", { uuid: "new" }]], afresh: false },
    {
      name: "another alias",
      consumers: [["a-worker", { functionArn: `${functionArn("a-worker")}:live` }]],
      afresh: false,
    },
  ] as const)("$name starts it afresh: $afresh", async ({ consumers, afresh }) => {
    const account = createAccount();
    await account.scan([deliveryPath("a")]);
    const path = deliveryPath("a", {
      consumers: consumers.map(([name, more]) => ({
        mapping: mapping("a", name, more),
        function: consumer(name),
      })),
    });
    const { pasts } = await account.scan([path]);
    expect(pasts.get(queueArn("a"))?.history.hours.length === 0).toBe(afresh);
  });

  test("timeouts do not: what they do to the ratio is what is looked for", async () => {
    const account = createAccount();
    await account.scan([deliveryPath("a")]);
    const path = deliveryPath("a", {
      consumers: [
        { mapping: mapping("a", "a-worker"), function: consumer("a-worker", { timeoutSeconds: 900 }) },
      ],
    });
    expect(await hoursOf(account.scan([path]))).toHaveLength(DAYS * 24);
  });
});
