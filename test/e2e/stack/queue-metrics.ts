// The queue's metrics, which the emulator does not have: what was sent, and one receive and deletion an invocation.
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import type { Workload } from "../workload.ts";

const MINUTE_MS = 60_000;

export interface Sent {
  readonly messages: number;
  /** When the sending began. */
  readonly startMs: number;
}

/**
 * Batches hold one message and no invocation fails, so that each invocation is a receive and ends with a deletion;
 * the emulator counts the invocations of its own poller among them.
 */
export async function publishQueueMetrics(
  cloudWatch: CloudWatchClient,
  { queueName, functionName }: Workload,
  { messages, startMs }: Sent,
): Promise<void> {
  const minuteMs = Math.floor(startMs / MINUTE_MS) * MINUTE_MS;
  const { MetricDataResults: [invocations] = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(minuteMs),
      EndTime: new Date(Date.now() + MINUTE_MS),
      MetricDataQueries: [
        {
          Id: "invocations",
          MetricStat: {
            Metric: {
              Namespace: "AWS/Lambda",
              MetricName: "Invocations",
              Dimensions: [{ Name: "FunctionName", Value: functionName }],
            },
            Period: 60,
            Stat: "Sum",
          },
        },
      ],
    }),
  );
  const point = (MetricName: string, Timestamp: Date, Value: number) => ({
    MetricName,
    Timestamp,
    Value,
    Dimensions: [{ Name: "QueueName", Value: queueName }],
  });
  const received = (invocations?.Timestamps ?? []).flatMap((timestamp, index) => {
    const value = invocations?.Values?.[index] ?? 0;
    return [
      point("NumberOfMessagesReceived", timestamp, value),
      point("NumberOfMessagesDeleted", timestamp, value),
    ];
  });
  await cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: "AWS/SQS",
      MetricData: [point("NumberOfMessagesSent", new Date(minuteMs), messages), ...received],
    }),
  );
}
