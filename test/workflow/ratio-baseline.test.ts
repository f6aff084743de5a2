// The ratio's baseline from scan to scan: the deployed parts and the ledger's table, over the wire.
import { afterEach, expect, jest, test } from "@jest/globals";
import { NOW_MS, type SimulatedScans, simulateScans } from "../support/simulated-scan.ts";

// Simulating days of an account takes its time on a busy machine.
jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const METRIC_USD = 0.01 / 1000;

let world: SimulatedScans;
afterEach(() => world?.server.close());

test("is read once, is not asked for again within a day, and then for what is missing", async () => {
  world = await simulateScans({ seed: 1, scenarios: ["healthy"], hours: 32 });
  const scanAfter = async (hours: number) => {
    const atMs = NOW_MS + hours * HOUR_MS;
    world.account.advanceTo(atMs);
    const { document } = await world.scan({
      atMs,
      settings: { readLogs: false, asyncSources: false, historyHours: 48 },
    });
    const { apiCalls, estimatedCostUsd } = document.scan;
    return { calls: apiCalls["cloudwatch:GetMetricData"], estimatedCostUsd, paths: document.paths };
  };
  const first = await scanAfter(0);
  const soon = await scanAfter(3);
  const nextDay = await scanAfter(24);

  // The window by the minute, the window as a whole, and the history by the hour: of the queue and its function.
  expect([first.calls, soon.calls, nextDay.calls]).toEqual([3, 2, 3]);
  expect(first.estimatedCostUsd - soon.estimatedCostUsd).toBeCloseTo(2 * METRIC_USD, 8);
  expect(first.paths).toEqual(soon.paths);
});

test("shows that a visibility timeout was lowered between two scans", async () => {
  world = await simulateScans({ seed: 1, scenarios: ["healthy"], hours: 32 });
  const settings = { readLogs: false, asyncSources: false, historyHours: 48 };
  const before = await world.scan({ settings });
  expect(before.document.paths).toMatchObject([{ verdict: "healthy" }]);

  for (const { url } of world.account.queues()) world.account.setAttributes(url, { VisibilityTimeout: "1" });
  const atMs = NOW_MS + 4 * HOUR_MS;
  world.account.advanceTo(atMs);
  const after = await world.scan({ atMs, settings });

  expect(after.document.paths).toMatchObject([{ verdict: "duplicating" }]);
  expect(after.document.findings[0]?.facts).toContainEqual(
    expect.stringMatching(
      /^There were 1\.[3-9]\d invocations a message, where (0\.9|1\.0)\d is usual \(median of \d+: all hours\)\.$/,
    ),
  );
});
