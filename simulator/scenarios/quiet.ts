// Paths on which nothing is wrong, however odd some of their numbers look.
import type { PathSpec, Scenario } from "./path-spec.ts";

function quiet(name: string, description: string, build: Scenario["build"]): Scenario {
  return { name, description, causes: [], planExpected: false, build };
}

const healthy = quiet("healthy", "Recommended settings, steady traffic.", () => ({
  queue: { visibilityTimeoutSeconds: 180, maxReceiveCount: 5 },
  producers: [{ rate: { kind: "steady", perSecond: 0.2 }, body: "order" }],
  consumers: [{ timeoutSeconds: 30, work: { medianMs: 900 }, shape: "go-v", oddities: ["no-status"] }],
}));

const otherTriggers = quiet(
  "other-triggers",
  "The function is called directly as well: about 1.4 invocations a message, all of them right.",
  () => ({
    queue: { visibilityTimeoutSeconds: 120 },
    producers: [{ rate: { kind: "steady", perSecond: 0.1 }, body: "order" }],
    consumers: [
      {
        timeoutSeconds: 20,
        work: { medianMs: 500 },
        shape: "node-two-arguments",
        oddities: ["late-event"],
        triggers: [{ kind: "sync", perSecond: 0.04 }],
      },
    ],
  }),
);

const smallBatches = quiet(
  "small-batches",
  "Batches shrink when traffic does, and a filter drops some messages, so the invocation ratio moves by itself.",
  () => ({
    queue: { visibilityTimeoutSeconds: 70 },
    producers: [
      { rate: { kind: "daily", perSecond: 0.25, peakHour: 11 }, body: "order", filteredShare: 0.15 },
    ],
    consumers: [
      {
        timeoutSeconds: 10,
        batchingWindowSeconds: 5,
        maximumConcurrency: 5,
        reservedConcurrency: 10,
        filterPatterns: ['{"body":{"currency":["EUR"]}}'],
        eventCountMetrics: true,
        work: { medianMs: 300, perRecordMs: 30 },
        shape: "java",
      },
    ],
  }),
);

/** 0.8 messages a second for four hours, of which 0.5 are handled: the rest is worked off until the end. */
const drainingBacklog = quiet(
  "draining-backlog",
  "A backlog from earlier drains: more is received than sent, and nothing twice.",
  (beforeEnd) => ({
    queue: { visibilityTimeoutSeconds: 60 },
    producers: [
      {
        rate: {
          kind: "phased",
          perSecond: 0.05,
          phases: [{ fromMs: beforeEnd(8), toMs: beforeEnd(3.5), perSecond: 0.8 }],
        },
        body: "order",
      },
    ],
    consumers: [
      {
        timeoutSeconds: 10,
        batchSize: 1,
        maximumConcurrency: 2,
        work: { medianMs: 4_000, sigma: 0.15 },
        shape: "python-logger",
      },
    ],
  }),
);

const idleBadSettings = quiet(
  "idle-bad-settings",
  "Settings that would make duplicates, on a queue that nobody sends to.",
  () => ({
    queue: { visibilityTimeoutSeconds: 30 },
    producers: [],
    consumers: [{ timeoutSeconds: 300, work: { medianMs: 1_000 }, shape: "node-json" }],
  }),
);

const disabledMapping = quiet(
  "disabled-mapping",
  "Settings that would make duplicates, on a mapping that is switched off.",
  () => ({
    queue: { visibilityTimeoutSeconds: 30 },
    producers: [{ rate: { kind: "steady", perSecond: 0.01 }, body: "order" }],
    consumers: [{ timeoutSeconds: 120, enabled: false, work: { medianMs: 1_000 }, shape: "python-print" }],
  }),
);

const healthyFifo = quiet(
  "healthy-fifo",
  "A FIFO queue that drops the producer's repetitions at the door, as it should.",
  () => ({
    queue: { visibilityTimeoutSeconds: 120, fifo: true },
    producers: [
      {
        rate: { kind: "bursty", perSecond: 0.15, size: 4 },
        body: "event",
        resend: { share: 0.02, afterMs: [1_000, 60_000] },
      },
    ],
    consumers: [{ timeoutSeconds: 20, work: { medianMs: 700 }, shape: "powertools" }],
  }),
);

const foreignQueue = quiet("foreign-queue", "A mapping that consumes a queue of another account.", () => ({
  queue: { visibilityTimeoutSeconds: 120, foreign: true },
  producers: [{ rate: { kind: "steady", perSecond: 0.05 }, body: "order" }],
  consumers: [{ timeoutSeconds: 20, work: { medianMs: 600 }, shape: "node-json" }],
}));

const threeConsumers = quiet(
  "three-consumers",
  "Three functions share one queue, each deletes what it handles.",
  () => {
    const consumer = { timeoutSeconds: 20, work: { medianMs: 800 } } as const;
    const spec: PathSpec = {
      queue: { visibilityTimeoutSeconds: 120 },
      producers: [{ rate: { kind: "bursty", perSecond: 0.15, size: 6 }, body: "order" }],
      consumers: [
        { ...consumer, shape: "rust", batchSize: 2 },
        { ...consumer, shape: "dotnet", batchSize: 2 },
        { ...consumer, shape: "node-inspect", batchSize: 2 },
      ],
    };
    return spec;
  },
);

/** The source gives a message one try, so it shows no redelivery; the copy in the dead-letter queue counts on from it. */
const consumedDlq = quiet(
  "consumed-dlq",
  "A function of its own works off the dead-letter queue, whose messages arrive with receive counts above 1.",
  () => ({
    queue: { visibilityTimeoutSeconds: 180, maxReceiveCount: 1 },
    producers: [
      { rate: { kind: "steady", perSecond: 0.2 }, body: "order", poison: { share: 0.05, times: 1 } },
    ],
    consumers: [
      { timeoutSeconds: 30, work: { medianMs: 700 }, shape: "node-json", reportBatchItemFailures: true },
    ],
    deadLetterConsumers: [{ timeoutSeconds: 30, work: { medianMs: 900 }, shape: "python-logger" }],
  }),
);

export const quietScenarios: readonly Scenario[] = [
  healthy,
  otherTriggers,
  smallBatches,
  drainingBacklog,
  idleBadSettings,
  disabledMapping,
  healthyFifo,
  foreignQueue,
  threeConsumers,
  consumedDlq,
];
