import { describe, expect, test } from "@jest/globals";
import { isDuplicate } from "../../../simulator/engine/causes.ts";
import type { Queue } from "../../../simulator/engine/queue.ts";
import { addConsumer, addQueue, newWorld, send, total } from "../../support/engine.ts";

function causes(queue: Queue): string[] {
  return queue.deliveries.map((delivery) => delivery.cause);
}

describe("a mapping", () => {
  test("invokes at once without a batching window, and deletes what succeeded", () => {
    const world = newWorld();
    const queue = addQueue(world, "q");
    const { fn } = addConsumer(world, queue, "f");
    send(queue);
    world.clock.runUntil(60_000);
    expect(fn.invocations).toHaveLength(1);
    expect(fn.invocations[0]?.startMs).toBeLessThan(100);
    expect(queue.books.removed).toBe(1);
    expect(causes(queue)).toEqual(["first"]);
  });

  test("gathers until the batching window of the first message ends", () => {
    const world = newWorld();
    const queue = addQueue(world, "q");
    const { fn } = addConsumer(world, queue, "f", { mapping: { maximumBatchingWindowSeconds: 5 } });
    for (const atMs of [0, 2_000, 4_000]) world.clock.at(atMs, () => send(queue));
    world.clock.runUntil(60_000);
    expect(fn.invocations.map((invocation) => invocation.deliveries.length)).toEqual([3]);
    expect(fn.invocations[0]?.startMs).toBeGreaterThanOrEqual(5_000);
    expect(fn.invocations[0]?.startMs).toBeLessThan(5_100);
  });

  test("invokes before the window ends when the batch is full", () => {
    const world = newWorld();
    const queue = addQueue(world, "q");
    const { fn } = addConsumer(world, queue, "f", {
      mapping: { maximumBatchingWindowSeconds: 60, batchSize: 4 },
    });
    for (let sent = 0; sent < 8; sent++) send(queue);
    world.clock.runUntil(1_000);
    expect(fn.invocations.map((invocation) => invocation.deliveries.length)).toEqual([4, 4]);
  });

  test("never runs more batches at once than MaximumConcurrency", () => {
    const world = newWorld();
    const queue = addQueue(world, "q");
    addConsumer(world, queue, "f", { mapping: { batchSize: 1, maximumConcurrency: 2 } });
    for (let sent = 0; sent < 6; sent++) send(queue);
    world.clock.runUntil(10_000);
    expect(queue.books.removed).toBe(6);
    const series = world.metrics.find({
      namespace: "AWS/Lambda",
      metricName: "ConcurrentExecutions",
      dimensions: { FunctionName: "f" },
    });
    const points = series?.between(world.clock.originMs, world.clock.originMs, Number.MAX_SAFE_INTEGER);
    expect(Math.max(...(points ?? []).map((point) => point.max))).toBe(2);
    expect(total(world, "Throttles", { FunctionName: "f" })).toBe(0);
  });

  test("does not poll while it is disabled", () => {
    const world = newWorld();
    const queue = addQueue(world, "q");
    addConsumer(world, queue, "f", { mapping: { state: "Disabled" } });
    send(queue);
    world.clock.runUntil(60_000);
    expect(queue.counts.visible).toBe(1);
  });

  test("deletes what its filters drop, without an invocation", () => {
    const world = newWorld();
    const queue = addQueue(world, "q");
    const { fn } = addConsumer(world, queue, "f", { mapping: { filterPatterns: ["{}"] } });
    send(queue, { filtered: true });
    world.clock.runUntil(60_000);
    expect(fn.invocations).toHaveLength(0);
    expect(queue.books.removed).toBe(1);
    const counts = { EventSourceMappingUUID: "mapping-of-f" };
    expect(total(world, "PolledEventCount", counts)).toBe(1);
    expect(total(world, "FilteredOutEventCount", counts)).toBe(1);
    expect(total(world, "InvokedEventCount", counts)).toBe(0);
  });
});

