// Delivery paths, series and measurements for tests of the core: an ordinary healthy one, changed where it matters.
import { measurePath } from "../../core/detect/measure-path.ts";
import { metricRequests } from "../../core/detect/metric-requests.ts";
import type { PathDeliveries } from "../../core/model/delivery.ts";
import type {
  Consumer,
  ConsumerFunction,
  DeliveryPath,
  EventSourceMapping,
  QueueSettings,
} from "../../core/model/delivery-path.ts";
import type { PathMeasurement, Window } from "../../core/model/measurement.ts";
import type { MetricRequest, MetricSeries } from "../../core/ports.ts";

export const QUEUE_ARN = "arn:aws:sqs:eu-west-1:111122223333:orders-queue";
export const DLQ_ARN = "arn:aws:sqs:eu-west-1:111122223333:orders-dead";
export const FUNCTION_ARN = "arn:aws:lambda:eu-west-1:111122223333:function:charge-orders";

const MINUTE_MS = 60_000;
export const WINDOW: Window = {
  startMs: Date.UTC(2026, 10, 23, 12, 0),
  endMs: Date.UTC(2026, 10, 23, 15, 0),
};
export const WINDOW_MINUTES = (WINDOW.endMs - WINDOW.startMs) / MINUTE_MS;

export const settingsOf = (over: Partial<QueueSettings> = {}): QueueSettings => ({
  url: "https://sqs.eu-west-1.amazonaws.com/111122223333/orders-queue",
  visibilityTimeoutSeconds: 180,
  fifo: false,
  contentBasedDeduplication: false,
  delaySeconds: 0,
  messageRetentionSeconds: 345_600,
  redrive: { deadLetterTargetArn: DLQ_ARN, maxReceiveCount: 5 },
  tags: {},
  ...over,
});

export const consumerOf = (
  mapping: Partial<EventSourceMapping> = {},
  fn: Partial<ConsumerFunction> | null = {},
): Consumer => ({
  mapping: {
    uuid: "11111111-aaaa-4aaa-8aaa-000000000001",
    state: "Enabled",
    queueArn: QUEUE_ARN,
    functionArn: FUNCTION_ARN,
    batchSize: 10,
    maximumBatchingWindowSeconds: 0,
    filterCount: 0,
    reportBatchItemFailures: false,
    eventCountMetrics: false,
    ...mapping,
  },
  ...(fn === null
    ? {}
    : {
        function: {
          arn: FUNCTION_ARN,
          name: "charge-orders",
          timeoutSeconds: 30,
          logGroup: "/aws/lambda/charge-orders",
          logFormat: "Text",
          ...fn,
        } as ConsumerFunction,
      }),
});

export const pathOf = (
  over: Partial<Omit<DeliveryPath, "settings">> & { settings?: Partial<QueueSettings> | null } = {},
): DeliveryPath => {
  const { settings, ...rest } = over;
  return {
    queueArn: QUEUE_ARN,
    queueName: "orders-queue",
    foreign: false,
    consumers: [consumerOf()],
    unreadable: [],
    ...rest,
    ...(settings === null ? {} : { settings: settingsOf(settings) }),
  };
};

type Shape = number | readonly (number | null)[] | MetricSeries["status"];

/** Figures by metric (a request's id without its ARNs); a number is spread evenly over the points. */
export type Figures = Readonly<Record<string, Shape>>;

const LEVELS = new Set(["visible", "in-flight", "delayed", "oldest-age", "dlq-visible", "dlq-in-flight"]);
const EXTREMES = new Set(["max-duration", "p99-duration"]);

function toSeries(
  metric: string,
  shape: Shape | undefined,
  points: number,
  periodSeconds: number,
): MetricSeries {
  if (typeof shape === "string") return { values: [], periodSeconds, status: shape };
  const level = LEVELS.has(metric) || EXTREMES.has(metric);
  const values =
    shape === undefined
      ? new Array<null>(points).fill(null)
      : typeof shape === "number"
        ? new Array<number>(points).fill(level ? shape : shape / points)
        : shape;
  return { values, periodSeconds, status: "complete" };
}

/** Series for everything a path asks for but its history; what is not named has no points. */
export function seriesOf(path: DeliveryPath, figures: Figures): Map<string, MetricSeries> {
  const { window, whole } = metricRequests(path);
  const metricOf = ({ id }: MetricRequest) => id.slice(id.lastIndexOf("|") + 1);
  return new Map([
    ...window.map((r) => [r.id, toSeries(metricOf(r), figures[metricOf(r)], WINDOW_MINUTES, 60)] as const),
    ...whole.map((r) => [r.id, toSeries(metricOf(r), figures[metricOf(r)], 1, 10_800)] as const),
  ]);
}

/** Ordinary traffic: a thousand messages in three hours, each received and deleted once. */
export const HEALTHY: Figures = {
  sent: 1000,
  received: 1000,
  deleted: 1000,
  visible: 0,
  "in-flight": 0,
  delayed: 0,
  "dlq-visible": 0,
  "dlq-in-flight": 0,
  invocations: 1000,
  errors: 0,
  throttles: 0,
  "max-duration": 9000,
  "p99-duration": 8000,
  "log-bytes": 5_000_000,
};

export function measurementOf(path: DeliveryPath, figures: Figures = {}): PathMeasurement {
  return measurePath({ path, window: WINDOW, series: seriesOf(path, { ...HEALTHY, ...figures }) });
}

export const deliveriesOf = (
  coverage: Partial<PathDeliveries["coverage"]> = {},
  over: Partial<PathDeliveries> = {},
): PathDeliveries => ({
  queueArn: QUEUE_ARN,
  causes: [],
  examples: [],
  unreadable: [],
  ...over,
  coverage: {
    logged: "ids",
    invocations: 1000,
    messages: 1000,
    deliveries: 1000,
    maxReceiveCount: null,
    bytesScanned: 5_000_000,
    truncated: false,
    ...coverage,
  },
});
