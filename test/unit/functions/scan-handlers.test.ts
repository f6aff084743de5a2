import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { TransientError } from "../../../core/errors.ts";
import { scanHandlers } from "../../../functions/scan-handlers.ts";
import {
  BATCH,
  consumer,
  createFakePorts,
  functionArn,
  mapping,
  queueSettings,
  SCAN,
  SETTINGS,
  type World,
} from "../../support/scan-fakes.ts";

/** One queue whose function may run longer than the queue waits, and one log query that never ends. */
const world: World = {
  mappings: [mapping("a", "a-worker")],
  functions: { [functionArn("a-worker")]: consumer("a-worker") },
  queues: { a: queueSettings("a", { visibilityTimeoutSeconds: 5 }) },
  metric: ({ metricName }) => (metricName.startsWith("NumberOf") || metricName === "Invocations" ? 1 : 0),
  logs: { "/aws/lambda/a-worker": { status: { state: "running" } } },
};
const scheduled = { scheduledTime: "2026-11-23T18:00:00Z", executionId: "execution" };

describe("scanHandlers", () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("the nine handlers make a whole scan, and write nothing to stdout or stderr", async () => {
    const out = jest.spyOn(process.stdout, "write");
    const err = jest.spyOn(process.stderr, "write");
    const ports = createFakePorts(world);
    const handlers = scanHandlers(ports, SETTINGS, { lastAttempt: 2 });
    expect(await handlers.ClaimScan(scheduled)).toEqual(SCAN);
    expect(await handlers.Discover(SCAN)).toEqual({ batchKeys: ["0001"], paths: 1 });
    expect(await handlers.Measure(BATCH)).toEqual({ paths: 1, suspects: 1, candidates: 1 });
    expect(await handlers.StartQueries(BATCH)).toEqual({ queries: 1 });
    expect(await handlers.CollectDeliveries({ ...BATCH, attempt: 1 })).toEqual({
      pending: 1,
      running: 1,
      attempt: 1,
    });
    expect(await handlers.CollectDeliveries({ ...BATCH, attempt: 2 })).toEqual({
      pending: 0,
      running: 0,
      attempt: 2,
    });
    expect(await handlers.Diagnose(BATCH)).toEqual({ findings: 1 });
    expect(await handlers.Summarise(SCAN)).toEqual({
      new: 1,
      continuing: 0,
      resolved: 0,
      unreached: 0,
      changed: true,
    });
    expect(await handlers.Notify(SCAN)).toEqual({ sent: true });
    expect(await handlers.ProposeChanges(SCAN)).toEqual({ proposed: 0, open: 0 });
    expect(ports.published).toHaveLength(1);
    expect([out.mock.calls, err.mock.calls]).toEqual([[], []]);
  });

  test("a batch whose metrics are throttled for good: the digest and the document say so", async () => {
    const ports = createFakePorts(world);
    const throttled = "throttled: cloudwatch:GetMetricData was refused on every try, try again later";
    const getSeries = () => Promise.reject(new TransientError(throttled));
    const handlers = scanHandlers({ ...ports, metrics: { ...ports.metrics, getSeries } }, SETTINGS);
    await handlers.ClaimScan(scheduled);
    await handlers.Discover(SCAN);
    await expect(handlers.Measure(BATCH)).rejects.toThrow(throttled);
    await handlers.Summarise(SCAN);
    expect(await ports.ledger.getDocument(SCAN.scanId, "document")).toMatchObject({
      paths: [{ verdict: "unknown", note: expect.stringContaining(throttled) }],
      scan: { unreadable: [{ reason: expect.stringContaining(throttled) }] },
    });
  });

  test.each([
    { pollIntervalMs: 90_000, attempts: 2 },
    { pollIntervalMs: 60_000, attempts: 3 },
  ])("looking every $pollIntervalMs ms, a query is given up at look $attempts", async (given) => {
    const handlers = scanHandlers(createFakePorts(world), SETTINGS, { pollIntervalMs: given.pollIntervalMs });
    await handlers.ClaimScan(scheduled);
    await handlers.Discover(SCAN);
    await handlers.Measure(BATCH);
    await handlers.StartQueries(BATCH);
    const look = (attempt: number) => handlers.CollectDeliveries({ ...BATCH, attempt });
    expect(await look(given.attempts - 1)).toMatchObject({ pending: 1 });
    expect(await look(given.attempts)).toMatchObject({ pending: 0 });
  });
});
