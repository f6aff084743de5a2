// The request for approval itself: the plan as it is now, and the form.
import type { ApprovalLink, Change } from "../../../core/model/change.ts";
import { MOST_TRIES } from "../../../core/remediate/approval-link.ts";
import { approvalsMissing } from "../../../core/remediate/decide.ts";
import type { Difference } from "../../../core/remediate/differences.ts";
import type { RemediationSettings } from "../../../core/remediate/live-plan.ts";
import type { PlanNow } from "../../../core/remediate/review.ts";
import { duration, utcMinute } from "../../../core/remediate/words.ts";
import { decisionForm, type FormState } from "./decision-form.ts";
import { decisionList } from "./decisions.ts";
import { each, type Html, html, NOTHING } from "./html.ts";
import { layout } from "./layout.ts";
import { changeFigure, planView } from "./plan-view.ts";

export interface RequestView {
  readonly change: Change;
  readonly link: Pick<ApprovalLink, "approver" | "tries">;
  readonly now: PlanNow;
  readonly nowMs: number;
  readonly settings: RemediationSettings;
  /** What was sent and could not be taken; absent where nothing was. */
  readonly refused?: Refused;
}

export interface Refused {
  readonly heading: string;
  /** What to do, a sentence or two; empty where the plan's own notice says it. */
  readonly text: string;
  /** Field that has to be looked at again. */
  readonly field?: "code" | "reason";
  /** As typed before. */
  readonly reason: string;
}

/** After a refusal the form comes first: whoever filled it in has read the plan. */
export function requestPage(view: RequestView): Html {
  const { change, now, refused, settings } = view;
  const plan = planView(change, duration(settings.change.observationMinutes * 60));
  const heading = refused?.heading ?? `Raise the visibility timeout of ${change.queueName}?`;
  const content =
    refused === undefined
      ? html`${changeFigure(change)}${deadline(view)}${noticeOf(now)}${plan}${decision(view)}`
      : html`${refusal(refused)}${changeFigure(change)}${noticeOf(now)}${decision(view)}<h2>The plan for ${change.queueName}</h2>${plan}`;
  return layout({ heading, content });
}

const deadline = ({ change: { approval }, nowMs }: RequestView): Html =>
  approval === undefined
    ? NOTHING
    : html`
<p>Nothing is changed unless you say so. The request expires on <strong>${utcMinute(approval.expiresMs)}</strong>, in
${duration((approval.expiresMs - nowMs) / 1000)}, and changes nothing then. <a href="#decision">To the decision</a></p>`;

/** With a field to blame the field has the words. */
const refusal = ({ field, text }: Refused): Html =>
  field === undefined && text !== "" ? html`<p class="notice" role="alert">${text}</p>` : NOTHING;

function noticeOf(now: PlanNow): Html {
  switch (now.kind) {
    case "same":
      return NOTHING;
    case "unreadable":
      return html`
<div class="notice" role="alert"><p><strong>This cannot be approved just now.</strong> The queue, or a function that
consumes it, could not be read, and so nobody can tell whether the plan still fits. Open the link again later.</p></div>`;
    case "paused":
      return html`
<div class="notice" role="alert"><p><strong>This cannot be approved just now: Doubletake is paused.</strong> Nothing is
changed until somebody resumes it. Open the link again then.</p></div>`;
    case "changed":
      return html`
<div class="notice" role="alert"><p><strong>This can no longer be approved: things have changed since it was
proposed.</strong> Where a change is still needed, a later scan proposes another.</p>
${now.differences.length === 0 ? html`<p>Now: ${now.reason}.</p>` : differences(now.differences)}</div>`;
  }
}

const differences = (found: readonly Difference[]): Html => html`
<table>
<caption>What is different</caption>
<thead><tr><td></td><th scope="col">was</th><th scope="col">is</th></tr></thead>
<tbody>${each(
  found,
  ({ what, was, is }) => html`
<tr><th scope="row">${what}</th><td><del>${was}</del></td><td><ins>${is}</ins></td></tr>`,
)}
</tbody>
</table>`;

function decision(view: RequestView): Html {
  const { change, link, now, refused, settings } = view;
  const quorum = change.approval?.quorum ?? 1;
  const given = quorum - approvalsMissing(change);
  const state: FormState = {
    canApprove: now.kind === "same",
    reason: refused?.reason ?? "",
    snoozeDays: settings.change.snoozeDays,
    ...(refused?.field === undefined ? {} : { problem: { field: refused.field, text: refused.text } }),
  };
  return html`
<h2 id="decision">Your decision</h2>
<p>You decide as ${link.approver}. ${given} of ${quorum} ${quorum === 1 ? "approval" : "approvals"} so far; one no is
enough to reject it.</p>
${decisionList(change)}
${link.tries < MOST_TRIES ? decisionForm(change, state) : html`<p class="notice">This link takes no more codes: too many were tried. Another approver can decide, or you by the command line in the mail.</p>`}`;
}
