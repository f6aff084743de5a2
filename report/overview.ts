// The finding document in the order in which a person wants to read it; shared by table and Markdown.
import { type CauseWords, causeWords } from "../core/advise/cause-words.ts";
import { countedNoun } from "../core/advise/counted-noun.ts";
import { byStrength } from "../core/advise/strength.ts";
import {
  type Advice,
  type Finding,
  type FindingDocument,
  type PathVerdict,
  pathArn,
  Severity,
  type Verdict,
} from "../core/model/finding.ts";
import type { Plan } from "../core/model/plan.ts";
import {
  formatDurationMs,
  formatPercent,
  formatSeconds,
  functionName,
  pathName,
  plural,
} from "./text/format.ts";
import { plainText } from "./text/sanitise.ts";

const VERDICTS: readonly Verdict[] = ["duplicating", "at-risk", "retrying", "unknown", "healthy"];

/** One delivery path as a line; every string is already plain text. */
export interface PathRow {
  readonly queue: string;
  readonly functions: readonly string[];
  readonly verdict: Verdict;
  /** The strongest finding's, or null when there is none. */
  readonly severity: Severity | null;
  readonly cause: string;
  readonly evidence: string;
  /** "12 (3.1 % twice)": messages concerned, and work done twice for 100 messages of the window. */
  readonly messages: string;
  /** "30 → 360 s" where a plan exists; "no queue" where there can be none. */
  readonly timeout: string;
  /** Findings of this path beside the strongest one. */
  readonly more: number;
  readonly note: string | null;
}

/** Findings that the same words fit, strongest first. */
export interface CauseGroup {
  readonly words: CauseWords;
  readonly cause: Finding["cause"];
  readonly findings: readonly Finding[];
  /** The one whose first example shows the cause best; absent where none has an example. */
  readonly clearest?: Finding;
  /** Advice that is the same for every queue of the group. */
  readonly shared: readonly Advice[];
}

export interface Overview {
  /** Worst first. */
  readonly rows: readonly PathRow[];
  /** All but the advisories by what happened, the group of the strongest finding first. */
  readonly groups: readonly CauseGroup[];
  /** True when there are so few findings that each may be told in full. */
  readonly few: boolean;
  /** Advisory only: a line each. */
  readonly advisories: readonly Finding[];
  /** "24 delivery paths: 9 duplicating, 15 healthy". */
  readonly headline: string;
}

const MAX_FEW = 3;

export function overview(document: FindingDocument): Overview {
  const findings = document.findings.toSorted(byStrength);
  const rows = document.paths
    .map((path) =>
      row(
        path,
        findings.filter((finding) => pathArn(finding) === pathArn(path)),
      ),
    )
    .toSorted(byConcern);
  const told = findings.filter((finding) => finding.evidence !== "advisory");
  return {
    rows,
    groups: [...Map.groupBy(told, causeWords)].map(([words, group]) => groupOf(words, group)),
    few: told.length <= MAX_FEW,
    advisories: findings.filter((finding) => finding.evidence === "advisory"),
    headline: headline(document.paths),
  };
}

/** Advice for this queue alone. */
export function ownAdvice(finding: Finding, { shared }: CauseGroup): Advice[] {
  return finding.advice.filter((advice) => !shared.some((other) => isSame(advice, other)));
}

function groupOf(words: CauseWords, findings: readonly Finding[]): CauseGroup {
  const [first] = findings;
  const drawable = findings.filter(({ examples }) => examples.length > 0);
  const clearest = drawable.find(isComplete) ?? drawable[0];
  return {
    words,
    cause: first?.cause ?? "unknown",
    findings,
    ...(clearest === undefined ? {} : { clearest }),
    shared: (first?.advice ?? []).filter((advice) =>
      findings.every((finding) => finding.advice.some((other) => isSame(advice, other))),
    ),
  };
}

/** True when nothing of the first example has to be guessed. */
const isComplete = ({ examples }: Finding): boolean =>
  examples[0]?.deliveries.every(
    ({ startedAt, endedAt, outcome }) => startedAt !== null && endedAt !== null && outcome !== "unknown",
  ) ?? false;

const isSame = (a: Advice, b: Advice): boolean => JSON.stringify(a) === JSON.stringify(b);

