// How a decision was taken, and how a change stands for whoever can decide nothing (more).
import type { Change, ChangeOutcome } from "../../../core/model/change.ts";
import { approvalsMissing, type Settled } from "../../../core/remediate/decide.ts";
import { duration, utcMinute } from "../../../core/remediate/words.ts";
import { decisionList, moreApprovals } from "./decisions.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { layout } from "./layout.ts";
import { changeFigure } from "./plan-view.ts";
import type { Answer } from "./response.ts";

const DAY_MS = 86_400_000;

/** @param watchedSeconds how long the effect is looked at. */
export function approved(change: Change, missing: number, watchedSeconds: number): Answer {
  const { plan } = change;
  const page =
    missing === 0
      ? about(
          change,
          "Approved: it goes ahead",
          html`The queue is read once more. Where all is as you saw it, its visibility timeout is raised from ${plan.from} s
to ${plan.to} s within minutes, and watched for ${duration(watchedSeconds)}. Everybody who gets the digest is told both
times. You can close this page.`,
        )
      : about(
          change,
          `Your approval counts: ${missing} more needed`,
          html`${moreApprovals(missing)} needed${byWhen(change)}. Nothing is changed before. You can close this page.`,
        );
  return { status: 200, result: "approved", page };
}

/** @param snoozeDays for how long a no is quiet. */
export const rejected = (change: Change, snoozeDays: number, nowMs: number): Answer => ({
  status: 200,
  result: "rejected",
  page: about(
    change,
    "Rejected: nothing is changed",
    html`Nothing is proposed for this queue until ${day(nowMs + snoozeDays * DAY_MS)}. You can close this page.`,
  ),
});

export const tooManyTries = (change: Change): Answer => ({
  status: 429,
  result: "too-many-tries",
  page: about(change, "Too many codes were tried", noMoreCodes()),
});

/** The last try was a wrong one too. */
export const lastWrongCode = (change: Change): Answer => ({
  status: 403,
  result: "wrong-code",
  page: about(change, "That was not the code, and no try is left", noMoreCodes()),
});

const noMoreCodes = (): Html =>
  html`Nothing was decided, and this link takes no more codes. Another approver can decide, or you with AWS credentials:
the command is in the mail.`;

export function settled({ kind, change }: Settled): Answer {
  switch (kind) {
    case "already-decided":
      return {
        status: 200,
        result: kind,
        page: about(change, "Already decided", html`${standing(change)} Nothing was added.`),
      };
    case "expired":
      return {
        status: 410,
        result: kind,
        page: about(
          change,
          "This request has expired",
          html`${change.decisions.length === 0 ? "Nobody decided" : "Too few decided"}${byWhen(change)}. Nothing was changed. Where a change
is still needed, a later scan proposes it again.`,
        ),
      };
    case "closed":
      return {
        status: 200,
        result: kind,
        page: about(change, "Nothing is left to decide", html`${standing(change)}`),
      };
  }
}

/** With the change it is about, and everybody's say. */
function about(change: Change, heading: string, text: Html): Html {
  const { decisions, queueName } = change;
  return layout({
    heading,
    content: html`
<p>${text}</p>
<h2>The request</h2>
<p>Visibility timeout of ${queueName}</p>
${changeFigure(change)}
${decisions.length === 0 ? NOTHING : html`<h2>Who has decided</h2>${decisionList(change)}`}`,
  });
}

function standing(change: Change): string {
  const { status, outcome, plan } = change;
  switch (status) {
    case "proposed":
      return "Nobody is asked yet.";
    case "waiting":
      return `${moreApprovals(approvalsMissing(change))} needed${byWhen(change)}; nothing is changed before.`;
    case "approved":
      return "It was approved and goes ahead.";
    case "rejected":
      return "It was rejected: nothing is changed.";
    case "applying":
      return `The visibility timeout is being set to ${plan.to} s.`;
    case "applied":
    case "confirmed":
      return `The visibility timeout was set to ${plan.to} s, and its effect is being watched.`;
    case "rolling-back":
      return `The change did harm: the visibility timeout is being set back to ${plan.from} s.`;
    case "closed":
      return outcome === undefined ? "It is closed." : OUTCOMES[outcome](change);
  }
}

const OUTCOMES: Readonly<Record<ChangeOutcome, (change: Change) => string>> = {
  superseded: () =>
    "Things had changed since it was proposed, so nothing was changed. Where a change is still needed, a later scan proposes another.",
  rejected: () => "It was rejected: nothing was changed.",
  expired: () => "It expired: nothing was changed.",
  better: ({ plan }) => `The visibility timeout was set to ${plan.to} s, and it helped.`,
  unchanged: ({ plan }) => `The visibility timeout was set to ${plan.to} s; no effect was seen.`,
  "not-enough-traffic": ({ plan }) =>
    `The visibility timeout was set to ${plan.to} s; too little happened to tell whether it helped.`,
  worse: ({ plan, rollBack }) =>
    rollBack === undefined || "refused" in rollBack
      ? "It did harm and was not rolled back: see the mail about it."
      : `It did harm and was rolled back to ${plan.from} s.`,
  overridden: ({ plan }) =>
    `The visibility timeout was set to ${plan.to} s, and somebody else has changed it since.`,
  failed: () => "It could not be finished: see the mail about it.",
};

const byWhen = ({ approval }: Change): string =>
  approval === undefined ? "" : ` by ${utcMinute(approval.expiresMs)}`;

const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
