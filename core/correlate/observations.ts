// What one function's log lines told us: ids, times and counts, never a message body (invariant I7).
import type { Invocation } from "../model/delivery.ts";

/** One message in one invocation, however often it was logged there. */
export interface ReceivedMessage {
  readonly messageId: string;
  /** null = not logged. */
  readonly receiveCount: number | null;
}

export interface ObservedInvocation extends Invocation {
  readonly logStream: string;
  readonly messages: readonly ReceivedMessage[];
  /** Epoch ms of the first and the last line that belong to it: it certainly ran at both. */
  readonly firstLineMs: number;
  readonly lastLineMs: number;
  /** True when the platform said in words how it ended; text REPORT lines say nothing on success. */
  readonly outcomeStated: boolean;
  /** True when the platform logged its start or its end, not only application lines. */
  readonly platformSeen: boolean;
  /** Those of its message ids that its error lines name, where a line names one of them, or some but not all. */
  readonly blamed: readonly string[];
}

/** An id that came with a message: a configured field, or the id that SNS gave it (`SNS_FIELD`). */
export interface Correlation {
  readonly messageId: string;
  readonly field: string;
  readonly value: string;
}

/** Clocks of two execution environments may differ by some tens of milliseconds; a shorter overlap proves nothing. */
export const CLOCK_TOLERANCE_MS = 100;

/** Field name of correlations by the MessageId of an SNS envelope. */
export const SNS_FIELD = "SNS MessageId";

export interface LogObservations {
  readonly functionArn: string;
  readonly invocations: readonly ObservedInvocation[];
  readonly correlations: readonly Correlation[];
  /** Lines read. */
  readonly rows: number;
  /** Lines with a message id that no invocation could be named for. */
  readonly unattributed: number;
}

/** The earliest moment at which an invocation is known to have run. */
export function knownStartMs(invocation: ObservedInvocation): number {
  return invocation.startedAtMs ?? invocation.firstLineMs;
}

/** The latest moment at which an invocation is known to have run. */
export function knownEndMs(invocation: ObservedInvocation): number {
  return invocation.endedAtMs ?? invocation.lastLineMs;
}

/** True when it is known to have failed. */
export function isFailure({ outcome }: ObservedInvocation): boolean {
  return outcome === "error" || outcome === "timeout";
}

/**
 * True where the lines that tell how it ended may come after the last line read.
 * @param functionTimeoutMs no run lasts longer.
 * @param readUntilMs epoch ms of the last line read.
 */
export function mayStillRun(
  invocation: ObservedInvocation,
  functionTimeoutMs: number,
  readUntilMs: number,
): boolean {
  if (invocation.outcome !== "unknown" || invocation.endedAtMs !== null) return false;
  return knownStartMs(invocation) + functionTimeoutMs >= readUntilMs;
}
