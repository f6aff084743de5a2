// A delivery path: one queue with every event source mapping that consumes it.
import * as z from "zod";

/** What could not be read, and why; nothing that depends on it is ever remediated. */
export const Unreadable = z.object({ resource: z.string(), reason: z.string() });
export type Unreadable = z.infer<typeof Unreadable>;

/** The CloudFormation stack that owns a resource, from its `aws:cloudformation:*` tags. */
export const OwnerStack = z.object({ stackName: z.string(), logicalId: z.string().optional() });
export type OwnerStack = z.infer<typeof OwnerStack>;

export const QueueSettings = z.object({
  /** URL to call; absent for a queue of another account. */
  url: z.string(),
  visibilityTimeoutSeconds: z.number().int(),
  fifo: z.boolean(),
  contentBasedDeduplication: z.boolean(),
  delaySeconds: z.number().int(),
  messageRetentionSeconds: z.number().int(),
  /** From RedrivePolicy; absent when the queue has none. */
  redrive: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number().int() }).optional(),
  tags: z.record(z.string(), z.string()),
  owner: OwnerStack.optional(),
  /** Side details that could not be read (tags); absent = all were. */
  unreadable: z.array(Unreadable).optional(),
});
export type QueueSettings = z.infer<typeof QueueSettings>;

export const EventSourceMapping = z.object({
  uuid: z.string(),
  /** AWS's own word: Enabled, Disabled, Creating, Updating … Only "Enabled" and "Updating" poll. */
  state: z.string(),
  queueArn: z.string(),
  /** As configured: may end in an alias or a version. */
  functionArn: z.string(),
  batchSize: z.number().int(),
  maximumBatchingWindowSeconds: z.number().int(),
  maximumConcurrency: z.number().int().optional(),
  /** Number of filter patterns; a filtered message is deleted with no invocation. */
  filterCount: z.number().int(),
  reportBatchItemFailures: z.boolean(),
  /** True when the opt-in event source mapping metrics (EventCount) are on. */
  eventCountMetrics: z.boolean(),
});
export type EventSourceMapping = z.infer<typeof EventSourceMapping>;

export const ConsumerFunction = z.object({
  /** Unqualified ARN: what metrics and logs belong to. */
  arn: z.string(),
  name: z.string(),
  /** Alias or version that the mapping names; absent for $LATEST. */
  qualifier: z.string().optional(),
  timeoutSeconds: z.number().int(),
  /** E.g. nodejs24.x; absent for container images. */
  runtime: z.string().optional(),
  /** LoggingConfig.LogGroup, never assumed from the name. */
  logGroup: z.string(),
  logFormat: z.enum(["Text", "JSON"]),
  /** JSON format only; WARN drops the platform START and REPORT lines. */
  systemLogLevel: z.string().optional(),
  applicationLogLevel: z.string().optional(),
});
export type ConsumerFunction = z.infer<typeof ConsumerFunction>;

/** One mapping with the function it invokes; `function` is absent when it could not be read. */
export const Consumer = z.object({ mapping: EventSourceMapping, function: ConsumerFunction.optional() });
export type Consumer = z.infer<typeof Consumer>;

export const DeliveryPath = z.object({
  queueArn: z.string(),
  queueName: z.string(),
  /** True when another account owns the queue: reported, not touched, not measured. */
  foreign: z.boolean(),
  /** Absent when foreign or unreadable. */
  settings: QueueSettings.optional(),
  /** The queue of the redrive policy; only read where sampling is switched on. */
  deadLetterQueue: QueueSettings.optional(),
  /**
   * ARNs of the scan's queues that name this one as their dead-letter queue; absent where none does. Its messages
   * arrive uncounted by NumberOfMessagesSent, and with the receive counts of the queue that they failed in.
   */
  deadLetterQueueOf: z.array(z.string()).min(1).optional(),
  /** Disabled mappings too. */
  consumers: z.array(Consumer).min(1),
  /** Problems met while reading this path. */
  unreadable: z.array(Unreadable),
});
export type DeliveryPath = z.infer<typeof DeliveryPath>;
