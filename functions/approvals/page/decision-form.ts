// The form: a code that only the mail has, and a yes or a no. It carries neither link nor code, only the hash of the
// plan that is shown.
import type { Change } from "../../../core/model/change.ts";
import { type Html, html, NOTHING } from "./html.ts";

export interface FormState {
  /** False where only a no is possible. */
  readonly canApprove: boolean;
  /** Which field has to be looked at again, and why. */
  readonly problem?: { readonly field: "code" | "reason"; readonly text: string };
  /** As typed before. The code is not given back. */
  readonly reason: string;
  readonly snoozeDays: number;
}

// The first button is what the Enter key would press: disabled, so that a key struck too early decides nothing.
export const decisionForm = ({ plan }: Pick<Change, "plan">, state: FormState): Html => html`
<form method="post">
<button type="submit" disabled hidden></button>
<input type="hidden" name="plan" value="${plan.hash}">
<label for="code">Code from the mail</label>
<p class="hint" id="code-hint">Eight characters, below the link. Small letters and spaces do not matter.</p>
${errorOf(state, "code")}
<input id="code" name="code" type="text" inputmode="text" autocomplete="off" autocapitalize="characters" autocorrect="off"
spellcheck="false" maxlength="40" required ${describedBy(state, "code")}>
<label for="reason">Reason, for a no</label>
<p class="hint" id="reason-hint">A no needs one. Everybody who gets the digest can read it.</p>
${errorOf(state, "reason")}
<textarea id="reason" name="reason" rows="3" maxlength="500" autocomplete="off" ${describedBy(state, "reason")}>
${state.reason}</textarea>
<div class="buttons">
${state.canApprove ? html`<button type="submit" class="yes" name="verdict" value="approve">Approve ${plan.to} s</button>` : NOTHING}
<button type="submit" class="no" name="verdict" value="reject">Reject</button>
</div>
</form>
<p class="hint">A no changes nothing, and nothing is proposed for this queue for ${state.snoozeDays} days.</p>`;

type Field = "code" | "reason";

const errorOf = ({ problem }: FormState, field: Field): Html =>
  problem?.field === field
    ? html`<p class="error" id="${field}-error" role="alert">${problem.text}</p>`
    : NOTHING;

const describedBy = ({ problem }: FormState, field: Field): Html =>
  problem?.field === field
    ? html`aria-invalid="true" aria-describedby="${field}-error ${field}-hint"`
    : html`aria-describedby="${field}-hint"`;
