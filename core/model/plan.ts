// The exact change proposed for one queue, and a hash over everything it was derived from.
import * as z from "zod";

export const TargetPolicy = z.enum(["aws", "margin"]);
/** `aws` = 6 × function timeout + window · `margin` = ⌈1.3 × function timeout⌉ + window. */
export type TargetPolicy = z.infer<typeof TargetPolicy>;

const BeforeAfter = z.object({ before: z.number().nullable(), after: z.number().nullable() });

export const TradeOffs = z.object({
  /** Duplicates for a hundred messages: before as seen (else predicted), after as predicted from the durations. */
  duplicateSharePercent: BeforeAfter,
  /** How long a failed message waits before its retry. */
  retryDelaySeconds: BeforeAfter,
  /** maxReceiveCount × timeout; null without a dead-letter queue. */
  timeToDeadLetterSeconds: BeforeAfter,
  messageRetentionSeconds: z.number(),
  /** True when timeToDeadLetter would exceed retention: the message would expire before it gets there. */
  outlivesRetention: z.boolean(),
  /** Seconds a FIFO group waits after a failure; null for standard queues. */
  fifoGroupBlockedSeconds: BeforeAfter.nullable(),
});
export type TradeOffs = z.infer<typeof TradeOffs>;

/** Everything that the decision was derived from, and the change itself: what the hash is taken over. */
export const PlanInputs = z.object({
  queueArn: z.string(),
  /** Seconds. */
  from: z.number().int(),
  to: z.number().int(),
  policy: TargetPolicy,
  fifo: z.boolean(),
  redrive: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number().int() }).nullable(),
  messageRetentionSeconds: z.number().int(),
  /** Of the polling mappings, in order of their ids. */
  consumers: z.array(
    z.object({
      uuid: z.string(),
      state: z.string(),
      functionArn: z.string(),
      batchSize: z.number().int(),
      maximumBatchingWindowSeconds: z.number().int(),
      functionTimeoutSeconds: z.number().int().nullable(),
    }),
  ),
});
export type PlanInputs = z.infer<typeof PlanInputs>;

export const Plan = z.object({
  queueArn: z.string(),
  queueUrl: z.string(),
  /** Seconds. */
  from: z.number().int(),
  /** Seconds; > from, ≤ 43,200 and ≤ the configured cap. */
  to: z.number().int(),
  policy: TargetPolicy,
  tradeOffs: TradeOffs,
  /** Hex SHA-256 over the canonical JSON of all inputs and the change. */
  hash: z.string(),
});
export type Plan = z.infer<typeof Plan>;
