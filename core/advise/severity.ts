// How much a finding should worry its reader.
import type { Cause } from "../model/delivery.ts";
import type { Evidence, Severity } from "../model/finding.ts";

export interface SeverityInput {
  readonly cause: Cause;
  readonly evidence: Evidence;
  /** Redeliveries (proven) or excess (measured) ÷ messages × 100; null when not counted. */
  readonly sharePercent: number | null;
  /** Next to a cause that explains nearly everything on the path. */
  readonly stray: boolean;
}

/** Shares of messages, in percent, from which work done twice is critical or high. */
const CRITICAL_PERCENT = 5;
const HIGH_PERCENT = 1;

/**
 * What costs somebody twice ranks above what costs time. A retry is recovery, so never above medium; rare
 * redeliveries that SQS promises (at-least-once), redrives on purpose and strays are low.
 */
export function severityOf(input: SeverityInput): Severity {
  if (input.stray || input.evidence === "advisory") return "low";
  if (input.evidence === "exposed") return "medium";
  const share = input.sharePercent ?? 0;
  if (input.evidence === "measured") return measuredSeverity(input.cause, share);
  return provenSeverity(input.cause, share);
}

function measuredSeverity(cause: Cause, sharePercent: number): Severity {
  if (cause === "visibility-expired") return "high";
  if (cause === "unknown") return "medium";
  return sharePercent >= CRITICAL_PERCENT ? "medium" : "low";
}

function provenSeverity(cause: Cause, sharePercent: number): Severity {
  switch (cause) {
    case "visibility-expired":
    case "deleted-too-late":
    case "partial-batch-replay":
    case "several-consumers":
    case "producer-duplicate":
      if (sharePercent >= CRITICAL_PERCENT) return "critical";
      return sharePercent >= HIGH_PERCENT ? "high" : "medium";
    case "function-timeout":
      return sharePercent >= HIGH_PERCENT ? "high" : "medium";
    case "async-retry":
      return "medium";
    case "function-error":
    case "throttled":
      return sharePercent >= CRITICAL_PERCENT ? "medium" : "low";
    case "dlq-redrive":
    case "at-least-once":
    case "unknown":
      return "low";
  }
}
