// How a scenario describes one delivery path. Names, tags and ids are added when it is built, so that nothing
// visible in the account tells which scenario it is.
import type { Cause } from "../../core/model/delivery.ts";
import type { Work } from "../engine/function.ts";
import type { ProducerSpec } from "../engine/producer.ts";
import type { TriggerSpec } from "../engine/trigger.ts";
import type { LogLosses, LogShape, Oddity } from "../logs/style.ts";

export interface QueueSpec {
  readonly visibilityTimeoutSeconds: number;
  /** @default false */
  readonly fifo?: boolean;
  /** Owned by another account. @default false */
  readonly foreign?: boolean;
  /** Gives it a dead-letter queue. */
  readonly maxReceiveCount?: number;
  /** @default 0 */
  readonly delaySeconds?: number;
}

export interface ConsumerSpec {
  readonly timeoutSeconds: number;
  readonly work: Work;
  readonly shape: LogShape;
  readonly oddities?: readonly Oddity[];
  /** @default none */
  readonly losses?: LogLosses;
  /** @default "Text" */
  readonly logFormat?: "Text" | "JSON";
  /** JSON format only. @default "INFO" */
  readonly systemLogLevel?: "INFO" | "WARN";
  readonly reservedConcurrency?: number;
  /** @default 10 */
  readonly batchSize?: number;
  /** @default 0 */
  readonly batchingWindowSeconds?: number;
  readonly maximumConcurrency?: number;
  readonly filterPatterns?: readonly string[];
  /** @default false */
  readonly reportBatchItemFailures?: boolean;
  /** @default false */
  readonly eventCountMetrics?: boolean;
  /** @default true */
  readonly enabled?: boolean;
  readonly pollLatencyMs?: readonly [low: number, high: number];
  /** Other triggers of the function. */
  readonly triggers?: readonly TriggerSpec[];
}

export interface PathSpec {
  readonly queue: QueueSpec;
  readonly producers: readonly ProducerSpec[];
  readonly consumers: readonly ConsumerSpec[];
  /** Consumers of the dead-letter queue, which makes it a path of its own: a quiet one. @default none */
  readonly deadLetterConsumers?: readonly ConsumerSpec[];
  /** Share of deleted messages that turn up again. @default 0 */
  readonly reappearShare?: number;
  /** Engine times at which the dead-letter queue is moved back. */
  readonly redriveAtMs?: readonly number[];
}

/** Engine times by their distance to the end of the run. */
export type BeforeEnd = (hours: number) => number;

export interface Scenario {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** The dominant causes; empty = must stay quiet. */
  readonly causes: readonly Cause[];
  readonly planExpected: boolean;
  build(beforeEnd: BeforeEnd): PathSpec;
}
