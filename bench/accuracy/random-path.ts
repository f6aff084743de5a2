// Delivery paths that nobody tuned: every setting is drawn, causes come together as they happen to.
import { hash32, Random } from "../../simulator/engine/random.ts";
import type { LogLosses, LogShape, Oddity } from "../../simulator/logs/style.ts";
import type { BeforeEnd, ConsumerSpec, PathSpec, Scenario } from "../../simulator/scenarios/path-spec.ts";

const COUNTING: readonly LogShape[] = [
  "node-json",
  "python-print",
  "python-logger",
  "powertools",
  "ruby",
  "ruby-3.4",
  "java",
  "go-plus-v",
  "dotnet",
  "rust",
];
const NAMING: readonly LogShape[] = ["node-inspect", "node-two-arguments", "go-v"];
/** Of these, Lambda's JSON log format is worth trying. */
const JSON_ABLE: readonly LogShape[] = ["node-json", "node-two-arguments", "powertools", "java", "dotnet"];
const ODDITIES: readonly Oddity[] = [
  "no-status",
  "x-ray",
  "swallowed-tabs",
  "init-report",
  "late-timeout",
  "undefined-request-id",
  "late-event",
  "double-report",
];

/** No burst goes beyond this. */
const MAX_PER_SECOND = 50;

type Producer = PathSpec["producers"][number];
type Work = ConsumerSpec["work"];

/** Draws with the ranges spelled out where they are used. */
class Draw {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random.chance(probability);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.#random.next();
  }

  /** Each factor of the range is as likely as any other. */
  magnitude(low: number, high: number): number {
    return low * (high / low) ** this.#random.next();
  }

  whole(low: number, high: number): number {
    return this.#random.integer(low, high);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.#random.integer(0, items.length - 1)];
    if (item === undefined) throw new RangeError("expected something to pick from, got an empty list");
    return item;
  }
}

/** What a part is, with a probability; otherwise it is left out. */
const sometimes = <T extends object>(happens: boolean, part: () => T): T | Record<never, never> =>
  happens ? part() : {};

interface Frame {
  readonly draw: Draw;
  readonly beforeEnd: BeforeEnd;
  readonly fifo: boolean;
  readonly perSecond: number;
  readonly visibilityTimeoutSeconds: number;
  readonly functionTimeoutSeconds: number;
  /** What all consumers of the path log. */
  readonly shapes: readonly LogShape[];
}

/** Durations below and, on some paths, beyond the visibility timeout; failures of every kind now and then. */
function drawWork({ draw, beforeEnd, visibilityTimeoutSeconds, functionTimeoutSeconds }: Frame): Work {
  const timeoutMs = functionTimeoutSeconds * 1000;
  const visibilityMs = visibilityTimeoutSeconds * 1000;
  return {
    medianMs: Math.round(Math.min(draw.magnitude(30, 20_000), timeoutMs / 3)),
    sigma: draw.between(0.1, 0.8),
    ...sometimes(draw.chance(0.4), () => ({ perRecordMs: draw.whole(1, 250) })),
    ...sometimes(draw.chance(0.4), () => ({
      slow: {
        share: draw.magnitude(0.003, 0.4),
        minMs: Math.round(visibilityMs * draw.between(0.2, 1.1)),
        maxMs: Math.round(visibilityMs * draw.between(1.1, 2.5)),
        sinceMs: draw.chance(0.6) ? 0 : beforeEnd(draw.between(0.5, 2)),
      },
    })),
    ...sometimes(draw.chance(0.25), () => ({ errorShare: draw.magnitude(0.002, 0.2) })),
    ...sometimes(draw.chance(0.1), () => ({ hangShare: draw.magnitude(0.002, 0.05) })),
    ...sometimes(draw.chance(0.07), () => {
      const fromHours = draw.between(0.6, 1.2);
      return {
        outage: { fromMs: beforeEnd(fromHours), toMs: beforeEnd(fromHours - draw.between(0.05, 0.4)) },
      };
    }),
    ...sometimes(draw.chance(0.1), () => {
      const everyMs = draw.whole(900, 3600) * 1000;
      return { starved: { everyMs, lengthMs: Math.round(everyMs * draw.between(0.03, 0.25)) } };
    }),
  };
}

function drawLosses(draw: Draw): LogLosses {
  return {
    ...sometimes(draw.chance(0.1), () => ({ eventShare: draw.between(0.2, 0.9) })),
    ...sometimes(draw.chance(0.1), () => ({ maxTextLength: draw.whole(300, 4000) })),
    ...sometimes(draw.chance(0.15), () => ({ lostReportShare: draw.magnitude(0.005, 0.1) })),
    ...sometimes(draw.chance(0.5), () => ({ clockSkewMs: draw.whole(1, 45) })),
    ...sometimes(draw.chance(0.4), () => ({ failuresUnnamed: true })),
  };
}

