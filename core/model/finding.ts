// The finding document: the one versioned format of the CLI, the ledger and the notifications.
import * as z from "zod";
import { EventSource } from "./async-path.ts";
import { Cause, Outcome } from "./delivery.ts";
import { Unreadable } from "./delivery-path.ts";
import { Depth } from "./measurement.ts";
import { Plan } from "./plan.ts";

export const SCHEMA_VERSION = 1;

/** proven > measured > exposed > advisory. */
export const Evidence = z.enum(["proven", "measured", "exposed", "advisory"]);
export type Evidence = z.infer<typeof Evidence>;

export const Severity = z.enum(["critical", "high", "medium", "low"]);
export type Severity = z.infer<typeof Severity>;

export const Verdict = z.enum(["duplicating", "at-risk", "retrying", "healthy", "unknown"]);
export type Verdict = z.infer<typeof Verdict>;

const isoTime = z.iso.datetime();

const FindingDelivery = z.object({
  requestId: z.string(),
  functionArn: z.string(),
  startedAt: isoTime.nullable(),
  endedAt: isoTime.nullable(),
  outcome: Outcome,
  receiveCount: z.number().int().nullable(),
  /** True where the platform logged no start or no end: it ran at least from startedAt to endedAt. */
  timesFromLines: z.boolean().optional(),
  /** Only where deliveries of one example have different ids (producer duplicates). */
  messageId: z.string().optional(),
});

const FindingExample = z.object({ messageId: z.string(), deliveries: z.array(FindingDelivery) });

export const FindingMetrics = z.object({
  sent: z.number().nullable(),
  received: z.number().nullable(),
  deleted: z.number().nullable(),
  backlogChange: z.number().nullable(),
  invocations: z.number().nullable(),
  errors: z.number().nullable(),
  throttles: z.number().nullable(),
  receivesPerMessage: z.number().nullable(),
  invocationRatio: z.number().nullable(),
  maxReceiveCount: z.number().nullable(),
  /** Asynchronous paths only: events that Lambda queued for the function. */
  asyncEvents: z.number().nullable().optional(),
});
export type FindingMetrics = z.infer<typeof FindingMetrics>;

export const Advice = z.object({
  /** Stable, kebab-case, e.g. raise-visibility-timeout, report-batch-item-failures. */
  kind: z.string(),
  summary: z.string(),
  /** Snippets to paste, by form: cloudformation, cdk, terraform, serverless, typescript, python, sql … */
  patch: z.record(z.string(), z.string()).optional(),
});
export type Advice = z.infer<typeof Advice>;

/** Which path something is about: a queue's, or a function's whose events come with no queue between. */
const PathReference = z.object({
  /** Absent on an asynchronous path, and there alone. */
  queueArn: z.string().optional(),
  /** On an asynchronous path exactly one. */
  functionArns: z.array(z.string()),
  /** Absent where the path is a queue's. */
  source: z.literal("async").optional(),
  /** Asynchronous paths only: who may hand events to the function. */
  eventSources: z.array(EventSource).optional(),
});
export type PathReference = z.infer<typeof PathReference>;

/** What a path is known by: the ARN of its queue, or of its function where no queue stands between. */
export function pathArn({ queueArn, functionArns }: PathReference): string {
  return queueArn ?? functionArns.join();
}

/** How sure a finding is, beside its grade of evidence. */
const Confidence = z.object({
  /** 95 % interval of counts.messages, rounded outwards; absent where they were counted one by one, or not at all. */
  messagesInterval: z.object({ low: z.number().int(), high: z.number().int() }).optional(),
  /** What speaks against it, a clause each. */
  against: z.array(z.string()),
  /** What would settle it, a clause each, the first thing to do first; empty where it is proven. */
  settledBy: z.array(z.string()),
});

