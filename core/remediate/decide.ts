// A decision: checked, counted once, noted in the ledger, and only then told to the waiting workflow (I5).
import { timingSafeEqual } from "node:crypto";
import { AppError } from "../errors.ts";
import type { ApprovalLink, Change, Decision } from "../model/change.ts";
import { hashOfCode, hashOfLinkId, MOST_TRIES, normaliseCode } from "./approval-link.ts";
import { updateChange } from "./changes.ts";
import type { RemediationSettings } from "./live-plan.ts";
import type { RemediationPorts } from "./ports.ts";
import { type PlanNow, planNow } from "./review.ts";

/** Prefix of approvers that came by command line: Lambda does not learn who invokes it, so they count as one. */
const IAM = "iam:";
const LONGEST_REASON = 500;

type DecidePorts = Pick<RemediationPorts, "changes" | "mappings" | "queues" | "callbacks" | "nowMs">;

/** How a change stands for whoever can decide nothing (more). */
export type Settled =
  /** By whom and when is in the change's decisions. */
  | { readonly kind: "already-decided"; readonly change: Change }
  | { readonly kind: "expired"; readonly change: Change }
  /** Closed without a decision of theirs: superseded, failed. */
  | { readonly kind: "closed"; readonly change: Change };

export type DecisionResult =
  | Settled
  /** `missing` = approvals still needed; 0 = it goes ahead. */
  | { readonly kind: "approved"; readonly change: Change; readonly missing: number }
  | { readonly kind: "rejected"; readonly change: Change }
  | { readonly kind: "code-missing"; readonly change: Change }
  | { readonly kind: "reason-missing"; readonly change: Change }
  | { readonly kind: "wrong-code"; readonly change: Change; readonly triesLeft: number }
  | { readonly kind: "too-many-tries"; readonly change: Change }
  /** The plan is another one by now, or was not the one shown: nothing was decided (I3). */
  | { readonly kind: "changed"; readonly change: Change; readonly now: PlanNow }
  | { readonly kind: "unknown" };

export interface Vote {
  readonly verdict: "approve" | "reject";
  /** Needed to reject. */
  readonly reason: string;
  /** Hash of the plan that was shown. */
  readonly planHash: string;
}

/** A link and the change it is for; undefined for an unknown one. */
export async function findByLink(
  { changes }: Pick<RemediationPorts, "changes">,
  linkId: string,
): Promise<{ readonly link: ApprovalLink; readonly change: Change } | undefined> {
  const link = await changes.getLink(hashOfLinkId(linkId));
  const change = link && (await changes.get(link.changeId));
  return change === undefined || link === undefined ? undefined : { link, change };
}

/** Why this approver can decide nothing (more); undefined where they can. */
export function settledFor(change: Change, approver: string, nowMs: number): Settled | undefined {
  const { status, outcome, approval, decisions } = change;
  if (outcome === "expired") return { kind: "expired", change };
  const isDecided =
    decisions.some(({ verdict }) => verdict === "reject") || approvalsMissing({ approval, decisions }) === 0;
  if (isDecided || decisions.some((one) => one.approver === approver)) {
    return { kind: "already-decided", change };
  }
  if (status !== "waiting" || approval === undefined) return { kind: "closed", change };
  return nowMs >= approval.expiresMs ? { kind: "expired", change } : undefined;
}

/** @param linkId as in the link; @param code as typed. */
export async function decideByLink(
  ports: DecidePorts,
  settings: RemediationSettings,
  { linkId, code, ...vote }: Vote & { readonly linkId: string; readonly code: string },
): Promise<DecisionResult> {
  const found = await findByLink(ports, linkId);
  if (found === undefined) return { kind: "unknown" };
  const { link, change } = found;
  const settled = settledFor(change, link.approver, ports.nowMs());
  if (settled !== undefined) return settledAgain(ports, settled);
  // What no person would send costs no try: a scanner that submits the form locks nobody out.
  if (normaliseCode(code) === "") return { kind: "code-missing", change };
  if (vote.verdict === "reject" && vote.reason.trim() === "") return { kind: "reason-missing", change };
  if (!(await ports.changes.countTry(link.idHash, MOST_TRIES))) return { kind: "too-many-tries", change };
  if (!isSame(hashOfCode(linkId, code), link.codeHash)) {
    const tries = (await ports.changes.getLink(link.idHash))?.tries ?? MOST_TRIES;
    return { kind: "wrong-code", change, triesLeft: Math.max(0, MOST_TRIES - tries) };
  }
  return decide(ports, settings, change, link.approver, vote);
}

