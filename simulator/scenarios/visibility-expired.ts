// The failure this project is about, in the shapes in which consumers log it: a tenth of the invocations has
// become slower than the visibility timeout, so SQS hands their messages out again while they still run.
import type { BeforeEnd, ConsumerSpec, PathSpec, Scenario } from "./path-spec.ts";

interface Variation {
  readonly name: string;
  readonly description: string;
  readonly consumer: Pick<ConsumerSpec, "shape"> & Partial<ConsumerSpec>;
  readonly fifo?: boolean;
  readonly body?: "order" | "event" | "sns";
  readonly perSecond?: number;
  /** Hours before the end at which it became slow. @default 5 */
  readonly slowSinceHours?: number;
}

function build(variation: Variation, beforeEnd: BeforeEnd): PathSpec {
  return {
    queue: { visibilityTimeoutSeconds: 30, fifo: variation.fifo ?? false },
    producers: [
      {
        rate: { kind: "steady", perSecond: variation.perSecond ?? 0.12 },
        body: variation.body ?? "order",
      },
    ],
    consumers: [
      {
        timeoutSeconds: 60,
        work: {
          medianMs: 1_800,
          slow: {
            share: 0.12,
            minMs: 33_000,
            maxMs: 50_000,
            sinceMs: beforeEnd(variation.slowSinceHours ?? 5),
          },
        },
        ...variation.consumer,
      },
    ],
  };
}

const VARIATIONS: readonly Variation[] = [
  {
    name: "visibility-expired",
    description: "The visibility timeout ends before the function does; Node.js logs the event as JSON.",
    consumer: { shape: "node-json", oddities: ["double-report"] },
  },
  {
    name: "visibility-expired-unlogged",
    description: "The same with a consumer that logs no message ids: only the numbers show it.",
    consumer: { shape: "none" },
    perSecond: 0.2,
  },
  {
    name: "visibility-expired-python",
    description: "The same with Python's print(event), which carries no request id.",
    consumer: { shape: "python-print" },
  },
  {
    name: "visibility-expired-java",
    description: "The same with Java's toString, which has no quotes, and X-Ray fields in REPORT.",
    consumer: { shape: "java", oddities: ["x-ray"] },
  },
  {
    name: "visibility-expired-go",
    description: "The same with Go's %+v.",
    consumer: { shape: "go-plus-v" },
  },
  {
    name: "visibility-expired-json",
    description: "The same in JSON log format, with SNS envelopes as bodies.",
    consumer: { shape: "node-two-arguments", logFormat: "JSON" },
    body: "sns",
    slowSinceHours: 24,
  },
  {
    name: "visibility-expired-warn",
    description: "The same with SystemLogLevel WARN, which drops the START and REPORT events.",
    consumer: { shape: "node-json", logFormat: "JSON", systemLogLevel: "WARN" },
    body: "sns",
    perSecond: 0.2,
  },
  {
    name: "visibility-expired-fifo",
    description: "The same on a FIFO queue, where the late delete fails as well.",
    consumer: { shape: "powertools" },
    fifo: true,
  },
];

export const visibilityExpired: readonly Scenario[] = VARIATIONS.map((variation) => ({
  name: variation.name,
  description: variation.description,
  causes: ["visibility-expired"],
  planExpected: true,
  build: (beforeEnd) => build(variation, beforeEnd),
}));
