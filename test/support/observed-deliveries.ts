// Deliveries as the log reader would report them, and the path they happened on, for the tests of classification.
import type { LogObservations, ObservedInvocation } from "../../core/correlate/observations.ts";
import { type CorrelatePathInput, correlatePath } from "../../core/correlate/path-deliveries.ts";
import { NO_BASELINE } from "../../core/detect/ratio/find-ratio-anomaly.ts";
import type { Outcome, PathDeliveries } from "../../core/model/delivery.ts";
import type { DeliveryPath } from "../../core/model/delivery-path.ts";
import type { PathMeasurement, Window } from "../../core/model/measurement.ts";
import {
  FUNCTION_ARN,
  messageId,
  OTHER_FUNCTION_ARN,
  QUEUE_ARN,
  requestId,
  STREAM,
  T0,
} from "./log-lines.ts";

const MINUTE_MS = 60_000;
/** An hour before T0 and two after. */
const WINDOW = { startMs: T0 - 60 * MINUTE_MS, endMs: T0 + 120 * MINUTE_MS };

export interface Run {
  /** Messages by number, each with its receive count (null = not logged). */
  readonly messages: Readonly<Record<number, number | null>>;
  /** Seconds after T0; the end null = not logged. */
  readonly startS: number;
  readonly endS: number | null;
  /** @default "success" */
  readonly outcome?: Outcome;
  /** Which of the two consumers. @default the first */
  readonly second?: boolean;
  /** @default one of its own */
  readonly requestId?: string;
  /** @default true */
  readonly outcomeStated?: boolean;
  readonly blamed?: readonly number[];
}

export interface PathOptions {
  /** @default 30; null = settings unreadable */
  readonly visibilityTimeoutSeconds?: number | null;
  readonly batchingWindowSeconds?: number;
  readonly reportBatchItemFailures?: boolean;
  readonly maxReceiveCount?: number;
  /** The queue is the dead-letter queue of another. @default false */
  readonly deadLetterQueue?: boolean;
  readonly consumers?: 1 | 2;
  readonly functionKnown?: boolean;
}

export function pathOf(options: PathOptions = {}): DeliveryPath {
  const { visibilityTimeoutSeconds = 30, maxReceiveCount, consumers = 1, functionKnown = true } = options;
  const consumer = (arn: string) => ({
    mapping: {
      uuid: arn,
      state: "Enabled",
      queueArn: QUEUE_ARN,
      functionArn: `${arn}:live`,
      batchSize: 10,
      maximumBatchingWindowSeconds: options.batchingWindowSeconds ?? 0,
      filterCount: 0,
      reportBatchItemFailures: options.reportBatchItemFailures ?? false,
      eventCountMetrics: false,
    },
    ...(functionKnown && {
      function: {
        arn,
        name: "handle-order",
        timeoutSeconds: 60,
        logGroup: "/aws/lambda/handle-order",
        logFormat: "Text" as const,
      },
    }),
  });
  return {
    queueArn: QUEUE_ARN,
    queueName: "orders",
    foreign: false,
    consumers: [FUNCTION_ARN, OTHER_FUNCTION_ARN].slice(0, consumers).map(consumer),
    unreadable: [],
    ...(options.deadLetterQueue && { deadLetterQueueOf: [`${QUEUE_ARN}-source`] }),
    ...(visibilityTimeoutSeconds !== null && {
      settings: {
        url: "https://sqs.us-east-1.amazonaws.com/123456789012/orders",
        visibilityTimeoutSeconds,
        fifo: false,
        contentBasedDeduplication: false,
        delaySeconds: 0,
        messageRetentionSeconds: 345_600,
        tags: {},
        ...(maxReceiveCount !== undefined && {
          redrive: { deadLetterTargetArn: `${QUEUE_ARN}-dlq`, maxReceiveCount },
        }),
      },
    }),
  };
}

export function measurementOf(
  totals: {
    throttles?: number | null;
    errors?: number | null;
    deadLettersLeft?: number;
    deadLettersLeftDuring?: Window;
  } = {},
): PathMeasurement {
  const nothing = null;
  return {
    queueArn: QUEUE_ARN,
    window: WINDOW,
    depth: "full",
    totals: {
      sent: nothing,
      received: nothing,
      deleted: nothing,
      backlogChange: nothing,
      deadLettered: nothing,
      deadLettersLeft: totals.deadLettersLeft ?? nothing,
      ...(totals.deadLettersLeftDuring && { deadLettersLeftDuring: totals.deadLettersLeftDuring }),
      oldestMessageAgeSeconds: nothing,
      invocations: nothing,
      errors: totals.errors ?? nothing,
      throttles: totals.throttles ?? nothing,
      maxDurationMs: nothing,
      p99DurationMs: nothing,
      logBytes: nothing,
    },
    flow: null,
    ratio: NO_BASELINE,
    exposure: null,
    samples: [],
    suspicions: [],
    unreadable: [],
  };
}

export function observe(
  runs: readonly Run[],
  correlations: LogObservations["correlations"] = [],
): LogObservations[] {
  return [false, true].flatMap((second) => {
    const mine = runs.filter((run) => (run.second ?? false) === second);
    if (second && mine.length === 0) return [];
    const functionArn = second ? OTHER_FUNCTION_ARN : FUNCTION_ARN;
    const invocations = mine.map((run): ObservedInvocation => {
      const startedAtMs = T0 + run.startS * 1000;
      const endedAtMs = run.endS === null ? null : T0 + run.endS * 1000;
      return {
        requestId: run.requestId ?? requestId(runs.indexOf(run)),
        functionArn,
        startedAtMs,
        endedAtMs,
        outcome: run.outcome ?? (endedAtMs === null ? "unknown" : "success"),
        logStream: `${STREAM}${runs.indexOf(run)}`,
        messages: Object.entries(run.messages).map(([n, receiveCount]) => ({
          messageId: messageId(Number(n)),
          receiveCount,
        })),
        firstLineMs: startedAtMs,
        lastLineMs: endedAtMs ?? startedAtMs,
        outcomeStated: run.outcomeStated ?? true,
        platformSeen: true,
        blamed: (run.blamed ?? []).map(messageId),
      };
    });
    return [
      {
        functionArn,
        invocations,
        correlations: second ? [] : correlations,
        rows: 0,
        unattributed: 0,
      },
    ];
  });
}

/** A healthy delivery an hour and a half later, so that nothing else is at the edge of what was read. */
export const LAST: Run = { messages: { 999: 1 }, startS: 5400, endS: 5401 };

export function correlate(
  runs: readonly Run[],
  options: PathOptions & {
    readonly throttles?: number;
    readonly errors?: number;
    readonly deadLettersLeft?: number;
    readonly deadLettersLeftDuring?: Window;
    readonly correlations?: LogObservations["correlations"];
  } = {},
  over: Partial<CorrelatePathInput> = {},
): PathDeliveries {
  return correlatePath({
    path: pathOf(options),
    measurement: measurementOf(options),
    observations: observe([...runs, LAST], options.correlations),
    bytesScanned: 1234,
    truncated: false,
    unreadable: [],
    ...over,
  });
}

/** `cause redeliveries/duplicates` of each cause. */
export function causesOf(...args: Parameters<typeof correlate>): string[] {
  return correlate(...args).causes.map((c) => `${c.cause} ${c.redeliveries}/${c.duplicates}`);
}
