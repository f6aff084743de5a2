// What the numbers of one delivery path say over one window: the result of Measure.
import * as z from "zod";
import { Unreadable } from "./delivery-path.ts";

/** Half-open interval of epoch milliseconds, both on whole minutes. */
export const Window = z.object({ startMs: z.number(), endMs: z.number() });
export type Window = z.infer<typeof Window>;

/**
 * How much of a path was read. `screened`: a few cheap metrics, which show nothing; what they do not hold was not asked
 * for, and is null without being unreadable · `full`: everything.
 */
export const Depth = z.enum(["screened", "full"]);
export type Depth = z.infer<typeof Depth>;

/** A count with its 95 % interval; no part of it is below 0 or above what was counted. */
export const Estimate = z.object({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof Estimate>;

/**
 * Flow balance over the window, all in messages. Each message completed once gives
 * U = sent − backlogChange − deadLettered; see docs/how-it-decides.md.
 */
export const FlowBalance = z.object({
  /** On a dead-letter queue, whose arrivals SQS does not count as sent: at least what was deleted or is left. */
  sent: z.number(),
  received: z.number(),
  deleted: z.number(),
  /** Visible + in flight + delayed, at the end minus at the start. */
  backlogChange: z.number(),
  /** Moved to the dead-letter queue by the redrive policy. */
  deadLettered: z.number(),
  /** received − U − change of the messages in flight: receives beyond one a message. */
  excessReceives: Estimate,
  /** deleted − U: messages completed more than once. */
  excessDeletes: Estimate,
  /** True when the interval of the excess lies above 0. */
  receivesSignificant: z.boolean(),
  deletesSignificant: z.boolean(),
});
export type FlowBalance = z.infer<typeof FlowBalance>;

/** The last week of a path's history against its oldest, three weeks ago or more. */
export const RatioDrift = z.object({
  /** Median of (hour of the last week ÷ same hour of the oldest week). */
  growth: z.number(),
  /** (growth − 1) ÷ its standard error. */
  zScore: z.number(),
  /** Hours of the week known in both. */
  pairs: z.number().int(),
  /** Start of the oldest week, epoch ms. */
  sinceMs: z.number(),
  /** Median ratio of the window's own hours in the oldest week. */
  oldestMedian: z.number(),
});
export type RatioDrift = z.infer<typeof RatioDrift>;

/**
 * Invocations ÷ messages against the path's own history. In the window messages are those that left the queue
 * (sent − backlogChange), so that a draining backlog is no anomaly; in the history they are those sent.
 */
export const RatioAnomaly = z.object({
  /** Invocations ÷ messages in the window; null when no message left the queue, or a figure is unread. */
  invocationRatio: z.number().nullable(),
  /** Median of the same ratio over the history; null without enough history. */
  baselineMedian: z.number().nullable(),
  /** Median absolute deviation × 1.4826; null without enough history. */
  baselineMad: z.number().nullable(),
  /** (invocationRatio − baselineMedian) ÷ its standard error; null without enough history. */
  zScore: z.number().nullable(),
  /** Hours of history that the median is of. */
  samples: z.number().int(),
  /** All hours of history with enough messages to count; absent = not looked for. */
  historyHours: z.number().int().optional(),
  /** Which hours those are: of the same weekday, of any day, all that are known, or too few to say anything. */
  basis: z.enum(["same-weekday-hours", "same-hours", "all-hours", "none"]),
  /** Absent with less than three weeks of history. */
  drift: RatioDrift.optional(),
  anomalous: z.boolean(),
  /** How it is anomalous: above the usual ratio, or crept up over weeks; absent when it is not. */
  anomaly: z.enum(["jump", "drift"]).optional(),
  /** Set when the path's set-up changed, so that its history starts afresh there; epoch ms. */
  restartedMs: z.number().optional(),
});
export type RatioAnomaly = z.infer<typeof RatioAnomaly>;

/** The visibility timeout against function timeout, observed durations and batching window. */
export const Exposure = z.object({
  /**
   * exceeded: observed durations (+ window) really exceed the timeout · exposed: the function timeout
   * (+ window) does · below-recommendation: under 6 × function timeout + window · safe.
   */
  level: z.enum(["exceeded", "exposed", "below-recommendation", "safe"]),
  visibilityTimeoutSeconds: z.number(),
  /** The longest of the path's enabled consumers. */
  functionTimeoutSeconds: z.number(),
  batchingWindowSeconds: z.number(),
  /** AWS's advice: 6 × function timeout + batching window, at most 43,200. */
  recommendedSeconds: z.number(),
  /** null when no invocation was seen in the window. */
  maxDurationMs: z.number().nullable(),
  p99DurationMs: z.number().nullable(),
});
export type Exposure = z.infer<typeof Exposure>;

/**
 * Sums (or extremes) over the window; null = could not be read (or was not asked for). A metric without points
 * is inactive: its sum is 0, its extreme null.
 */
export const WindowTotals = z.object({
  sent: z.number().nullable(),
  received: z.number().nullable(),
  deleted: z.number().nullable(),
  backlogChange: z.number().nullable(),
  deadLettered: z.number().nullable(),
  /** Messages that left the dead-letter queue: moved back, consumed there, or purged; absent = not measured. */
  deadLettersLeft: z.number().nullable().optional(),
  /** From the last minute before they left to the first after it; absent where none did. */
  deadLettersLeftDuring: Window.optional(),
  oldestMessageAgeSeconds: z.number().nullable(),
  invocations: z.number().nullable(),
  errors: z.number().nullable(),
  throttles: z.number().nullable(),
  maxDurationMs: z.number().nullable(),
  p99DurationMs: z.number().nullable(),
  /** Bytes written to the consumers' log groups in the window (AWS/Logs IncomingBytes). */
  logBytes: z.number().nullable(),
});
export type WindowTotals = z.infer<typeof WindowTotals>;

/** What ReceiveMessage sampling saw; only on queues that opted in. */
export const SampleResult = z.object({
  queueArn: z.string(),
  messages: z.number().int(),
  maxReceiveCount: z.number().int(),
});
export type SampleResult = z.infer<typeof SampleResult>;

export const PathMeasurement = z.object({
  queueArn: z.string(),
  window: Window,
  /** Earlier versions read everything. */
  depth: Depth.default("full"),
  totals: WindowTotals,
  /** null when the queue's metrics could not be read. */
  flow: FlowBalance.nullable(),
  ratio: RatioAnomaly,
  /** null when the queue's settings could not be read or no mapping is enabled. */
  exposure: Exposure.nullable(),
  samples: z.array(SampleResult),
  /** By function ARN; absent where nothing was throttled, or none is reserved. */
  reservedConcurrency: z.record(z.string(), z.number().int()).optional(),
  /** Why the logs should be read, strongest first; empty = no suspect. */
  suspicions: z.array(z.string()),
  unreadable: z.array(Unreadable),
});
export type PathMeasurement = z.infer<typeof PathMeasurement>;
