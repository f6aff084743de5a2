// What simple rules may look at, from the account's own metrics: neither noise nor delay is held against them.
import type { MetricId, SimulatedAccount } from "../../simulator/account.ts";
import type { RuleInput } from "./rules.ts";

const MINUTE_MS = 60_000;

export interface RuleQuestion {
  readonly account: SimulatedAccount;
  readonly queueArn: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly maxReceiveCount: number;
}

export function ruleInput({ account, queueArn, startMs, endMs, maxReceiveCount }: RuleQuestion): RuleInput {
  const queue = account.queues().find(({ arn }) => arn === queueArn);
  const functions = new Map(account.functions().map((fn) => [fn.arn, fn]));
  const consumers = account
    .mappings()
    .filter(({ eventSourceArn, state }) => eventSourceArn === queueArn && state === "Enabled")
    .flatMap((mapping) => {
      const fn = functions.get(mapping.functionArn.split(":").slice(0, 7).join(":"));
      return fn === undefined ? [] : [{ fn, batchingWindowSeconds: mapping.maximumBatchingWindowSeconds }];
    });
  const minutes = (id: MetricId, value: "sum" | "max"): number[] => {
    const values = new Array<number>(Math.round((endMs - startMs) / MINUTE_MS)).fill(0);
    for (const point of account.metricPoints(id, startMs, endMs)) {
      values[Math.round((point.minuteStartMs - startMs) / MINUTE_MS)] = point[value];
    }
    return values;
  };
  const ofQueue = (metricName: string, value: "sum" | "max"): number[] =>
    minutes({ namespace: "AWS/SQS", metricName, dimensions: { QueueName: queue?.name ?? "" } }, value);
  const invocations = consumers.map(({ fn }) =>
    minutes(
      { namespace: "AWS/Lambda", metricName: "Invocations", dimensions: { FunctionName: fn.name } },
      "sum",
    ),
  );
  const sentByMinute = ofQueue("NumberOfMessagesSent", "sum");
  return {
    visibilityTimeoutSeconds: Number(queue?.attributes()["VisibilityTimeout"] ?? 0),
    consumers: consumers.map(({ fn, batchingWindowSeconds }) => ({
      functionTimeoutSeconds: fn.timeoutSeconds,
      batchingWindowSeconds,
    })),
    sentByMinute,
    invocationsByMinute: sentByMinute.map((_, minute) =>
      invocations.reduce((sum, one) => sum + (one[minute] ?? 0), 0),
    ),
    oldestAgeSecondsByMinute: ofQueue("ApproximateAgeOfOldestMessage", "max"),
    maxReceiveCount,
  };
}
