import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { bodyOf, messageId } from "../../../simulator/engine/bodies.ts";
import type { Queue } from "../../../simulator/engine/queue.ts";
import type { Delivery } from "../../../simulator/engine/records.ts";
import type { World } from "../../../simulator/engine/world.ts";
import { addQueue, newWorld, send, total } from "../../support/engine.ts";

function only(deliveries: readonly Delivery[]): Delivery {
  const [first, ...others] = deliveries;
  if (first === undefined || others.length > 0) throw new Error(`expected one, got ${deliveries.length}`);
  return first;
}

function withRedrive(world: World, maxReceiveCount: number): { source: Queue; deadLetter: Queue } {
  const deadLetter = addQueue(world, "source-dlq");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetter.arn, maxReceiveCount });
  return { source: addQueue(world, "source", { VisibilityTimeout: "10", RedrivePolicy }), deadLetter };
}

describe("a standard queue", () => {
  test("hides a message until its visibility timeout ends, then delivers it again with a higher count", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "30" });
    send(queue);
    expect(only(queue.receive(10)).receiveCount).toBe(1);
    world.clock.runUntil(29_999);
    expect(queue.receive(10)).toHaveLength(0);
    world.clock.runUntil(30_000);
    expect(only(queue.receive(10)).receiveCount).toBe(2);
  });

  test("keeps the old deadline of a message in flight when the timeout is changed", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "30" });
    send(queue);
    queue.receive(1);
    queue.settings.set({ VisibilityTimeout: "600" });
    world.clock.runUntil(30_000);
    const second = only(queue.receive(1));
    expect(second.deadlineMs).toBe(30_000 + 600_000);
  });

  test("accepts and counts a late delete through a stale handle, without removing the message", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "30" });
    const message = send(queue);
    const first = only(queue.receive(1));
    world.clock.runUntil(31_000);
    const second = only(queue.receive(1));
    expect(queue.delete(first)).toBe(true);
    expect(message.state).toBe("in-flight");
    expect(queue.delete(second)).toBe(true);
    expect(message.state).toBe("gone");
    expect(total(world, "NumberOfMessagesDeleted", { QueueName: "q" })).toBe(2);
    expect(queue.books.removed).toBe(1);
  });

  test("removes an expired but not yet received message through its latest handle", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "30" });
    send(queue);
    const first = only(queue.receive(1));
    world.clock.runUntil(31_000);
    queue.delete(first);
    expect(queue.receive(1)).toHaveLength(0);
    expect(queue.live.size).toBe(0);
  });

  test.each([
    { name: "longer", seconds: 100, hiddenAtMs: 99_999, backAtMs: 100_000 },
    { name: "shorter", seconds: 5, hiddenAtMs: 4_999, backAtMs: 5_000 },
    { name: "none", seconds: 0, hiddenAtMs: undefined, backAtMs: 0 },
  ])("changes the visibility of one receive: $name", ({ seconds, hiddenAtMs, backAtMs }) => {
    const world = newWorld();
    const queue = addQueue(world, "q", { VisibilityTimeout: "30" });
    send(queue);
    expect(queue.changeVisibility(only(queue.receive(1)), seconds * 1000)).toBe(true);
    if (hiddenAtMs !== undefined) {
      world.clock.runUntil(hiddenAtMs);
      expect(queue.counts["in-flight"]).toBe(1);
    }
    world.clock.runUntil(backAtMs);
    expect(queue.counts).toMatchObject({ "in-flight": 0, visible: 1 });
  });

  test("delays messages, by the queue's setting or the message's own", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { DelaySeconds: "10" });
    send(queue);
    send(queue, { delayMs: 2_000 });
    expect(queue.counts.delayed).toBe(2);
    world.clock.runUntil(2_000);
    expect(queue.receive(10)).toHaveLength(1);
    world.clock.runUntil(10_000);
    expect(queue.receive(10)).toHaveLength(1);
  });

  test("drops what is older than the retention period", () => {
    const world = newWorld();
    const queue = addQueue(world, "q", { MessageRetentionPeriod: "60" });
    send(queue);
    world.clock.runUntil(30_000);
    send(queue);
    world.clock.runUntil(60_000);
    queue.expire();
    expect(queue.books.expired).toBe(1);
    expect(queue.receive(10)).toHaveLength(1);
  });
});

