// Asynchronous paths, what was measured of them and what their logs showed, made by hand.

import type { LogObservations, ObservedInvocation } from "../../core/correlate/observations.ts";
import type { AsyncMeasurement, AsyncPath } from "../../core/model/async-path.ts";
import type { AsyncDeliveries, CauseCount, Outcome } from "../../core/model/delivery.ts";
import { consumer, functionArn, WINDOW } from "./scan-fakes.ts";

export const THUMBNAILS = functionArn("thumbnails");
export const TOPIC = "arn:aws:sns:eu-west-1:123456789012:uploads";

/** A function that one SNS topic invokes. */
export function asyncPath(more: Partial<AsyncPath> = {}): AsyncPath {
  return {
    functionArn: THUMBNAILS,
    functionName: "thumbnails",
    function: consumer("thumbnails"),
    targets: [{ eventSources: [{ kind: "sns", arn: TOPIC }], maximumRetryAttempts: 2 }],
    unreadable: [],
    ...more,
  };
}

export function asyncMeasurement(
  totals: Partial<AsyncMeasurement["totals"]> = {},
  more: Partial<AsyncMeasurement> = {},
): AsyncMeasurement {
  return {
    functionArn: THUMBNAILS,
    window: WINDOW,
    depth: "full",
    totals: {
      events: 1000,
      dropped: 0,
      invocations: 1000,
      errors: 0,
      throttles: 0,
      logBytes: 1e6,
      ...totals,
    },
    excessInvocations: { value: 0, low: 0, high: 10 },
    suspicions: [],
    unreadable: [],
    ...more,
  };
}

export function asyncDeliveries(
  causes: readonly CauseCount[] = [],
  coverage: Partial<AsyncDeliveries["coverage"]> = {},
  more: Partial<AsyncDeliveries> = {},
): AsyncDeliveries {
  return {
    functionArn: THUMBNAILS,
    coverage: {
      logged: "ids",
      invocations: 1000,
      messages: 1000,
      deliveries: 1000,
      maxReceiveCount: null,
      bytesScanned: 1000,
      truncated: false,
      ...coverage,
    },
    causes: [...causes],
    examples: [],
    unreadable: [],
    ...more,
  };
}

export interface Run {
  readonly request: string;
  /** Seconds into the window. */
  readonly at: number;
  /** @default 1 */
  readonly seconds?: number;
  /** @default "success" */
  readonly outcome?: Outcome;
  /** @default as for a status in words */
  readonly stated?: boolean;
  readonly events?: readonly string[];
}

/** Seconds into the window → epoch ms. */
export const atMs = (seconds: number): number => WINDOW.startMs + seconds * 1000;

function invocation({
  request,
  at,
  seconds = 1,
  outcome = "success",
  stated,
  events = [],
}: Run): ObservedInvocation {
  const ended = outcome === "unknown" ? null : atMs(at + seconds);
  return {
    requestId: request,
    functionArn: THUMBNAILS,
    startedAtMs: atMs(at),
    endedAtMs: ended,
    outcome,
    logStream: `stream-${request}-${at}`,
    messages: events.map((messageId) => ({ messageId, receiveCount: null })),
    firstLineMs: atMs(at),
    lastLineMs: ended ?? atMs(at),
    outcomeStated: stated ?? outcome !== "unknown",
    platformSeen: true,
    blamed: [],
  };
}

export function observed(runs: readonly Run[]): LogObservations {
  return {
    functionArn: THUMBNAILS,
    invocations: runs.map(invocation),
    correlations: [],
    rows: runs.length,
    unattributed: 0,
  };
}
