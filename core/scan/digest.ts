// The one message of a scan: what is new, what goes on, what is over, in words for a person and in JSON for machines.
import * as z from "zod";
import { byStrength } from "../advise/strength.ts";
import type { Change } from "../model/change.ts";
import { type FindingDocument, type FindingState, type ScanSummary, Severity } from "../model/finding.ts";
import type { Notification } from "../ports.ts";
import { type Unreached, unreachedKey } from "./audience.ts";
import { digestText } from "./digest-text.ts";
import type { FollowedFindings } from "./finding-states.ts";
import { count, printableAscii } from "./text.ts";
import type { UndoneChange } from "./undone.ts";

/** SNS takes 256 KiB for all forms of one message together, quoted as JSON; text and JSON stay under a half of that. */
const MAX_LISTED = 40;
const MAX_UNREADABLE = 20;
const MAX_REASON_CHARS = 200;

/** What Summarise leaves for Notify. */
export const Digest = z.object({
  subject: z.string().min(1).max(99),
  text: z.string(),
  json: z.unknown(),
  /** Findings that this digest tells of, with the status it tells. */
  told: z.array(z.object({ id: z.string(), status: z.enum(["open", "resolved"]) })),
  /** Ids of changes of which it tells that they were undone. */
  toldUndone: z.array(z.string()).default([]),
  /** Troubles with subscriptions that it tells of. */
  toldUnreached: z.array(z.string()).default([]),
});
export type Digest = z.infer<typeof Digest>;

/** What a deployed system tells beside the findings. */
export interface WatchedNews {
  readonly undone: readonly UndoneChange[];
  /** Changes that wait for somebody's decision. */
  readonly waiting: readonly Change[];
  readonly unreached: readonly Unreached[];
}

const NOTHING_WATCHED: WatchedNews = { undone: [], waiting: [], unreached: [] };

/** Composes the digest: ids, times and counts only, no message bodies (I7). */
export function composeDigest(
  { scan, paths }: Pick<FindingDocument, "scan" | "paths">,
  followed: FollowedFindings,
  watched: WatchedNews = NOTHING_WATCHED,
): Digest {
  const sorted = (states: readonly FindingState[]) =>
    states.toSorted((a, b) => byStrength(a.finding, b.finding));
  const news = sorted(followed.news);
  const continuing = sorted(followed.continuing);
  const resolved = sorted(followed.resolved);
  return {
    subject: subjectOf(scan, news, resolved.length, watched),
    text: digestText({ scan, paths, news, continuing, resolved, ...watched }),
    json: jsonOf(scan, { news, continuing, resolved }, watched),
    told: [...news, ...resolved].map(({ id, status }) => ({ id, status })),
    toldUndone: watched.undone.map(({ change }) => change.id),
    toldUnreached: watched.unreached.map(unreachedKey),
  };
}

/** The part of a digest that is sent. */
export function notificationOf({ subject, text, json }: Digest): Notification {
  return { subject, text, json };
}

function subjectOf(
  scan: ScanSummary,
  news: readonly FindingState[],
  resolved: number,
  { undone, unreached }: WatchedNews,
): string {
  const worst = Severity.options.find((severity) =>
    news.some(({ finding }) => finding.severity === severity),
  );
  const parts = [
    ...(news.length > 0 ? [`${count(news.length, "new finding")} (worst: ${worst})`] : []),
    ...(resolved > 0 ? [`${resolved} resolved`] : []),
    ...(undone.length > 0 ? [`${count(undone.length, "change")} undone`] : []),
    ...(unreached.length > 0 ? [`${unreached.length} not reached by mail`] : []),
  ];
  return printableAscii(`Doubletake: ${parts.join(", ")} in ${scan.account} ${scan.region}`).slice(0, 99);
}

function jsonOf(
  scan: ScanSummary,
  followed: Omit<FollowedFindings, "changed">,
  { undone, waiting, unreached }: WatchedNews,
) {
  const list = (states: readonly FindingState[]) => states.slice(0, MAX_LISTED).map(brief);
  return {
    schemaVersion: 1,
    kind: "doubletake.digest",
    scan: { id: scan.id, account: scan.account, region: scan.region, window: scan.window },
    counts: {
      new: followed.news.length,
      continuing: followed.continuing.length,
      resolved: followed.resolved.length,
      unreadable: scan.unreadable.length,
      waitingForApproval: waiting.length,
      unreached: unreached.length,
    },
    undone: undone.slice(0, MAX_LISTED).map(({ change, currentSeconds }) => ({
      changeId: change.id,
      queueArn: change.queueArn,
      set: change.plan.to,
      is: currentSeconds,
    })),
    new: list(followed.news),
    resolved: list(followed.resolved),
    unreadable: scan.unreadable
      .slice(0, MAX_UNREADABLE)
      .map(({ resource, reason }) => ({ resource, reason: reason.slice(0, MAX_REASON_CHARS) })),
  };
}

function brief({ finding }: FindingState) {
  const { id, source, queueArn, functionArns, cause, evidence, severity, counts, plan } = finding;
  const proposed = plan && { from: plan.from, to: plan.to, policy: plan.policy, hash: plan.hash };
  return {
    id,
    ...(source === undefined ? { queueArn } : { source }),
    functionArns: functionArns.slice(0, 5),
    cause,
    evidence,
    severity,
    counts,
    ...(proposed === undefined ? {} : { plan: proposed }),
  };
}
