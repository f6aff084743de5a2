// The ground truth: why a message was delivered again, from what really happened (docs: the table of causes).
// It knows what no log tells: planned ends, handles that had expired, which record made a batch fail.
import type { Cause } from "../../core/model/delivery.ts";
import type { Delivery } from "./records.ts";

/** Causes whose redelivery does work again that was not known to have failed. */
const DUPLICATING: ReadonlySet<string> = new Set<Cause>([
  "visibility-expired",
  "deleted-too-late",
  "partial-batch-replay",
  "several-consumers",
  "producer-duplicate",
  "at-least-once",
]);

/** True when a delivery repeats work; one that never reached a function repeats nothing. */
export function isDuplicate(delivery: Delivery): boolean {
  return delivery.invocation !== null && DUPLICATING.has(delivery.cause);
}

/**
 * Within the delivery's own queue: what arrives in a dead-letter queue is delivered there for the first time.
 * @param atMs when the delivery was received, or again when its invocation starts.
 * @param functionName null before the function is known.
 */
export function causeOfDelivery(
  delivery: Delivery,
  atMs: number,
  functionName: string | null,
): Cause | "first" {
  const { message } = delivery;
  let last: Delivery | null = null;
  let lastRun: Delivery | null = null;
  for (let other: Delivery | null = message.latest ?? delivery; other !== null; other = other.previous) {
    if (other === delivery) continue;
    const run = other.invocation;
    if (run === null) {
      if (other.outcome === "none") last = later(last, other);
      continue;
    }
    if (run.startMs <= atMs && atMs < run.endMs) return "visibility-expired";
    if (run.endMs > atMs) continue;
    last = later(last, other);
    lastRun = later(lastRun, other);
  }
  // Receives that led to no run, throttled, do not undo what the run before them had done.
  if (last?.letGo === true && lastRun?.outcome === "success") last = lastRun;
  if (last !== null) return causeAfter(last, functionName);
  if (delivery.previous !== null) return "visibility-expired"; // an earlier batch still waits with it
  if (message.redrivenFrom !== null) return "dlq-redrive";
  return message.resent ? "producer-duplicate" : "first";
}

function later(one: Delivery | null, other: Delivery): Delivery {
  return one === null || other.receivedMs > one.receivedMs ? other : one;
}

function causeAfter(last: Delivery, functionName: string | null): Cause {
  const elsewhere =
    last.invocation !== null && functionName !== null && last.invocation.fn.name !== functionName;
  switch (last.outcome) {
    case "none":
      return last.letGo ? "throttled" : "unknown";
    case "timeout":
      return "function-timeout";
    case "error":
      if (last.fault === "sibling") return "partial-batch-replay";
      return last.fault === "handed-back" && elsewhere ? "several-consumers" : "function-error";
    case "success":
    case "pending":
      if (last.deleteMs >= last.deadlineMs || last.deleteMs === -1) return "deleted-too-late";
      return elsewhere ? "several-consumers" : "at-least-once";
  }
}
