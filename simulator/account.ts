// The simulated account as its wire protocols see it: the seam between the engine (what happens, on a
// virtual clock) and the server (how AWS would tell it). The ground truth is deliberately not here.

/** Attributes as SQS would name them, all values already strings. */
export type QueueAttributes = Record<string, string>;

export interface SimulatedQueue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly accountId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** All attributes at the present virtual time, the Approximate… counts too. */
  attributes(): QueueAttributes;
}

export interface SimulatedMapping {
  readonly uuid: string;
  /** Enabled | Disabled … */
  readonly state: string;
  readonly eventSourceArn: string;
  /** As configured: unqualified, alias or version. */
  readonly functionArn: string;
  readonly batchSize: number;
  readonly maximumBatchingWindowSeconds: number;
  readonly maximumConcurrency?: number;
  readonly filterPatterns: readonly string[];
  readonly reportBatchItemFailures: boolean;
  readonly eventCountMetrics: boolean;
  readonly lastModifiedMs: number;
}

export interface SimulatedFunction {
  readonly name: string;
  /** Unqualified. */
  readonly arn: string;
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly logFormat: "Text" | "JSON";
  readonly systemLogLevel?: "DEBUG" | "INFO" | "WARN";
  readonly applicationLogLevel?: string;
  readonly reservedConcurrency?: number;
  /** What GetPolicy answers for every qualifier: JSON text; absent = the function has none. */
  readonly policy?: string;
  /** What GetFunctionEventInvokeConfig answers; absent = the function has none. */
  readonly eventInvokeConfig?: {
    readonly maximumRetryAttempts: number;
    readonly onFailureDestinationArn?: string;
  };
  readonly tags: Readonly<Record<string, string>>;
  /** Alias name → version. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Published versions, "1", "2" … */
  readonly versions: readonly string[];
}

export interface MetricId {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** One minute of one metric; absent minutes have no point. */
export interface MetricPoint {
  readonly minuteStartMs: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly sampleCount: number;
  /** The raw samples where percentiles can be asked for (Duration); otherwise absent. */
  readonly samples?: ArrayLike<number>;
}

export interface LogEvent {
  readonly timestampMs: number;
  readonly ingestionMs: number;
  readonly logStream: string;
  readonly message: string;
}

export interface SimulatedLogGroup {
  readonly name: string;
  readonly arn: string;
  readonly creationMs: number;
  storedBytes(): number;
  streams(): readonly { readonly name: string; readonly firstMs: number; readonly lastMs: number }[];
  /**
   * Events with startMs ≤ timestamp < endMs in order of timestamp, ties in the order of their stream;
   * of one stream when named. Rendered lazily: iterate, do not spread.
   */
  events(startMs: number, endMs: number, logStream?: string): Iterable<LogEvent>;
}

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<
    Record<string, { readonly dataType: string; readonly stringValue: string }>
  >;
}

export interface SendOptions {
  readonly body: string;
  readonly delaySeconds?: number;
  readonly messageGroupId?: string;
  readonly messageDeduplicationId?: string;
  readonly messageAttributes?: Readonly<
    Record<string, { readonly dataType: string; readonly stringValue: string }>
  >;
}

/** What clients do to queues. Errors are SimulatedAwsError with AWS's codes. */
export interface QueueOperations {
  sendMessage(queueUrl: string, options: SendOptions): { messageId: string; sequenceNumber?: string };
  receiveMessage(
    queueUrl: string,
    options: { max: number; visibilityTimeoutSeconds?: number },
  ): ReceivedMessage[];
  deleteMessage(queueUrl: string, receiptHandle: string): void;
  changeVisibility(queueUrl: string, receiptHandle: string, visibilityTimeoutSeconds: number): void;
  setAttributes(queueUrl: string, attributes: QueueAttributes): void;
  tagQueue(queueUrl: string, tags: Record<string, string>): void;
  untagQueue(queueUrl: string, keys: readonly string[]): void;
  createQueue(name: string, attributes: QueueAttributes, tags: Record<string, string>): SimulatedQueue;
  purgeQueue(queueUrl: string): void;
  deleteQueue(queueUrl: string): void;
}

export interface SimulatedAccount extends QueueOperations {
  readonly accountId: string;
  readonly region: string;
  /** Present virtual time, epoch ms. */
  nowMs(): number;
  /** Runs the simulation on to a later virtual time. */
  advanceTo(timeMs: number): void;

  /** Queues of this account; queues of other accounts answer NonExistentQueue / AccessDenied. */
  queues(): readonly SimulatedQueue[];
  mappings(): readonly SimulatedMapping[];
  functions(): readonly SimulatedFunction[];
  logGroups(): readonly SimulatedLogGroup[];
  metrics(): Iterable<MetricId>;
  /** Points with startMs ≤ minute < endMs, in order; empty for an unknown metric. */
  metricPoints(id: MetricId, startMs: number, endMs: number): readonly MetricPoint[];
}

/** An error that the server answers in AWS's shape. */
export class SimulatedAwsError extends Error {
  override readonly name = "SimulatedAwsError";
  /** AWS's error code, e.g. AWS.SimpleQueueService.NonExistentQueue or ResourceNotFoundException. */
  readonly code: string;
  readonly httpStatus: number;
  /** Further members of the error's shape, e.g. queryCompileError. */
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, httpStatus = 400, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
    this.details = details;
  }
}