function drawConsumer(frame: Frame): ConsumerSpec {
  const { draw, fifo, functionTimeoutSeconds, visibilityTimeoutSeconds, shapes } = frame;
  const shape = draw.pick(shapes);
  const json = JSON_ABLE.includes(shape) && draw.chance(0.4);
  return {
    timeoutSeconds: functionTimeoutSeconds,
    work: drawWork(frame),
    shape,
    oddities: ODDITIES.filter(() => draw.chance(0.1)),
    losses: drawLosses(draw),
    ...sometimes(json, () => ({
      logFormat: "JSON" as const,
      systemLogLevel: draw.chance(0.2) ? ("WARN" as const) : ("INFO" as const),
    })),
    batchSize: fifo || draw.chance(0.8) ? draw.whole(1, 10) : draw.whole(11, 100),
    // What Lambda does with a batch that waits for longer than the visibility timeout is not documented.
    batchingWindowSeconds:
      fifo || draw.chance(0.6) ? 0 : draw.whole(1, Math.floor(Math.min(30, visibilityTimeoutSeconds / 2))),
    reportBatchItemFailures: draw.chance(0.3),
    eventCountMetrics: draw.chance(0.2),
    ...sometimes(draw.chance(0.2), () => ({ maximumConcurrency: draw.whole(2, 30) })),
    ...sometimes(draw.chance(0.12), () => ({ reservedConcurrency: draw.whole(1, 20) })),
    ...sometimes(draw.chance(0.12), () => ({
      filterPatterns: ['{"body":{"currency":["EUR"]}}'],
    })),
    ...sometimes(draw.chance(0.2), () => ({
      triggers: [
        {
          kind: draw.pick(["sync", "async"] as const),
          perSecond: frame.perSecond * draw.between(0.05, 1),
          errorShare: draw.chance(0.5) ? draw.between(0, 0.3) : 0,
        },
      ],
    })),
  };
}

/** Traffic of every form; a burst may leave a backlog at the begin of the window or at its end. */
function drawRate({ draw, beforeEnd, perSecond }: Frame): Producer["rate"] {
  switch (draw.pick(["steady", "steady", "bursty", "daily", "early", "late"] as const)) {
    case "steady":
      return { kind: "steady", perSecond };
    case "bursty":
      return { kind: "bursty", perSecond, size: draw.whole(2, 40) };
    case "daily":
      return { kind: "daily", perSecond, peakHour: draw.whole(0, 23) };
    case "early":
      return burst(perSecond, beforeEnd(draw.between(2, 3.6)), beforeEnd(draw.between(1.2, 2)), draw);
    case "late":
      return burst(perSecond, beforeEnd(draw.between(0.5, 1)), beforeEnd(draw.between(0, 0.4)), draw);
  }
}

const burst = (perSecond: number, fromMs: number, toMs: number, draw: Draw): Producer["rate"] => ({
  kind: "phased",
  perSecond,
  phases: [{ fromMs, toMs, perSecond: Math.min(MAX_PER_SECOND, perSecond * draw.between(3, 12)) }],
});

function drawProducer(frame: Frame): Producer {
  const { draw } = frame;
  return {
    rate: drawRate(frame),
    body: draw.pick(["order", "event", "sns"]),
    ...sometimes(draw.chance(0.12), () => ({
      resend: { share: draw.magnitude(0.003, 0.1), afterMs: [500, draw.whole(2_000, 600_000)] as const },
    })),
    ...sometimes(draw.chance(0.2), () => ({
      poison: { share: draw.magnitude(0.002, 0.05), times: draw.pick([1, 1, 2, 5, 1000]) },
    })),
    ...sometimes(draw.chance(0.1), () => ({ filteredShare: draw.between(0.02, 0.4) })),
  };
}

/** A second function on the queue, which hands back what is not its own on some paths. */
function drawConsumers(frame: Frame): readonly ConsumerSpec[] {
  const { draw, fifo } = frame;
  const first = drawConsumer(frame);
  if (fifo || !draw.chance(0.12)) return [first];
  const second = drawConsumer(frame);
  return draw.chance(0.5)
    ? [first, second]
    : [
        first,
        { ...second, batchSize: 1, reportBatchItemFailures: true, work: { ...second.work, handsBack: true } },
      ];
}

/** @param perSecond lowest and highest rate; FIFO queues get a tenth of it. */
function drawPath(
  random: Random,
  beforeEnd: BeforeEnd,
  perSecond: readonly [low: number, high: number],
): PathSpec {
  const draw = new Draw(random);
  const fifo = draw.chance(0.15);
  const visibilityTimeoutSeconds = Math.round(draw.magnitude(10, 600));
  const functionTimeoutSeconds = Math.min(
    900,
    Math.max(3, Math.round(visibilityTimeoutSeconds * draw.magnitude(0.1, 3))),
  );
  const frame: Frame = {
    draw,
    beforeEnd,
    fifo,
    perSecond: draw.magnitude(...perSecond) / (fifo ? 10 : 1),
    visibilityTimeoutSeconds,
    functionTimeoutSeconds,
    shapes: draw.pick([COUNTING, COUNTING, COUNTING, NAMING, NAMING, ["none"]]),
  };
  return {
    queue: {
      visibilityTimeoutSeconds,
      fifo,
      ...sometimes(draw.chance(0.6), () => ({ maxReceiveCount: draw.pick([1, 2, 3, 3, 5, 5, 10]) })),
      ...sometimes(!fifo && draw.chance(0.1), () => ({ delaySeconds: draw.whole(1, 300) })),
    },
    producers: [drawProducer(frame)],
    consumers: drawConsumers(frame),
    ...sometimes(draw.chance(0.08), () => ({ reappearShare: draw.magnitude(0.0005, 0.01) })),
    ...sometimes(draw.chance(0.1), () => ({ redriveAtMs: [beforeEnd(draw.between(0.5, 2))] })),
  };
}

/** As the simulator wants it. What is right to say of it is read from the ground truth, never from here. */
export const randomScenario = (random: Random, perSecond: readonly [low: number, high: number]): Scenario => {
  const seed = random.integer(0, 2 ** 31 - 1);
  return {
    name: `random ${seed}`,
    description: "A path with every setting drawn at random.",
    causes: [],
    planExpected: false,
    // A second account of the same seed has the same path, whatever else is asked of the random numbers.
    build: (beforeEnd) => drawPath(new Random(hash32(seed, 0)), beforeEnd, perSecond),
  };
};
