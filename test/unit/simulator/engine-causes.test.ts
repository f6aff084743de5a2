import { describe, expect, test } from "@jest/globals";
import { causeOfDelivery, isDuplicate } from "../../../simulator/engine/causes.ts";
import type { Delivery } from "../../../simulator/engine/records.ts";
import { addConsumer, addQueue, newWorld, send } from "../../support/engine.ts";

/** One earlier receive, in seconds; `run` is absent when it never reached a function. */
interface Earlier {
  readonly received: number;
  readonly timeout: number;
  readonly by?: "f" | "g";
  readonly run?: readonly [start: number, end: number];
  readonly outcome: Delivery["outcome"];
  readonly fault?: Delivery["fault"];
  readonly deleted?: number;
  readonly letGo?: boolean;
}

/** The cause of a delivery to function f that starts at 100 s, after these. */
function causeAt100(history: readonly Earlier[], resent = false): Delivery["cause"] {
  const world = newWorld();
  const queue = addQueue(world, "q");
  const functions = {
    f: addConsumer(world, queue, "f", { mapping: { state: "Disabled" } }).fn,
    g: addConsumer(world, queue, "g", { mapping: { state: "Disabled" } }).fn,
  };
  const message = send(queue, { resent });
  const deliver = (earlier: Earlier, previous: Delivery | null): Delivery => ({
    index: 0,
    message,
    queue,
    receivedMs: earlier.received * 1000,
    deadlineMs: (earlier.received + earlier.timeout) * 1000,
    receiveCount: (previous?.receiveCount ?? 0) + 1,
    previous,
    invocation:
      earlier.run === undefined
        ? null
        : {
            requestIndex: 0,
            fn: functions[earlier.by ?? "f"],
            environment: { index: 0, createdMs: 0, lastUsedMs: 0, broken: false },
            trigger: "queue",
            startMs: earlier.run[0] * 1000,
            endMs: earlier.run[1] * 1000,
            initMs: 0,
            outcome: "success",
            deliveries: [],
          },
    outcome: earlier.outcome,
    fault: earlier.fault ?? null,
    letGo: earlier.letGo ?? false,
    deleteMs: earlier.deleted === undefined ? -1 : earlier.deleted * 1000,
    cause: "first",
  });
  let previous: Delivery | null = null;
  for (const earlier of history) previous = deliver(earlier, previous);
  message.latest = deliver({ received: 99, timeout: 30, outcome: "pending" }, previous);
  return causeOfDelivery(message.latest, 100_000, "f");
}

describe("the true cause of a delivery", () => {
  test.each<{ name: string; history: readonly Earlier[]; cause: Delivery["cause"] }>([
    { name: "nothing before", history: [], cause: "first" },
    {
      name: "the one before still runs",
      history: [{ received: 60, timeout: 30, run: [60, 110], outcome: "pending" }],
      cause: "visibility-expired",
    },
    {
      name: "one still runs, though another has failed since",
      history: [
        { received: 30, timeout: 30, run: [30, 110], outcome: "pending" },
        { received: 60, timeout: 30, run: [60, 70], outcome: "error" },
      ],
      cause: "visibility-expired",
    },
    {
      name: "it ended in the very millisecond in which this one starts",
      history: [{ received: 60, timeout: 30, run: [60, 100], outcome: "success", deleted: 100 }],
      cause: "deleted-too-late",
    },
    {
      name: "it succeeded, but its delete came after the timeout",
      history: [{ received: 60, timeout: 30, run: [80, 95], outcome: "success", deleted: 95 }],
      cause: "deleted-too-late",
    },
    {
      name: "it succeeded and was deleted in time",
      history: [{ received: 60, timeout: 30, run: [60, 70], outcome: "success", deleted: 70 }],
      cause: "at-least-once",
    },
    {
      name: "another function had it and deleted it in time",
      history: [{ received: 60, timeout: 30, by: "g", run: [60, 70], outcome: "success", deleted: 70 }],
      cause: "several-consumers",
    },
    {
      name: "it timed out",
      history: [{ received: 60, timeout: 30, run: [60, 70], outcome: "timeout" }],
      cause: "function-timeout",
    },
    {
      name: "it failed",
      history: [{ received: 60, timeout: 30, run: [60, 70], outcome: "error" }],
      cause: "function-error",
    },
    {
      name: "only its batch failed",
      history: [{ received: 60, timeout: 30, run: [60, 70], outcome: "error", fault: "sibling" }],
      cause: "partial-batch-replay",
    },
    {
      name: "another function handed it back",
      history: [
        { received: 60, timeout: 30, by: "g", run: [60, 70], outcome: "error", fault: "handed-back" },
      ],
      cause: "several-consumers",
    },
    {
      name: "the same function handed it back",
      history: [{ received: 60, timeout: 30, run: [60, 70], outcome: "error", fault: "handed-back" }],
      cause: "function-error",
    },
    {
      name: "throttled until its timeout had passed",
      history: [{ received: 60, timeout: 30, outcome: "none", letGo: true }],
      cause: "throttled",
    },
    {
      name: "received by a client",
      history: [{ received: 60, timeout: 30, outcome: "none" }],
      cause: "unknown",
    },
    {
      name: "the latest of several decides",
      history: [
        { received: 10, timeout: 30, run: [10, 20], outcome: "error" },
        { received: 60, timeout: 30, outcome: "none", letGo: true },
      ],
      cause: "throttled",
    },
    {
      name: "it still waits in a batch",
      history: [{ received: 60, timeout: 30, outcome: "pending" }],
      cause: "visibility-expired",
    },
  ])("$name → $cause", ({ history, cause }) => {
    expect(causeAt100(history)).toBe(cause);
  });

  test("a first delivery of what the producer had sent before repeats work", () => {
    expect(causeAt100([], true)).toBe("producer-duplicate");
  });

  test("nothing is repeated where no function ran", () => {
    const world = newWorld();
    const queue = addQueue(world, "q");
    send(queue);
    const [delivery] = queue.receive(1);
    if (delivery === undefined) throw new Error("nothing received");
    delivery.cause = "visibility-expired";
    expect(isDuplicate(delivery)).toBe(false);
  });
});