describe("redrive", () => {
  function failUntilDead(world: World, source: Queue): void {
    for (let receive = 0; receive < 3; receive++) {
      source.receive(1);
      world.clock.runUntil(world.clock.nowMs + 10_000);
    }
  }

  test("moves a message at the receive after maxReceiveCount, and not into the other queue's Sent", () => {
    const world = newWorld();
    const { source, deadLetter } = withRedrive(world, 3);
    const message = send(source);
    failUntilDead(world, source);
    expect(deadLetter.live.size).toBe(0);
    expect(source.receive(1)).toHaveLength(0);
    expect(deadLetter.live.size).toBe(1);
    expect(message.receiveCount).toBe(3);
    expect(total(world, "NumberOfMessagesSent", { QueueName: "source-dlq" })).toBe(0);
    expect(total(world, "NumberOfMessagesReceived", { QueueName: "source" })).toBe(3);
  });

  test("what arrives in the dead-letter queue keeps its id and count, and is delivered there for the first time", () => {
    const world = newWorld();
    const { source, deadLetter } = withRedrive(world, 3);
    const message = send(source);
    failUntilDead(world, source);
    source.receive(1);
    const arrived = only(deadLetter.receive(1));
    expect(arrived).toMatchObject({ message, receiveCount: 4, previous: null, cause: "first" });
  });

  test("a late delete through a handle of the source queue leaves the dead letter alone", () => {
    const world = newWorld();
    const { source, deadLetter } = withRedrive(world, 1);
    send(source);
    const late = only(source.receive(1));
    world.clock.runUntil(10_000);
    source.receive(1);
    expect(source.delete(late)).toBe(true);
    expect(source.counts).toMatchObject({ visible: 0, "in-flight": 0 });
    expect(deadLetter.live.size).toBe(1);
  });

  test("moves it back as a new message: its body, and nothing else, is the same", () => {
    const world = newWorld();
    const { source, deadLetter } = withRedrive(world, 3);
    const died = send(source);
    failUntilDead(world, source);
    source.receive(1);
    deadLetter.moveAllTo(source);
    const back = only(source.receive(1));
    expect(back).toMatchObject({ receiveCount: 1, previous: null, cause: "dlq-redrive" });
    expect(back.message).toMatchObject({ redrivenFrom: died, sentMs: 30_000, businessKey: died.businessKey });
    expect(messageId(world, back.message)).not.toBe(messageId(world, died));
    expect(bodyOf(world, back.message)).toBe(bodyOf(world, died));
    expect(deadLetter.live.size).toBe(0);
    expect(total(world, "NumberOfMessagesSent", { QueueName: "source" })).toBe(1);
  });

  test("what fails again after it was moved back has as many receives as anything else", () => {
    const world = newWorld();
    const { source, deadLetter } = withRedrive(world, 3);
    send(source);
    failUntilDead(world, source);
    source.receive(1);
    deadLetter.moveAllTo(source);
    const causes = [1, 2, 3].map(() => {
      const { cause } = only(source.receive(1));
      world.clock.runUntil(world.clock.nowMs + 10_000);
      return cause;
    });
    expect(causes[0]).toBe("dlq-redrive");
    expect(causes).not.toContain("first");
    expect(source.receive(1)).toHaveLength(0);
    expect(deadLetter.live.size).toBe(1);
  });
});