/** @param principal as the command line states it: who may invoke the function is for IAM to say. */
export async function decideByIam(
  ports: DecidePorts,
  settings: RemediationSettings,
  { changeId, principal, ...vote }: Vote & { readonly changeId: string; readonly principal: string },
): Promise<DecisionResult> {
  const change = await ports.changes.get(changeId);
  if (change === undefined) return { kind: "unknown" };
  const approver = `${IAM}${principal}`;
  const settled = settledFor(change, approver, ports.nowMs());
  if (settled !== undefined) return settledAgain(ports, settled);
  if (vote.verdict === "reject" && vote.reason.trim() === "") return { kind: "reason-missing", change };
  return decide(ports, settings, change, approver, vote);
}

async function decide(
  ports: DecidePorts,
  settings: RemediationSettings,
  change: Change,
  approver: string,
  vote: Vote,
): Promise<DecisionResult> {
  if (vote.verdict === "approve") {
    const now = await planNow(ports, settings, change);
    if (now.kind !== "same") return { kind: "changed", change, now };
    if (vote.planHash !== change.plan.hash) {
      const reason = "what was shown is not what is proposed";
      return { kind: "changed", change, now: { kind: "changed", reason, differences: [] } };
    }
  }
  const atMs = ports.nowMs();
  const decision: Decision = {
    approver,
    verdict: vote.verdict,
    ...(vote.verdict === "reject" ? { reason: vote.reason.trim().slice(0, LONGEST_REASON) } : {}),
    atMs,
  };
  let counted = false;
  const decided = await updateChange(ports.changes, change.id, (latest) => {
    counted = settledFor(latest, approver, atMs) === undefined;
    if (!counted) return undefined;
    const next = { ...latest, decisions: [...latest.decisions, decision] };
    if (vote.verdict === "reject") return { ...next, status: "rejected" };
    return approvalsMissing(next) === 0 ? { ...next, status: "approved" } : next;
  });
  const settled = counted ? undefined : settledFor(decided, approver, atMs);
  if (settled !== undefined) return settled;
  await wake(ports, decided);
  return vote.verdict === "reject"
    ? { kind: "rejected", change: decided }
    : { kind: "approved", change: decided, missing: approvalsMissing(decided) };
}

/** All principals of the command line count as one approver. */
export function approvalsMissing({ approval, decisions }: Pick<Change, "approval" | "decisions">): number {
  const approvers = decisions
    .filter(({ verdict }) => verdict === "approve")
    .map(({ approver }) => (approver.startsWith(IAM) ? IAM : approver));
  return Math.max(0, (approval?.quorum ?? 1) - new Set(approvers).size);
}

/** Somebody who asks again helps a workflow that could not be told the first time. */
async function settledAgain(ports: DecidePorts, settled: Settled): Promise<Settled> {
  await wake(ports, settled.change);
  return settled;
}

/**
 * Wakes the workflow once there is something to go on with. That it could not be told undoes no decision: it is in
 * the ledger, and the workflow finds it there at the latest when the request expires.
 */
async function wake({ changes, callbacks }: DecidePorts, { id, status }: Change): Promise<void> {
  if (status !== "approved" && status !== "rejected") return;
  try {
    // One of them waits; the others are over, and waking those does nothing.
    for (const token of await changes.listTaskTokens(id)) await callbacks.wake(token);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