describe("throttling", () => {
  test("holds a batch until its visibility timeout ends: counted as throttled, never invoked", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "60" });
    // The account has no concurrency left at any time.
    const { fn } = addConsumer(world, queue, "f", {
      work: { starved: { everyMs: 300_000, lengthMs: 300_000 } },
    });
    send(queue);
    world.clock.runUntil(150_000);
    expect(fn.invocations).toHaveLength(0);
    expect(queue.deliveries.map((delivery) => delivery.outcome)).toEqual(["none", "none", "pending"]);
    expect(causes(queue)).toEqual(["first", "throttled", "throttled"]);
    expect(queue.deliveries.some(isDuplicate)).toBe(false);
    expect(total(world, "Throttles", { FunctionName: "f" })).toBeGreaterThan(5);
    expect(total(world, "Invocations", { FunctionName: "f" })).toBe(0);
  });

  test("is met when reserved concurrency is used up, and passes when it is free again", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "60" });
    const { fn } = addConsumer(world, queue, "f", {
      fn: { reservedConcurrency: 1 },
      mapping: { batchSize: 1 },
      work: { medianMs: 5_000 },
    });
    send(queue);
    send(queue);
    world.clock.runUntil(60_000);
    expect(fn.invocations).toHaveLength(2);
    expect(total(world, "Throttles", { FunctionName: "f" })).toBeGreaterThan(0);
    expect(causes(queue)).toEqual(["first", "first"]);
  });
});

describe("failures", () => {
  test.each([
    { name: "an error", work: { errorShare: 1 }, outcome: "error", cause: "function-error" },
    { name: "a timeout", work: { hangShare: 1 }, outcome: "timeout", cause: "function-timeout" },
  ])("$name brings the message back when its visibility timeout ends", ({ work, outcome, cause }) => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "60" });
    addConsumer(world, queue, "f", { work });
    send(queue);
    world.clock.runUntil(61_000);
    expect(queue.deliveries.map((delivery) => delivery.receivedMs >= 60_000)).toEqual([false, true]);
    expect(queue.deliveries[0]?.outcome).toBe(outcome);
    expect(causes(queue)).toEqual(["first", cause]);
    expect(queue.deliveries.some(isDuplicate)).toBe(false);
  });

  test("one bad record brings the whole batch back", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "60" });
    addConsumer(world, queue, "f");
    send(queue, { failuresLeft: 1 });
    send(queue);
    world.clock.runUntil(120_000);
    expect(causes(queue)).toEqual(["first", "first", "function-error", "partial-batch-replay"]);
    expect(queue.deliveries.filter(isDuplicate)).toHaveLength(1);
    expect(queue.books.removed).toBe(2);
    expect(total(world, "Errors", { FunctionName: "f" })).toBe(1);
  });

  test("with ReportBatchItemFailures only the bad record comes back", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "60" });
    addConsumer(world, queue, "f", { mapping: { reportBatchItemFailures: true } });
    send(queue, { failuresLeft: 1 });
    send(queue);
    world.clock.runUntil(120_000);
    expect(causes(queue)).toEqual(["first", "first", "function-error"]);
    expect(total(world, "Errors", { FunctionName: "f" })).toBe(0);
  });
});

describe("duplicates", () => {
  test("a run that outlasts the timeout overlaps its own copy, and both delete", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "10" });
    const { fn } = addConsumer(world, queue, "f", { work: { medianMs: 15_000 } });
    world.clock.at(0, () => send(queue));
    world.clock.runUntil(12_000);
    const [first, second] = fn.invocations;
    expect(second?.startMs).toBeLessThan(first?.endMs ?? 0);
    expect(causes(queue)).toEqual(["first", "visibility-expired"]);
    expect(queue.deliveries.map(isDuplicate)).toEqual([false, true]);
  });

  test("batch wait and run together can pass the timeout without an overlap", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "30" });
    const { fn } = addConsumer(world, queue, "f", {
      mapping: { maximumBatchingWindowSeconds: 20 },
      work: { medianMs: 15_000 },
    });
    send(queue);
    world.clock.runUntil(55_000);
    const [first, second] = fn.invocations;
    expect(second?.startMs).toBeGreaterThan(first?.endMs ?? Number.POSITIVE_INFINITY);
    expect(causes(queue).slice(0, 2)).toEqual(["first", "deleted-too-late"]);
  });

  test("competing mappings share the messages, none is delivered twice", () => {
    const world = newWorld();
    const queue = addQueue(world, "q");
    const consumers = ["f", "g"].map((name) =>
      addConsumer(world, queue, name, { mapping: { batchSize: 1 } }),
    );
    for (let sent = 0; sent < 40; sent++) send(queue);
    world.clock.runUntil(60_000);
    expect(new Set(causes(queue))).toEqual(new Set(["first"]));
    expect(queue.books.removed).toBe(40);
    for (const { fn } of consumers) expect(fn.invocations.length).toBeGreaterThan(5);
  });
});