export const Finding = PathReference.extend({
  /** Stable over scans: derived from the path's ARN and the cause. */
  id: z.string(),
  cause: Cause,
  evidence: Evidence,
  severity: Severity,
  counts: z.object({
    /** Messages concerned; an estimate (rounded) unless evidence is proven; null when nothing was counted. */
    messages: z.number().int().nullable(),
    deliveries: z.number().int().nullable(),
    /** Duplicates ÷ messages in the window × 100; null when unknown. */
    duplicateSharePercent: z.number().nullable(),
  }),
  metrics: FindingMetrics,
  examples: z.array(FindingExample),
  /** What was counted and seen on this queue, a whole sentence each. */
  facts: z.array(z.string()),
  /** What the cause means, then the facts: one paragraph. */
  explanation: z.string(),
  /** Absent in findings of earlier versions. */
  confidence: Confidence.optional(),
  advice: z.array(Advice),
  plan: Plan.optional(),
  owner: z.object({ stackName: z.string(), logicalId: z.string().optional() }).optional(),
});
export type Finding = z.infer<typeof Finding>;

export const PathVerdict = PathReference.extend({
  verdict: Verdict,
  /** Why the verdict is not stronger, e.g. "logs not read: over the byte budget"; absent when nothing to say. */
  note: z.string().optional(),
  /** True when something of the path could not be read: its findings are never called resolved. */
  incomplete: z.boolean().optional(),
  /** How much of it was read; absent = everything. */
  depth: Depth.optional(),
  /** True when the logs of its consumers were read in this scan. */
  logsRead: z.boolean().optional(),
  /** True when no message moved in the window: nothing could be seen, so nothing is called resolved. */
  idle: z.boolean().optional(),
  /** Set by the queue's owner in a tag: findings here are no news, and nothing is proposed. */
  ignored: z.object({ untilMs: z.number(), reason: z.string() }).optional(),
});
export type PathVerdict = z.infer<typeof PathVerdict>;

/** What Diagnose says of one batch of paths. */
export const BatchDiagnosis = z.object({
  paths: z.array(PathVerdict),
  findings: z.array(Finding),
  unreadable: z.array(Unreadable),
  logBytesScanned: z.number(),
});
export type BatchDiagnosis = z.infer<typeof BatchDiagnosis>;

export const ScanSummary = z.object({
  id: z.string(),
  account: z.string(),
  region: z.string(),
  window: z.object({ start: isoTime, end: isoTime }),
  durationMs: z.number(),
  /** Calls by "service:Operation", retries included. */
  apiCalls: z.record(z.string(), z.number()),
  estimatedCostUsd: z.number(),
  logBytesScanned: z.number(),
  /** Queues with a mapping that the include and exclude patterns left out. */
  excludedQueues: z.number().int(),
  /** Functions with asynchronous events and no queue that they left out; absent = none, or not looked for. */
  excludedFunctions: z.number().int().optional(),
  /** Queues whose messages were sampled with ReceiveMessage; sampling is itself a receive. */
  sampledQueues: z.array(z.string()),
  unreadable: z.array(Unreadable),
});
export type ScanSummary = z.infer<typeof ScanSummary>;

export const FindingDocument = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  scan: ScanSummary,
  paths: z.array(PathVerdict),
  findings: z.array(Finding),
});
export type FindingDocument = z.infer<typeof FindingDocument>;

/** A finding as the ledger follows it from scan to scan. */
export const FindingState = z.object({
  id: z.string(),
  /** Absent where the finding is on an asynchronous path. */
  queueArn: z.string().optional(),
  status: z.enum(["open", "resolved"]),
  firstSeenScanId: z.string(),
  lastSeenScanId: z.string(),
  /** End of the window it was last seen in, epoch ms. */
  lastSeenMs: z.number(),
  /** The best evidence since it was opened; the last sight may have had less. */
  strongestEvidence: Evidence,
  resolvedScanId: z.string().optional(),
  /** Scans in a row that should have found it and did not; empty or absent = the last one did. */
  missedScanIds: z.array(z.string()).optional(),
  /** The scan whose digest told of the present status; absent = nobody was told yet. */
  notifiedScanId: z.string().optional(),
  /** Last seen form, so that a digest can describe what was resolved. */
  finding: Finding,
});
export type FindingState = z.infer<typeof FindingState>;
