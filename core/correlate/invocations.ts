// One log stream → invocations. A stream belongs to one execution environment, which runs one invocation at a
// time, so a line that names no request belongs to the invocation whose START … END/REPORT encloses it.
import type { Outcome } from "../model/delivery.ts";
import { compareText } from "./compare-text.ts";
import type { PlatformLine } from "./platform-lines.ts";
import type { NamedRequest } from "./request-id.ts";

/** An invocation while its lines still come in. Times are epoch ms. */
export interface InvocationDraft {
  readonly requestId: string;
  readonly logStream: string;
  startMs: number | null;
  endMs: number | null;
  durationMs: number | null;
  /** What a platform line said; null = nothing yet. */
  stated: Outcome | null;
  /** A REPORT came: without a status it means success in text format. */
  reported: boolean;
  /** An error left the handler, as far as application lines tell. */
  failed: boolean;
  firstLineMs: number;
  lastLineMs: number;
}

/** An application line, reduced to what decides where it belongs. */
export interface ApplicationLine<T> {
  readonly timestampMs: number;
  readonly named: NamedRequest | null;
  readonly content: T;
}

export interface StreamTracker<T> {
  /**
   * Takes all lines of one millisecond, in any order: Logs Insights keeps no order among equal timestamps. Call
   * with rising timestamps.
   */
  add(timestampMs: number, platform: readonly PlatformLine[], lines: readonly ApplicationLine<T>[]): void;
  /** No more lines will come. */
  finish(): void;
  /** True once two invocations have run at the same time here: then only lines that name a request are sure. */
  concurrent(): boolean;
}

/** Receives each application line with its invocation; `null` = none could be named. */
export type Attach<T> = (line: ApplicationLine<T>, draft: InvocationDraft | null, enclosed: boolean) => void;

/** A line flushed late still belongs to the invocation that has just ended. */
const LATE_LINE_MS = 1000;
/** A START again this soon is a printed copy; Lambda's own retries wait a minute. */
const COPY_MS = 1000;
/** Rounding of two clocks of one environment. */
const ROUNDING_MS = 100;
/** Lines before the first START that are kept in case a REPORT turns out to cover them. */
const MAX_WAITING = 100;

const RANK: Readonly<Record<PlatformLine["kind"], number>> = {
  start: 0,
  timeout: 1,
  end: 2,
  report: 3,
  other: 4,
};

/**
 * Follows one log stream.
 * @param create makes (and keeps) a new draft.
 */
export function trackStream<T>(
  logStream: string,
  create: (draft: InvocationDraft) => void,
  attach: Attach<T>,
): StreamTracker<T> {
  const byRequestId = new Map<string, InvocationDraft>();
  let open: InvocationDraft | null = null;
  let last: { readonly draft: InvocationDraft; readonly endMs: number } | null = null;
  let waiting: ApplicationLine<T>[] = [];
  let concurrent = false;

  function begin(requestId: string, timestampMs: number): InvocationDraft {
    const draft: InvocationDraft = {
      requestId,
      logStream,
      startMs: null,
      endMs: null,
      durationMs: null,
      stated: null,
      reported: false,
      failed: false,
      firstLineMs: timestampMs,
      lastLineMs: timestampMs,
    };
    byRequestId.set(requestId, draft);
    create(draft);
    return draft;
  }

  function start(requestId: string, timestampMs: number): InvocationDraft {
    const known = byRequestId.get(requestId);
    if (known && known.startMs !== null && timestampMs - known.startMs <= COPY_MS) return known;
    // A request id seen again after its end is Lambda's own retry of an asynchronous event: a new invocation.
    const draft =
      known && known.startMs === null && known.endMs === null ? known : begin(requestId, timestampMs);
    draft.startMs = timestampMs;
    open = draft;
    giveUpWaiting();
    return draft;
  }

  function settle(line: PlatformLine, timestampMs: number): void {
    let draft = byRequestId.get(line.requestId);
    if (draft && line.kind === "report" && isSecondReport(draft, line)) draft = undefined;
    draft ??= begin(line.requestId, timestampMs);
    if (line.kind !== "timeout") {
      if (draft.endMs === null || timestampMs < draft.endMs) draft.endMs = timestampMs;
      if (line.durationMs !== null) draft.durationMs = line.durationMs;
      if (open === draft) open = null;
      last = { draft, endMs: draft.endMs };
    }
    if (line.kind === "report") draft.reported = true;
    if (says(line.outcome) && draft.stated !== "timeout") draft.stated = line.outcome;
    draft.stated ??= line.outcome;
    claimWaiting(draft);
    if (open !== null && open !== draft && overlaps(draft, open)) concurrent = true;
  }

  /** Lines seen before any START of this stream, now that a REPORT tells how far back it reaches. */
  function claimWaiting(draft: InvocationDraft): void {
    const span = interval(draft);
    if (span.startMs === null || waiting.length === 0) return;
    const from = span.startMs;
    for (const line of waiting) attach(line, line.timestampMs >= from - ROUNDING_MS ? draft : null, true);
    waiting = [];
  }

  function giveUpWaiting(): void {
    for (const line of waiting) attach(line, null, true);
    waiting = [];
  }

  function place(line: ApplicationLine<T>, enclosing: readonly InvocationDraft[]): void {
    const known = line.named && byRequestId.get(line.named.requestId);
    const only = enclosing[0];
    if (known) attachRunning(line, known, false);
    else if (enclosing.length > 1) attach(line, null, false);
    else if (only) attachRunning(line, only, true);
    else if (line.named?.trusted) attachRunning(line, begin(line.named.requestId, line.timestampMs), false);
    else if (last && line.timestampMs - last.endMs <= LATE_LINE_MS) attach(line, last.draft, true);
    else if (byRequestId.size === 0 && waiting.length < MAX_WAITING) waiting.push(line);
    else attach(line, null, false);
  }

  /** The invocation certainly ran when it wrote this line. */
  function attachRunning(line: ApplicationLine<T>, draft: InvocationDraft, enclosed: boolean): void {
    draft.firstLineMs = Math.min(draft.firstLineMs, line.timestampMs);
    draft.lastLineMs = Math.max(draft.lastLineMs, line.timestampMs);
    attach(line, draft, enclosed);
  }

  return {
    add(timestampMs, platform, lines) {
      const enclosing = open ? [open] : [];
      for (const line of inLogicalOrder(platform, open)) {
        if (line.kind === "start") {
          const draft = start(line.requestId, timestampMs);
          if (!enclosing.includes(draft)) enclosing.push(draft);
        } else if (line.kind !== "other") settle(line, timestampMs);
      }
      for (const line of lines) place(line, enclosing);
    },
    finish: giveUpWaiting,
    concurrent: () => concurrent,
  };
}