describe("a FIFO queue", () => {
  const fifo = { FifoQueue: "true", VisibilityTimeout: "30" };

  test("holds a group back while one of its messages is in flight", () => {
    const world = newWorld();
    const queue = addQueue(world, "q.fifo", fifo);
    for (const group of ["a", "a", "b"]) send(queue, { group });
    const [first, ...others] = queue.receive(1);
    if (first === undefined) throw new Error("nothing received");
    expect(others).toHaveLength(0);
    expect(queue.receive(10).map((delivery) => delivery.message.group)).toEqual(["b"]);
    queue.delete(first);
    expect(only(queue.receive(10)).message.group).toBe("a");
  });

  test("gives a message back to the front of its group", () => {
    const world = newWorld();
    const queue = addQueue(world, "q.fifo", fifo);
    const sent = ["1", "2", "3"].map(() => send(queue, { group: "a" }));
    queue.receive(2);
    world.clock.runUntil(30_000);
    expect(queue.receive(10).map((delivery) => delivery.message)).toEqual(sent);
  });

  test("refuses a delete through an expired handle", () => {
    const world = newWorld();
    const queue = addQueue(world, "q.fifo", fifo);
    send(queue, { group: "a" });
    const first = only(queue.receive(1));
    world.clock.runUntil(30_000);
    expect(queue.delete(first)).toBe(false);
    expect(total(world, "NumberOfMessagesDeleted", { QueueName: "q.fifo" })).toBe(0);
    expect(only(queue.receive(1)).receiveCount).toBe(2);
  });

  test("drops the same deduplication id for five minutes", () => {
    const world = newWorld();
    const queue = addQueue(world, "q.fifo", fifo);
    const first = send(queue, { group: "a", deduplicationId: "x" });
    world.clock.runUntil(299_999);
    expect(send(queue, { group: "a", deduplicationId: "x" })).toBe(first);
    world.clock.runUntil(300_000);
    expect(send(queue, { group: "a", deduplicationId: "x" })).not.toBe(first);
    expect(total(world, "NumberOfMessagesSent", { QueueName: "q.fifo" })).toBe(2);
    expect(total(world, "NumberOfDeduplicatedSentMessages", { QueueName: "q.fifo" })).toBe(1);
  });
});

describe("conservation", () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant("send" as const), group: fc.constantFrom("a", "b", "c") }),
    fc.record({ kind: fc.constant("receive" as const), max: fc.integer({ min: 1, max: 10 }) }),
    fc.record({ kind: fc.constant("delete" as const), which: fc.nat({ max: 200 }) }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
    fc.record({ kind: fc.constant("redrive" as const) }),
    fc.record({ kind: fc.constant("purge" as const) }),
  );

  test.each([{ fifo: false }, { fifo: true }])(
    "every message is somewhere exactly once (fifo: $fifo)",
    ({ fifo }) => {
      fc.assert(
        fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
          const world = newWorld();
          const kind: Record<string, string> = fifo ? { FifoQueue: "true" } : {};
          const suffix = fifo ? ".fifo" : "";
          const deadLetter = addQueue(world, `d${suffix}`, kind);
          const queue = addQueue(world, `q${suffix}`, {
            ...kind,
            VisibilityTimeout: "10",
            RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetter.arn, maxReceiveCount: 2 }),
          });
          for (const step of actions) {
            if (step.kind === "send") send(queue, { group: fifo ? step.group : "" });
            if (step.kind === "receive") queue.receive(step.max);
            if (step.kind === "delete") {
              const delivery = queue.deliveries[step.which % Math.max(1, queue.deliveries.length)];
              if (delivery !== undefined) queue.delete(delivery);
            }
            if (step.kind === "wait") world.clock.runUntil(world.clock.nowMs + step.ms);
            if (step.kind === "redrive") deadLetter.moveAllTo(queue);
            if (step.kind === "purge" && world.clock.nowMs % 3 === 0) queue.purge();
          }
          for (const { books, live, counts } of [queue, deadLetter]) {
            const came = books.sent + books.movedIn + books.reappeared;
            const left = books.removed + books.movedOut + books.expired + books.purged;
            expect(came).toBe(left + live.size);
            expect(counts.visible + counts["in-flight"] + counts.delayed).toBe(live.size);
          }
          expect(deadLetter.books.movedIn).toBe(queue.books.movedOut);
          // Whatever is left can still be received, once its timeouts have passed.
          world.clock.runUntil(world.clock.nowMs + 60_000);
          expect(queue.counts["in-flight"]).toBe(0);
          expect(queue.counts.visible).toBe(queue.live.size);
        }),
        { numRuns: 60 },
      );
    },
  );
});
