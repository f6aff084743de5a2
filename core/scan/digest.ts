// The one message of a scan: what is new, what goes on, what is over, in words for a person and in JSON for machines.
import * as z from "zod";
import type { Finding, FindingState, ScanSummary, Severity } from "../model/finding.ts";
import type { Notification } from "../ports.ts";
import { functionNameOfArn, queueNameOfArn } from "./arn.ts";
import { CAUSE_TITLES } from "./cause-titles.ts";
import type { FollowedFindings } from "./finding-states.ts";
import { cutToBytes, printableAscii, wrap } from "./text.ts";

/**
 * SNS takes 256 KiB for all forms of one message together, quoted as JSON. With these limits text and JSON stay
 * under a half of that.
 */
const MAX_TEXT_BYTES = 32_768;
const MAX_LISTED = 40;
const MAX_UNREADABLE = 20;
const MAX_REASON_CHARS = 200;
const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

/** What Summarise leaves for Notify. */
export const Digest = z.object({
  subject: z.string().min(1).max(99),
  text: z.string(),
  json: z.unknown(),
  /** Findings that this digest tells of, with the status it tells. */
  told: z.array(z.object({ id: z.string(), status: z.enum(["open", "resolved"]) })),
});
export type Digest = z.infer<typeof Digest>;

function bySeverity(states: readonly FindingState[]): FindingState[] {
  const rank = ({ finding }: FindingState) => SEVERITIES.indexOf(finding.severity);
  return [...states].sort((a, b) => rank(a) - rank(b) || a.queueArn.localeCompare(b.queueArn));
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const minute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;

function subjectOf(scan: ScanSummary, news: readonly FindingState[], resolved: number): string {
  const worst = SEVERITIES.find((severity) => news.some(({ finding }) => finding.severity === severity));
  const parts = [
    ...(news.length > 0 ? [`${plural(news.length, "new finding")} (worst: ${worst})`] : []),
    ...(resolved > 0 ? [`${resolved} resolved`] : []),
  ];
  return printableAscii(`Doubletake: ${parts.join(", ")} in ${scan.account} ${scan.region}`).slice(0, 99);
}

function countsOf({ counts, evidence }: Finding): string {
  const about = evidence === "proven" ? "" : "about ";
  const share = counts.duplicateSharePercent;
  const parts = [
    ...(counts.messages === null ? [] : [`${about}${plural(counts.messages, "message")}`]),
    ...(share === null || share === 0
      ? []
      : [`${Number(share.toFixed(1))} % of the traffic processed twice`]),
  ];
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}

function describeNew({ finding }: FindingState, number: number): string[] {
  const functions = finding.functionArns.map(functionNameOfArn).join(", ");
  const { plan } = finding;
  return [
    `${number}. ${finding.severity.toUpperCase()}  ${queueNameOfArn(finding.queueArn)}: ${CAUSE_TITLES[finding.cause]}`,
    `   ${finding.evidence}${countsOf(finding)}`,
    ...(functions === "" ? [] : [`   consumed by ${functions}`]),
    ...wrap(finding.explanation, "   "),
    ...finding.advice.slice(0, 2).flatMap((advice) => wrap(`-> ${advice.summary}`, "   ", "      ")),
    ...(plan === undefined
      ? []
      : [`   Proposed: visibility timeout ${plan.from} s -> ${plan.to} s. Nothing was changed.`]),
    "",
  ];
}

function section(title: string, entries: readonly string[][], listed: number): string[] {
  if (entries.length === 0) return [];
  const more = entries.length - listed;
  return [
    `${title} (${entries.length})`,
    ...entries.slice(0, listed).flat(),
    ...(more > 0 ? [`   and ${more} more`, ""] : []),
  ];
}

function textOf(scan: ScanSummary, followed: FollowedFindings): string {
  const news = bySeverity(followed.news);
  const resolved = bySeverity(followed.resolved).map((state) => [
    `   ${queueNameOfArn(state.queueArn)}: ${CAUSE_TITLES[state.finding.cause]}`,
  ]);
  const unreadable = scan.unreadable.map(({ resource, reason }) =>
    wrap(`- ${resource}: ${reason}`, "   ", "     "),
  );
  const gap = (lines: readonly string[]) => (lines.length === 0 ? [] : [...lines, ""]);
  const lines = [
    `Doubletake looked at account ${scan.account} (${scan.region}),`,
    `${minute(scan.window.start)} to ${minute(scan.window.end)} UTC.`,
    "",
    ...section(
      "NEW",
      news.map((state, index) => describeNew(state, index + 1)),
      MAX_LISTED,
    ),
    ...gap(section("RESOLVED", resolved, MAX_LISTED)),
    ...(followed.continuing.length === 0
      ? []
      : [`CONTINUING (${followed.continuing.length}): told of before, not repeated here.`, ""]),
    ...gap(section("COULD NOT BE READ", unreadable, MAX_UNREADABLE)),
    ...nextSteps(news, scan),
  ];
  return cutToBytes(
    lines.join("\n"),
    MAX_TEXT_BYTES,
    "\n… cut here, and more. Run the scan for all of it.\n",
  );
}

function nextSteps(news: readonly FindingState[], scan: ScanSummary): string[] {
  const [first] = news;
  return [
    "NEXT STEPS",
    ...(first === undefined
      ? []
      : [
          "   Begin with number 1. For its deliveries, advice and patches to paste, run",
          `   doubletake scan --region ${scan.region} --queue ${queueNameOfArn(first.queueArn)}`,
        ]),
    ...(scan.unreadable.length === 0
      ? []
      : ["   Make readable what is listed above: it may hide duplicates."]),
    ...(first === undefined && scan.unreadable.length === 0 ? ["   None: nothing is left to do."] : []),
    `   Scan ${scan.id}.`,
    "",
  ];
}

function brief({ finding }: FindingState) {
  const { id, queueArn, functionArns, cause, evidence, severity, counts, plan } = finding;
  const proposed = plan && { from: plan.from, to: plan.to, policy: plan.policy, hash: plan.hash };
  return {
    id,
    queueArn,
    functionArns: functionArns.slice(0, 5),
    cause,
    evidence,
    severity,
    counts,
    ...(proposed === undefined ? {} : { plan: proposed }),
  };
}

function jsonOf(scan: ScanSummary, followed: FollowedFindings) {
  const list = (states: readonly FindingState[]) => bySeverity(states).slice(0, MAX_LISTED).map(brief);
  return {
    schemaVersion: 1,
    kind: "doubletake.digest",
    scan: { id: scan.id, account: scan.account, region: scan.region, window: scan.window },
    counts: {
      new: followed.news.length,
      continuing: followed.continuing.length,
      resolved: followed.resolved.length,
      unreadable: scan.unreadable.length,
    },
    new: list(followed.news),
    resolved: list(followed.resolved),
    unreadable: scan.unreadable
      .slice(0, MAX_UNREADABLE)
      .map(({ resource, reason }) => ({ resource, reason: reason.slice(0, MAX_REASON_CHARS) })),
  };
}

/** Composes the digest: ids, times and counts only, no message bodies (I7). */
export function composeDigest(scan: ScanSummary, followed: FollowedFindings): Digest {
  const told = [...followed.news, ...followed.resolved].map(({ id, status }) => ({ id, status }));
  return {
    subject: subjectOf(scan, followed.news, followed.resolved.length),
    text: textOf(scan, followed),
    json: jsonOf(scan, followed),
    told,
  };
}

/** The part of a digest that is sent. */
export function notificationOf({ subject, text, json }: Digest): Notification {
  return { subject, text, json };
}