/**
 * Platform lines of one millisecond in the only order that makes sense: the open invocation ends, then others
 * start (those that also end here first), time out, end and are reported.
 */
function inLogicalOrder(
  lines: readonly PlatformLine[],
  open: InvocationDraft | null,
): readonly PlatformLine[] {
  if (lines.length < 2) return lines;
  const ended = new Set(
    lines.filter(({ kind }) => kind === "end" || kind === "report").map((l) => l.requestId),
  );
  const group = ({ requestId }: PlatformLine) =>
    requestId === open?.requestId ? 0 : ended.has(requestId) ? 1 : 2;
  return [...lines].sort(
    (a, b) =>
      group(a) - group(b) ||
      compareText(a.requestId, b.requestId) ||
      RANK[a.kind] - RANK[b.kind] ||
      (a.durationMs ?? 0) - (b.durationMs ?? 0),
  );
}

/** A status that tells something. */
function says(outcome: Outcome | null): boolean {
  return outcome !== null && outcome !== "unknown";
}

/** One REPORT printed twice is one invocation; two REPORTs that differ are two attempts under one request id. */
function isSecondReport(draft: InvocationDraft, line: PlatformLine): boolean {
  return draft.reported && draft.durationMs !== line.durationMs;
}

function overlaps(ended: InvocationDraft, open: InvocationDraft): boolean {
  const { endMs } = interval(ended);
  return endMs !== null && open.startMs !== null && endMs > open.startMs + ROUNDING_MS;
}

/**
 * When an invocation ran, from its platform lines. END or REPORT may be written late, so it never ends later than
 * start + duration; START may be missing or stamped late, so it never starts later than end − duration.
 */
export function interval(draft: InvocationDraft): { startMs: number | null; endMs: number | null } {
  const { startMs, endMs } = draft;
  if (draft.durationMs === null || endMs === null) return { startMs, endMs };
  const durationMs = Math.ceil(draft.durationMs);
  if (startMs === null || endMs - startMs < durationMs - ROUNDING_MS)
    return { startMs: endMs - durationMs, endMs };
  return { startMs, endMs: Math.min(endMs, startMs + durationMs) };
}

/** How it ended. A missing REPORT is no success, and neither is a line that speaks of an error. */
export function outcomeOf(draft: InvocationDraft): Outcome {
  if (draft.stated !== null && says(draft.stated)) return draft.stated;
  if (draft.failed) return "error";
  return draft.reported && draft.stated === null ? "success" : "unknown";
}
