// Who has decided so far, and how many more it takes.
import type { Change, Decision } from "../../../core/model/change.ts";
import { utcMinute } from "../../../core/remediate/words.ts";
import { each, type Html, html, NOTHING } from "./html.ts";

const IAM = /^iam:/;

export const decisionList = ({ decisions }: Pick<Change, "decisions">): Html =>
  decisions.length === 0
    ? NOTHING
    : html`<ul>${each(decisions, (one) => html`<li>${decisionOf(one)}</li>`)}</ul>`;

const decisionOf = ({ approver, verdict, reason, atMs }: Decision): Html => html`
${approverWords(approver)} ${verdict === "approve" ? "approved" : "rejected"}, ${utcMinute(atMs)}
${reason === undefined ? NOTHING : html`<blockquote>${reason}</blockquote>`}`;

/** Whoever came by command line is named as they named themselves. */
const approverWords = (approver: string): string =>
  IAM.test(approver) ? `${approver.replace(IAM, "")} (command line)` : approver;

/** "1 more approval is", "2 more approvals are". */
export const moreApprovals = (missing: number): string =>
  missing === 1 ? "1 more approval is" : `${missing} more approvals are`;
