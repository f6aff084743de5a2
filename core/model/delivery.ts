// Deliveries as the logs prove them, and what each redelivery was: the result of CollectDeliveries.
import * as z from "zod";
import { Unreadable } from "./delivery-path.ts";

/** How an invocation ended, as far as its log lines say. */
export const Outcome = z.enum(["success", "error", "timeout", "unknown"]);
export type Outcome = z.infer<typeof Outcome>;

/** Why a redelivery happened, or why the same work arrived twice. */
export const Cause = z.enum([
  "visibility-expired",
  "deleted-too-late",
  "function-timeout",
  "function-error",
  "partial-batch-replay",
  "throttled",
  "dlq-redrive",
  "several-consumers",
  "producer-duplicate",
  "async-retry",
  "at-least-once",
  "unknown",
]);
export type Cause = z.infer<typeof Cause>;

/** One invocation of a consumer, reconstructed from its log stream. Times are epoch ms; null = not logged. */
export const Invocation = z.object({
  requestId: z.string(),
  functionArn: z.string(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  outcome: Outcome,
  /**
   * True where the platform logged no start or no end, and that time is the one of the invocation's first or last
   * line instead: it certainly ran from there to there, perhaps longer.
   */
  timesFromLines: z.boolean().optional(),
});
export type Invocation = z.infer<typeof Invocation>;

/** One receive of one message, handed to one invocation. */
export const Delivery = z.object({
  messageId: z.string(),
  invocation: Invocation,
  /** ApproximateReceiveCount where the consumer logs it. */
  receiveCount: z.number().int().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

/** A message (or correlation id) with all its deliveries in order of start, kept as an example. */
export const RedeliveryExample = z.object({
  /** The SQS message id, or the shared correlation id for `producer-duplicate`. */
  key: z.string(),
  cause: Cause,
  deliveries: z.array(Delivery).min(1),
});
export type RedeliveryExample = z.infer<typeof RedeliveryExample>;

/** How many redeliveries had one cause. */
export const CauseCount = z.object({
  cause: Cause,
  /** Distinct messages (correlation ids for `producer-duplicate`). */
  messages: z.number().int(),
  /** Redeliveries (later deliveries) with this cause. */
  redeliveries: z.number().int(),
  /** Those of them whose work was done twice. */
  duplicates: z.number().int(),
});
export type CauseCount = z.infer<typeof CauseCount>;

/** What the logs of a path allowed us to see. */
export const LogCoverage = z.object({
  /** The best that any consumer of the path logs. */
  logged: z.enum(["ids-and-receive-count", "ids", "nothing", "not-read"]),
  invocations: z.number().int(),
  /** Distinct message ids seen. */
  messages: z.number().int(),
  deliveries: z.number().int(),
  maxReceiveCount: z.number().int().nullable(),
  bytesScanned: z.number(),
  /** True when rows were cut off (row limit, budget, time): counts are lower bounds. */
  truncated: z.boolean(),
});
export type LogCoverage = z.infer<typeof LogCoverage>;

/** Run times of the deliveries in the window, in whole seconds, rounded up. */
export const RunTimes = z.object({
  /** Deliveries whose start and end the platform logged. */
  deliveries: z.number().int(),
  /** Deliveries of which it did not log both; they are in no second. */
  untimed: z.number().int(),
  /** Seconds, ascending, and the deliveries that ran that long; seconds without any are left out. */
  bySeconds: z.array(z.tuple([z.number().int(), z.number().int()])),
});
export type RunTimes = z.infer<typeof RunTimes>;

export const PathDeliveries = z.object({
  queueArn: z.string(),
  coverage: LogCoverage,
  causes: z.array(CauseCount),
  /** At most five a cause, the clearest first. */
  examples: z.array(RedeliveryExample),
  unreadable: z.array(Unreadable),
  /** Absent when the logs were not read. */
  runTimes: RunTimes.optional(),
  /** What was seen and deliberately not counted as proof, in words; absent when there was nothing. */
  notes: z.array(z.string()).optional(),
});
export type PathDeliveries = z.infer<typeof PathDeliveries>;

/** The same of an asynchronous path; a message is an event there, a delivery one run of it. */
export const AsyncDeliveries = PathDeliveries.omit({ queueArn: true }).extend({ functionArn: z.string() });
export type AsyncDeliveries = z.infer<typeof AsyncDeliveries>;
