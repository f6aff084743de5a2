// Redeliveries that no failure and no timeout explains.
import type { Scenario } from "./path-spec.ts";

export const throttled: Scenario = {
  name: "throttled",
  description: "Now and then the account has no concurrency left: receive counts grow, nothing is processed.",
  causes: ["throttled"],
  planExpected: false,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 60, maxReceiveCount: 10 },
    producers: [{ rate: { kind: "steady", perSecond: 0.12 }, body: "order" }],
    consumers: [
      {
        timeoutSeconds: 10,
        work: { medianMs: 500, starved: { everyMs: 40 * 60_000, lengthMs: 4 * 60_000 } },
        shape: "dotnet",
      },
    ],
  }),
};

export const severalConsumers: Scenario = {
  name: "several-consumers",
  description: "A second function on the queue works on messages, then hands them back as not its own.",
  causes: ["several-consumers"],
  planExpected: false,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 60 },
    producers: [{ rate: { kind: "steady", perSecond: 0.1 }, body: "order" }],
    consumers: [
      {
        timeoutSeconds: 10,
        work: { medianMs: 700 },
        shape: "node-json",
        reportBatchItemFailures: true,
      },
      {
        timeoutSeconds: 10,
        work: { medianMs: 300, handsBack: true },
        shape: "go-v",
        reportBatchItemFailures: true,
        // Slower to poll, so that it gets about one message in five.
        pollLatencyMs: [10, 90],
      },
    ],
  }),
};

export const producerDuplicate: Scenario = {
  name: "producer-duplicate",
  description: "The producer sends some business events twice, with a new message id each time.",
  causes: ["producer-duplicate"],
  planExpected: false,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 120 },
    producers: [
      {
        rate: { kind: "steady", perSecond: 0.12 },
        body: "event",
        resend: { share: 0.03, afterMs: [2_000, 90_000] },
      },
    ],
    consumers: [{ timeoutSeconds: 20, work: { medianMs: 800 }, shape: "powertools", logFormat: "JSON" }],
  }),
};

export const atLeastOnce: Scenario = {
  name: "at-least-once",
  description: "A few messages turn up again soon after they were handled and deleted in time.",
  causes: ["at-least-once"],
  planExpected: false,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 180 },
    producers: [{ rate: { kind: "steady", perSecond: 0.15 }, body: "order" }],
    consumers: [{ timeoutSeconds: 30, work: { medianMs: 900 }, shape: "rust", oddities: ["init-report"] }],
    reappearShare: 0.006,
  }),
};
