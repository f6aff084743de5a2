// What a scan may be told: one schema for the command line, the CDK context and the functions' environment.
import * as z from "zod";
import { TargetPolicy } from "./plan.ts";

/** AWS's hard limit of a visibility timeout. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
export const MAX_VISIBILITY_TIMEOUT_SECONDS = 43_200;

/** A regular expression, written as text, whose one capture group is the id. */
const CapturePattern = z
  .string()
  .refine((text) => captureGroups(text) === 1, { error: "a regular expression with one capture group" });

function captureGroups(pattern: string): number | undefined {
  try {
    // The empty alternative matches anything, so the match shows how many groups there are.
    return (new RegExp(`${pattern}|`).exec("")?.length ?? 0) - 1;
  } catch {
    return undefined;
  }
}

/** An id that a consumer logs beside the message: a field name, or a pattern with one capture group. */
export const CorrelationField = z.union([
  z.strictObject({ name: z.string().min(1) }),
  z.strictObject({ name: z.string().min(1), pattern: CapturePattern }),
]);
export type CorrelationField = z.infer<typeof CorrelationField>;

/**
 * Metric points may arrive this late, longest for a queue that wakes up. A window that ends later than this
 * before the scan may have gaps that mean "not there yet" instead of "nothing happened".
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
 */
export const METRICS_SETTLE_MINUTES = 15;

export const ScanSettings = z.object({
  /** Length of the window in minutes. */
  lookbackMinutes: z
    .number()
    .int()
    .min(5)
    .max(14 * 1440)
    .default(180),
  /** The window ends this long before the scan, because metrics arrive late. */
  settleMinutes: z.number().int().min(0).max(60).default(20),
  /** Hours that the ratio's baseline reaches back; five weeks show the weekday and a slow drift. 0 = none. */
  historyHours: z
    .number()
    .int()
    .min(0)
    .max(63 * 24)
    .default(35 * 24),
  /**
   * How often a path is read in full whose few cheap metrics show nothing: in every scan, or once a day at an hour of
   * its own.
   */
  calmPaths: z.enum(["every-scan", "daily"]).default("every-scan"),
  /** Minutes from one scan to the next, at the longest; absent = as long as the window. */
  scanIntervalMinutes: z.number().int().min(1).optional(),
  /** Also look at functions that get asynchronous events (SNS, S3, EventBridge) with no queue between. */
  asyncSources: z.boolean().default(true),
  /** Globs on queue names, and on function names of asynchronous paths; empty = all. */
  includeQueues: z.array(z.string()).default([]),
  excludeQueues: z.array(z.string()).default([]),
  /** Delivery paths a batch. */
  batchSize: z.number().int().min(1).max(100).default(100),
  readLogs: z.boolean().default(true),
  /** Logs Insights bytes that one scan may read. */
  maxLogBytes: z.number().min(0).default(5e9),
  /** Part of maxLogBytes that may go to paths whose numbers look normal (producer duplicates show only in logs). */
  routineCheckShare: z.number().min(0).max(1).default(0.2),
  /** Rows read a log query, at most 100,000. */
  maxLogRows: z.number().int().min(1000).max(100_000).default(100_000),
  correlationFields: z
    .array(CorrelationField)
    .default([
      { name: "correlationId" },
      { name: "correlation_id" },
      { name: "x-correlation-id" },
      { name: "MessageDeduplicationId" },
    ]),
  /** Extra patterns for SQS message ids, each with one capture group. */
  messageIdPatterns: z.array(CapturePattern).default([]),
  /** Sample queues and dead-letter queues tagged `doubletake:sample` = `true` with ReceiveMessage. */
  sampling: z.boolean().default(false),
  /** Default policy for standard queues; FIFO always uses `margin`. */
  targetPolicy: TargetPolicy.default("aws"),
  /** Never propose more than this. */
  maxVisibilityTimeoutSeconds: z
    .number()
    .int()
    .min(1)
    .max(MAX_VISIBILITY_TIMEOUT_SECONDS)
    .default(MAX_VISIBILITY_TIMEOUT_SECONDS),
});
export type ScanSettings = z.infer<typeof ScanSettings>;

/** False where the window ends so recently that metric points may still arrive. */
export const isSettled = ({ settleMinutes }: Pick<ScanSettings, "settleMinutes">): boolean =>
  settleMinutes >= METRICS_SETTLE_MINUTES;
