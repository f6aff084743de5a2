// Paths on which invocations or records fail: what comes back is a retry, except for the innocent siblings of
// a failed batch.
import type { Scenario } from "./path-spec.ts";

export const functionTimeout: Scenario = {
  name: "function-timeout",
  description: "Some invocations hang until Lambda ends them; their messages come back later.",
  causes: ["function-timeout"],
  planExpected: false,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 40 },
    producers: [{ rate: { kind: "steady", perSecond: 0.12 }, body: "order" }],
    consumers: [
      {
        timeoutSeconds: 6,
        batchSize: 1,
        work: { medianMs: 900, hangShare: 0.06 },
        shape: "node-inspect",
        oddities: ["no-status", "late-timeout", "undefined-request-id"],
      },
    ],
  }),
};

export const functionError: Scenario = {
  name: "function-error",
  description: "Some invocations fail with an exception and are retried.",
  causes: ["function-error"],
  planExpected: false,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 60, maxReceiveCount: 5 },
    producers: [{ rate: { kind: "bursty", perSecond: 0.12, size: 3 }, body: "order" }],
    consumers: [{ timeoutSeconds: 10, work: { medianMs: 700, errorShare: 0.08 }, shape: "python-logger" }],
  }),
};

export const partialBatchReplay: Scenario = {
  name: "partial-batch-replay",
  description: "One bad record fails its whole batch, and the good ones are handled again.",
  causes: ["partial-batch-replay"],
  planExpected: false,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 40, maxReceiveCount: 6 },
    producers: [
      { rate: { kind: "steady", perSecond: 0.4 }, body: "order", poison: { share: 0.015, times: 2 } },
    ],
    consumers: [
      {
        timeoutSeconds: 5,
        batchingWindowSeconds: 10,
        work: { medianMs: 600, perRecordMs: 40 },
        shape: "node-json",
        oddities: ["swallowed-tabs"],
      },
    ],
  }),
};

export const dlqRedrive: Scenario = {
  name: "dlq-redrive",
  description:
    "An outage filled the dead-letter queue, and somebody moved its messages back; their bodies tell which they are.",
  causes: ["dlq-redrive"],
  planExpected: false,
  build: (beforeEnd) => ({
    // One try a message, so that nothing but the redrive brings one back.
    queue: { visibilityTimeoutSeconds: 60, maxReceiveCount: 1 },
    producers: [{ rate: { kind: "steady", perSecond: 0.08 }, body: "event" }],
    consumers: [
      {
        timeoutSeconds: 10,
        work: { medianMs: 500, outage: { fromMs: beforeEnd(3), toMs: beforeEnd(2.6) } },
        shape: "ruby-3.4",
      },
    ],
    redriveAtMs: [beforeEnd(2)],
  }),
};

/** AWS gives each message a new id: from ids alone nobody can know that it was there before. */
export const dlqRedriveUnlinked: Scenario = {
  name: "dlq-redrive-unlinked",
  description:
    "Messages were moved back from the dead-letter queue, and nothing in the logs links old and new.",
  causes: ["dlq-redrive"],
  planExpected: false,
  build: (beforeEnd) => ({
    queue: { visibilityTimeoutSeconds: 60, maxReceiveCount: 3 },
    producers: [{ rate: { kind: "steady", perSecond: 0.08 }, body: "order" }],
    consumers: [
      {
        timeoutSeconds: 10,
        work: { medianMs: 500, outage: { fromMs: beforeEnd(4.8), toMs: beforeEnd(4.3) } },
        shape: "ruby-3.4",
      },
    ],
    redriveAtMs: [beforeEnd(2)],
  }),
};

export const asyncRetry: Scenario = {
  name: "async-retry",
  description: "The consumer also gets failing asynchronous events, which Lambda itself retries.",
  causes: ["async-retry"],
  planExpected: false,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 120 },
    producers: [{ rate: { kind: "steady", perSecond: 0.1 }, body: "order" }],
    consumers: [
      {
        timeoutSeconds: 15,
        work: { medianMs: 600 },
        shape: "ruby",
        triggers: [{ kind: "async", perSecond: 0.04, errorShare: 0.2 }],
      },
    ],
  }),
};
