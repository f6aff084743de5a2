// A sign: one cause that the logs, the numbers or the settings of a path point at, before it becomes a finding.
import type { Cause } from "../model/delivery.ts";
import type { Evidence } from "../model/finding.ts";

export interface Sign {
  readonly cause: Cause;
  readonly evidence: Evidence;
  /** Messages concerned; an estimate unless proven; null when nothing was counted. */
  readonly messages: number | null;
  readonly deliveries: number | null;
  /** Duplicates; 0 for retries, null when not counted. */
  readonly duplicates: number | null;
  /** Duplicates ÷ messages × 100; null when unknown. */
  readonly duplicateSharePercent: number | null;
  /** Redeliveries, or excess, ÷ messages × 100: how common it is, duplicate or not. */
  readonly sharePercent: number | null;
  /** So few next to the path's main cause that they may be side effects of it. */
  readonly stray: boolean;
  /**
   * The cause of more redeliveries on this queue than the work that outlasts the timeout, and one that a longer timeout
   * only slows down; absent where there is none.
   */
  readonly outnumberedBy?: Cause;
}

/** The two causes that a longer visibility timeout cures: the work outlasted the timeout. */
export const isOutlasted = (cause: Cause): boolean =>
  cause === "visibility-expired" || cause === "deleted-too-late";

/** part ÷ whole × 100; null when there is no whole. */
export const percent = (part: number, whole: number): number | null =>
  whole > 0 ? (100 * part) / whole : null;
