// Which metrics one delivery path needs, and under which ids its series are found again.
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { MetricRequest } from "../ports.ts";
import { activeConsumers, activeFunctions } from "./consumers.ts";

/** Three groups because MetricsPort reads one period a call. All ids are unique over groups and paths. */
export interface PathMetricRequests {
  /** One point a minute over the window. */
  readonly window: readonly MetricRequest[];
  /**
   * One point for the whole window: percentiles of single minutes cannot be combined exactly. CloudWatch counts
   * periods from the start of the request, on whatever minute that lies.
   * @see https://github.com/boto/boto3/issues/3457 (a CloudWatch developer's answer)
   */
  readonly whole: readonly MetricRequest[];
  /** One point an hour over whichever hours before the window the ledger does not know. */
  readonly history: readonly MetricRequest[];
}

/** What is read of a queue (per minute), by the short name used in ids. Levels are averaged, counts summed. */
const QUEUE_METRICS = [
  ["sent", "NumberOfMessagesSent", "Sum"],
  ["received", "NumberOfMessagesReceived", "Sum"],
  ["deleted", "NumberOfMessagesDeleted", "Sum"],
  ["visible", "ApproximateNumberOfMessagesVisible", "Average"],
  ["in-flight", "ApproximateNumberOfMessagesNotVisible", "Average"],
  ["delayed", "ApproximateNumberOfMessagesDelayed", "Average"],
  ["oldest-age", "ApproximateAgeOfOldestMessage", "Maximum"],
] as const;

/** What is read of the dead-letter queue: redriven messages are not in its `NumberOfMessagesSent`. */
const DEAD_LETTER_METRICS = [
  ["dlq-visible", "ApproximateNumberOfMessagesVisible", "Average"],
  ["dlq-in-flight", "ApproximateNumberOfMessagesNotVisible", "Average"],
] as const;

const FUNCTION_METRICS = [
  ["invocations", "Invocations", "Sum"],
  ["errors", "Errors", "Sum"],
  ["throttles", "Throttles", "Sum"],
  ["max-duration", "Duration", "Maximum"],
] as const;

export type QueueMetric = (typeof QUEUE_METRICS)[number][0];
type DeadLetterMetric = (typeof DEAD_LETTER_METRICS)[number][0];
type FunctionMetric = (typeof FUNCTION_METRICS)[number][0];

/** Id of a series of the queue itself or of its dead-letter queue. */
export const queueSeriesId = (queueArn: string, metric: QueueMetric | DeadLetterMetric): string =>
  `${queueArn}|${metric}`;

/** Id of a series of one consumer function; functions shared by queues are read once a path. */
export const functionSeriesId = (
  queueArn: string,
  functionArn: string,
  metric: FunctionMetric | "p99-duration",
): string => `${queueArn}|${functionArn}|${metric}`;

/** Id of the bytes written to one log group. */
export const logGroupSeriesId = (queueArn: string, logGroup: string): string =>
  `${queueArn}|${logGroup}|log-bytes`;

/** Id of the messages sent to the queue an hour. */
export const hourlyQueueSeriesId = (queueArn: string): string => `${queueArn}|hourly|sent`;

/** Id of the invocations of one consumer function an hour. */
export const hourlyFunctionSeriesId = (queueArn: string, functionArn: string): string =>
  `${queueArn}|${functionArn}|hourly|invocations`;

/**
 * What Measure reads for one path. Nothing for a queue of another account, for one whose settings could not
 * be read, and for one that no mapping polls: there is nothing to conclude from their numbers.
 */
export function metricRequests(path: DeliveryPath): PathMetricRequests {
  if (path.foreign || path.settings === undefined || activeConsumers(path).length === 0) {
    return { window: [], whole: [], history: [] };
  }
  const arn = path.queueArn;
  const functions = activeFunctions(path);
  const logGroups = [...new Set(functions.map((one) => one.logGroup))];
  const ofQueue = { namespace: "AWS/SQS", dimensions: { QueueName: path.queueName } } as const;
  const ofFunction = (name: string) =>
    ({ namespace: "AWS/Lambda", dimensions: { FunctionName: name } }) as const;
  const deadLetterArn = path.settings.redrive?.deadLetterTargetArn;

  return {
    window: [
      ...QUEUE_METRICS.map(([short, metricName, stat]) => ({
        id: queueSeriesId(arn, short),
        ...ofQueue,
        metricName,
        stat,
      })),
      ...(deadLetterArn === undefined ? [] : deadLetterRequests(arn, deadLetterArn)),
      ...functions.flatMap((one) =>
        FUNCTION_METRICS.map(([short, metricName, stat]) => ({
          id: functionSeriesId(arn, one.arn, short),
          ...ofFunction(one.name),
          metricName,
          stat,
        })),
      ),
      ...logGroups.map((logGroup) => ({
        id: logGroupSeriesId(arn, logGroup),
        namespace: "AWS/Logs" as const,
        dimensions: { LogGroupName: logGroup },
        metricName: "IncomingBytes",
        stat: "Sum" as const,
      })),
    ],
    whole: functions.map((one) => ({
      id: functionSeriesId(arn, one.arn, "p99-duration"),
      ...ofFunction(one.name),
      metricName: "Duration",
      stat: "p99" as const,
    })),
    history: [
      {
        id: hourlyQueueSeriesId(arn),
        ...ofQueue,
        metricName: "NumberOfMessagesSent",
        stat: "Sum" as const,
      },
      ...functions.map((one) => ({
        id: hourlyFunctionSeriesId(arn, one.arn),
        ...ofFunction(one.name),
        metricName: "Invocations",
        stat: "Sum" as const,
      })),
    ],
  };
}

const deadLetterRequests = (queueArn: string, deadLetterArn: string): MetricRequest[] =>
  DEAD_LETTER_METRICS.map(([short, metricName, stat]) => ({
    id: queueSeriesId(queueArn, short),
    namespace: "AWS/SQS",
    dimensions: { QueueName: deadLetterArn.slice(deadLetterArn.lastIndexOf(":") + 1) },
    metricName,
    stat,
  }));