/** How long, what was called and read, and what it cost. */
export function scanFigures(document: FindingDocument): string {
  const { scan } = document;
  const calls = Object.values(scan.apiCalls).reduce((sum, count) => sum + count, 0);
  return `${formatDurationMs(scan.durationMs)}, ${plural(calls, "AWS call")}`;
}

/** "the window", e.g. "2026-11-23 14:20 to 17:20 UTC (3 h)". */
export function windowText(document: FindingDocument): string {
  const { start, end } = document.scan.window;
  const sameDay = start.slice(0, 10) === end.slice(0, 10);
  const from = start.slice(0, 16).replace("T", " ");
  const to = sameDay ? end.slice(11, 16) : end.slice(0, 16).replace("T", " ");
  return `${from} to ${to} UTC (${formatDurationMs(Date.parse(end) - Date.parse(start))})`;
}

/** What was counted of a finding, e.g. "12 messages came 26 times". */
export function countsText(finding: Finding): string | null {
  const { counts, evidence } = finding;
  if (counts.messages === null) return null;
  const about = evidence === "proven" ? "" : "about ";
  const came = counts.deliveries === null ? "" : ` came ${plural(counts.deliveries, "time")}`;
  return `${about}${plural(counts.messages, countedNoun(finding))}${came}`;
}

/** What a plan would change, and what that costs elsewhere. */
export function planText(finding: Finding): string | null {
  const { plan } = finding;
  if (plan === undefined) return null;
  const { retryDelaySeconds, fifoGroupBlockedSeconds, outlivesRetention, duplicateSharePercent } =
    plan.tradeOffs;
  const parts = [`visibility timeout ${formatSeconds(plan.from)} → ${formatSeconds(plan.to)}`];
  const { before, after } = duplicateSharePercent;
  if (after !== null) {
    const from = before === null ? "" : `${formatPercent(before)} → `;
    parts.push(`duplicates ${from}${formatPercent(after)} (predicted)`);
  }
  if (retryDelaySeconds.after !== null) {
    parts.push(`a failed message is retried after ${formatSeconds(retryDelaySeconds.after)}`);
  }
  if (fifoGroupBlockedSeconds !== null && fifoGroupBlockedSeconds.after !== null) {
    parts.push("and holds up its FIFO group for that long");
  }
  const warning = outlivesRetention
    ? "; a failing message would expire before it reaches the dead-letter queue"
    : "";
  return parts.join("; ") + warning;
}

function row(path: PathVerdict, findings: readonly Finding[]): PathRow {
  const strongest = findings[0];
  const planned = findings.find((finding) => finding.plan !== undefined)?.plan;
  return {
    queue: plainText(pathName(path)),
    functions: path.functionArns.map((arn) => plainText(functionName(arn))),
    verdict: path.verdict,
    severity: strongest?.severity ?? null,
    cause: strongest?.cause ?? "",
    evidence: strongest?.evidence ?? "",
    messages: strongest === undefined ? "" : messages(strongest),
    timeout: path.source === "async" ? "no queue" : planned === undefined ? "" : change(planned),
    more: Math.max(0, findings.length - 1),
    note: path.note === undefined ? null : plainText(path.note),
  };
}

const change = ({ from, to }: Plan): string => `${from} → ${to} s`;

function messages({ counts, evidence }: Finding): string {
  const concerned = counts.messages === null ? "" : `${evidence === "proven" ? "" : "~"}${counts.messages}`;
  const share = counts.duplicateSharePercent;
  if (share === null || share === 0) return concerned;
  return `${concerned} (${formatPercent(share)} twice)`.trim();
}

function headline(paths: readonly PathVerdict[]): string {
  const counts = VERDICTS.map((verdict) => ({
    verdict,
    count: paths.filter((path) => path.verdict === verdict).length,
  })).filter(({ count }) => count > 0);
  const list = counts.map(({ verdict, count }) => `${count} ${verdict}`).join(", ");
  return `${plural(paths.length, "delivery path")}${list === "" ? "" : `: ${list}`}`;
}

function byConcern(a: PathRow, b: PathRow): number {
  return (
    VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) ||
    rank(a.severity) - rank(b.severity) ||
    compare(a.queue, b.queue)
  );
}

function rank(severity: Severity | null): number {
  return severity === null ? Severity.options.length : Severity.options.indexOf(severity);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
