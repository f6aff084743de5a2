// One scan in figures, for whoever watches Doubletake itself: counts and times only, no names of queues or functions.
import { Cause } from "../model/delivery.ts";
import type { FindingDocument } from "../model/finding.ts";
import type { FollowedFindings } from "./finding-states.ts";

/** A cause as the name of a figure: a log query would need quotes around a hyphen. */
type Camel<Text extends string> = Text extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Text;
type CauseFigure = Camel<Cause>;

export interface ScanFigures {
  readonly id: string;
  readonly windowEnd: string;
  readonly paths: number;
  /** Findings that are open after this scan, those of earlier scans included; advice alone is none. */
  readonly openFindings: number;
  readonly newFindings: number;
  readonly resolvedFindings: number;
  /** The open ones by cause; every cause is there, most with 0. */
  readonly findings: Readonly<Record<CauseFigure, number>>;
  /** Messages of this window that findings call worked on twice; estimated where no log proves it. */
  readonly duplicatedMessages: number;
  /** Changes that wait for an approval. */
  readonly waitingChanges: number;
  /** What could not be read. */
  readonly unreadable: number;
  readonly durationMs: number;
  readonly estimatedCostUsd: number;
  readonly logBytesScanned: number;
  /** Requests to AWS, retries included. */
  readonly apiCalls: number;
}

/** `visibility-expired` → `visibilityExpired` */
export const causeFigure = (cause: Cause) =>
  cause.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) as CauseFigure;

/** @param waitingChanges counted in the ledger, which the document does not tell. */
export function scanFigures(
  { scan, paths, findings }: FindingDocument,
  { news, continuing, resolved }: Pick<FollowedFindings, "news" | "continuing" | "resolved">,
  waitingChanges: number,
): ScanFigures {
  const open = [...news, ...continuing];
  const twice = findings.filter(({ counts }) => (counts.duplicateSharePercent ?? 0) > 0);
  return {
    id: scan.id,
    windowEnd: scan.window.end,
    paths: paths.length,
    openFindings: open.length,
    newFindings: news.length,
    resolvedFindings: resolved.length,
    findings: Object.fromEntries(
      Cause.options.map((cause) => [
        causeFigure(cause),
        open.filter(({ finding }) => finding.cause === cause).length,
      ]),
    ) as Record<CauseFigure, number>,
    duplicatedMessages: sum(twice.map(({ counts }) => counts.messages ?? 0)),
    waitingChanges,
    unreadable: scan.unreadable.length,
    durationMs: scan.durationMs,
    estimatedCostUsd: scan.estimatedCostUsd,
    logBytesScanned: scan.logBytesScanned,
    apiCalls: sum(Object.values(scan.apiCalls)),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
