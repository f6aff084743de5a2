// Findings from scan to scan: which are new, which go on, which are over, and which nobody was told of yet.
import { Evidence, type Finding, type FindingState, type PathVerdict, pathArn } from "../model/finding.ts";
import type { ScanContext } from "../model/workflow.ts";

/**
 * Scans in a row that must miss a finding, over at least a day, before it is called over. Rare causes, and causes
 * that follow the traffic of the day, would otherwise be told of as resolved and new again by turns.
 */
export const SCANS_TO_RESOLVE = 3;
export const MS_TO_RESOLVE = 24 * 3_600_000;

export interface FollowedFindings {
  /** The states that this scan changes, to be written back. */
  readonly changed: readonly FindingState[];
  /** Open and not yet told of: found for the first time, found again, or proven better than before. */
  readonly news: readonly FindingState[];
  /** Open, and an earlier digest told of it. */
  readonly continuing: readonly FindingState[];
  /** Over, and not yet told so. */
  readonly resolved: readonly FindingState[];
}

/** True when nobody was told, or when this very scan tells (a repeat of the step finds the same news). */
function isUntold(state: FindingState, scanId: string): boolean {
  return state.notifiedScanId === undefined || state.notifiedScanId === scanId;
}

function untold({ notifiedScanId: _, ...state }: FindingState): FindingState {
  return state;
}

function isStronger(now: Evidence, before: Evidence): boolean {
  return Evidence.options.indexOf(now) < Evidence.options.indexOf(before);
}

function seen(
  finding: Finding,
  before: FindingState | undefined,
  { scanId, window }: ScanContext,
): FindingState {
  const { id, queueArn, evidence } = finding;
  const queue = queueArn === undefined ? {} : { queueArn };
  const sight = { finding, lastSeenScanId: scanId, lastSeenMs: window.endMs };
  if (before === undefined || before.status === "resolved") {
    return { id, ...queue, ...sight, status: "open", firstSeenScanId: scanId, strongestEvidence: evidence };
  }
  const { resolvedScanId: _, missedScanIds: __, ...open } = before;
  const next: FindingState = { ...open, ...sight };
  // What was proven once, then only measured for a while, and is proven again, is no news.
  return isStronger(evidence, before.strongestEvidence)
    ? untold({ ...next, strongestEvidence: evidence })
    : next;
}

/**
 * Whether this scan would have found it again: messages moved, and the path was read in full and judged; for what
 * the logs had proven, the logs too. Where the path is gone (every failure to read one leaves it in the scan, as
 * unknown), nothing consumes the queue any more, or the operator has left it out.
 */
function wouldBeFound(state: FindingState, verdict: PathVerdict | undefined): boolean {
  if (verdict === undefined) return true;
  if (verdict.verdict === "unknown" || verdict.incomplete || verdict.idle) return false;
  if (verdict.depth === "screened") return false;
  return state.strongestEvidence !== "proven" || verdict.logsRead === true;
}

function missed(
  state: FindingState,
  verdict: PathVerdict | undefined,
  { scanId, window }: ScanContext,
): FindingState {
  if (state.status === "resolved" || !wouldBeFound(state, verdict)) return state;
  const before = state.missedScanIds ?? [];
  if (before.includes(scanId)) return state;
  const missedScanIds = [...before, scanId];
  const isOver = missedScanIds.length >= SCANS_TO_RESOLVE && window.endMs - state.lastSeenMs >= MS_TO_RESOLVE;
  if (!isOver) return { ...state, missedScanIds: missedScanIds.slice(-SCANS_TO_RESOLVE) };
  return { ...untold(state), missedScanIds, status: "resolved", resolvedScanId: scanId };
}

/**
 * Follows the findings of earlier scans into this one. Findings graded `advisory` are not followed. Running it
 * again over its own result changes nothing (I6).
 */
export function followFindings(
  findings: readonly Finding[],
  paths: readonly PathVerdict[],
  earlier: readonly FindingState[],
  scan: ScanContext,
): FollowedFindings {
  const { scanId } = scan;
  const followed = findings.filter((finding) => finding.evidence !== "advisory");
  const before = new Map(earlier.map((state) => [state.id, state]));
  const verdicts = new Map(paths.map((path) => [pathArn(path), path]));
  const found = new Set(followed.map((finding) => finding.id));

  const states = [
    ...followed.map((finding) => seen(finding, before.get(finding.id), scan)),
    ...earlier
      .filter((state) => !found.has(state.id))
      .map((state) => missed(state, verdicts.get(pathArn(state.finding)), scan)),
  ];
  const open = states.filter((state) => state.status === "open");
  return {
    changed: states.filter((state) => before.get(state.id) !== state),
    news: open.filter((state) => isUntold(state, scanId)),
    continuing: open.filter((state) => !isUntold(state, scanId)),
    resolved: states.filter((state) => state.status === "resolved" && isUntold(state, scanId)),
  };
}
