// Answers of the approvals function as sentences, and the exit codes that go with them.
import type { ApprovalAnswer } from "../core/model/approval-commands.ts";
import type { Change, Decision } from "../core/model/change.ts";
import { approvalsMissing } from "../core/remediate/decide.ts";
import { utcMinute } from "../core/remediate/words.ts";
import { plural } from "../report/text/format.ts";
import { plainCopy } from "./approvals-plain.ts";
import { EXIT } from "./io.ts";

/** Whatever answers a decision, a pause or a resume. */
export type Ruling = Exclude<ApprovalAnswer, { readonly kind: "list" | "show" }>;

/** Nothing was decided: too late, or the plan is another one. */
export const NOT_DECIDED = EXIT.findings;

export function exitCodeOf({ kind }: ApprovalAnswer): number {
  switch (kind) {
    case "list":
    case "show":
    case "paused":
    case "approved":
    case "rejected":
      return EXIT.ok;
    case "unknown":
    case "already-decided":
    case "expired":
    case "closed":
    case "changed":
      return NOT_DECIDED;
  }
}

/** Lines for a terminal; the first says what came of it. */
export function rulingLines(ruling: Ruling): string[] {
  const answer = plainCopy(ruling);
  switch (answer.kind) {
    case "paused":
      return [answer.paused ? PAUSED : "Resumed: changes are proposed and applied again."];
    case "unknown":
      return ["There is no such change any more."];
    case "approved":
      return [approvedSentence(answer.change, answer.missing)];
    case "rejected":
      return [
        `Rejected: nothing is changed on ${answer.change.queueName}, and nothing is proposed for it for a while.`,
      ];
    case "already-decided":
      return [`Already decided: ${decidedWords(answer.change)}. This changes nothing.`];
    case "expired":
      return [expiredSentence(answer.change)];
    case "closed":
      return [`Nothing to decide: ${standing(answer.change)}.`];
    case "changed":
      return changedLines(answer.now);
  }
}

export const PAUSED =
  'PAUSED: nothing is proposed and nothing is applied until "doubletake approvals resume"; what was applied is still watched and rolled back.';

function approvedSentence({ queueName, plan, approval }: Change, missing: number): string {
  if (missing === 0) {
    return `Approved: it goes ahead. Once everything was read again, the visibility timeout of ${queueName} goes from ${plan.from} s to ${plan.to} s, and its effect is watched.`;
  }
  const until = approval === undefined ? "" : ` until ${utcMinute(approval.expiresMs)}`;
  return `Approved: ${neededWords(missing)}${until}. All who decide by command line count as one approver.`;
}

const neededWords = (missing: number): string =>
  `${plural(missing, "more approval")} ${missing === 1 ? "is" : "are"} needed`;

/** "approved by ann@example.com on 2026-11-23 18:00 UTC". */
export function decisionWords({ verdict, approver, atMs, reason }: Decision): string {
  const why = reason === undefined ? "" : `: ${reason}`;
  return `${verdict === "approve" ? "approved" : "rejected"} by ${approver} on ${utcMinute(atMs)}${why}`;
}

/** By whom and when, and whether that was enough. */
function decidedWords(change: Change): string {
  const missing = change.status === "waiting" ? approvalsMissing(change) : 0;
  return [...change.decisions.map(decisionWords), ...(missing > 0 ? [neededWords(missing)] : [])].join("; ");
}

function expiredSentence({ queueName, approval }: Change): string {
  const when = approval === undefined ? "" : ` on ${utcMinute(approval.expiresMs)}`;
  return `Expired${when}: nothing was changed on ${queueName}. Where the change is still needed, a later scan proposes it again.`;
}

/** What differs is for the plan as shown; `unreadable` has nothing to compare. */
export function changedLines(now: Extract<ApprovalAnswer, { readonly kind: "changed" }>["now"]): string[] {
  switch (now.kind) {
    case "same":
      return ["Nothing was decided: what was shown is not what is proposed."];
    case "unreadable":
      return [
        `Nothing can be approved: it cannot be read whether the plan still fits: ${now.reason.replace(/\.$/, "")}.`,
      ];
    case "paused":
      return ['Nothing can be approved while Doubletake is paused: "doubletake approvals resume" ends that.'];
    case "changed":
      return [
        now.differences.length === 0
          ? `Nothing can be approved: the plan no longer fits: ${now.reason.replace(/\.$/, "")}.`
          : "Nothing can be approved: the plan no longer fits.",
        ...now.differences.map(({ what, was, is }) => `  - ${what}: was ${was}, is ${is}`),
      ];
  }
}

/** How a change stands, as a clause. */
export function standing(change: Change): string {
  const { status, outcome, outcomeReason, closedMs, approval, observation, mode } = change;
  switch (status) {
    case "proposed":
      return mode === "auto" ? "it is applied without asking anybody" : "nobody was asked yet";
    case "waiting": {
      const until = approval === undefined ? "" : ` until ${utcMinute(approval.expiresMs)}`;
      return `it waits for a decision${until}; ${neededWords(approvalsMissing(change))}`;
    }
    case "approved":
      return "it was approved and is about to be applied";
    case "rejected":
      return "it was rejected and is about to be closed";
    case "applying":
      return "it is being applied";
    case "applied":
      return "it was applied, and the queue is about to be read again";
    case "confirmed":
      return `it was applied and is watched${observation === undefined ? "" : ` until ${utcMinute(observation.endMs)}`}`;
    case "rolling-back":
      return "it is being rolled back";
    case "closed": {
      const when = closedMs === undefined ? "" : ` on ${utcMinute(closedMs)}`;
      const why = outcomeReason === undefined ? "" : `: ${outcomeReason}`;
      return `it was closed${when}, ${outcome === undefined ? "outcome not known" : outcomeWords(change)}${why}`;
    }
  }
}

/** Status or outcome in a word or a few. */
export function outcomeWords({
  status,
  outcome,
  rollBack,
}: Pick<Change, "status" | "outcome" | "rollBack">): string {
  const word = outcome ?? status;
  if (rollBack === undefined) return word;
  return `${word}, ${"refused" in rollBack ? "not rolled back" : "rolled back"}`;
}
