// The plan as a person needs it to decide: what, why, what was seen, what it costs, and what happens afterwards.
import { causeWords } from "../../../core/advise/cause-words.ts";
import type { Change } from "../../../core/model/change.ts";
import { boundWords, ownerWords, policyWords, tradeOffRows } from "../../../core/remediate/words.ts";
import { each, type Html, html, NOTHING } from "./html.ts";
import { proofView } from "./proof-view.ts";

/** From what to what, large. */
export const changeFigure = ({ plan }: Pick<Change, "plan">): Html => html`
<p class="change"><span>${plan.from} s</span> <span aria-hidden="true">→</span><span class="visually-hidden">becomes</span>
<b>${plan.to} s</b></p>`;

/** @param watched how long the effect is looked at, in words. */
export const planView = (change: Change, watched: string): Html => html`
${summary(change)}
<h2>What was seen</h2>
<p>${sentence(`${causeWords(change.finding).title} (${change.finding.evidence})`)}</p>
${change.finding.facts.length === 0 ? NOTHING : html`<ul>${each(change.finding.facts, (fact) => html`<li>${fact}</li>`)}</ul>`}
${proofView(change)}
<h2>What changes</h2>
${tradeOffs(change)}
<h2>Afterwards</h2>
<p>Messages in flight keep their old deadline; the new one counts after up to a minute. The effect is watched for
${watched} and told to everybody who gets the digest. The queue is rolled back to ${change.plan.from} s by itself if</p>
<ul>${each(boundWords(change.bounds), (bound) => html`<li>${bound}</li>`)}</ul>
${patches(change)}`;

const summary = (change: Change): Html => html`
<dl>
<dt>Queue</dt><dd>${change.queueName}<br><code class="soft">${change.queueArn}</code></dd>
<dt>${change.finding.functionArns.length === 1 ? "Function" : "Functions"}</dt>
<dd>${each(change.finding.functionArns, (arn) => html`<div>${functionName(arn)}<br><code class="soft">${arn}</code></div>`)}</dd>
<dt>Owner</dt><dd>${sentence(ownerWords(change))}</dd>
<dt>Change</dt><dd>VisibilityTimeout ${change.plan.from} → ${change.plan.to}, and nothing else</dd>
<dt>Why ${change.plan.to} s</dt><dd>${policyWords(change.plan)}</dd>
</dl>`;

const tradeOffs = ({ plan }: Change): Html => html`
<table>
<caption>What the change gives, and what it costs</caption>
<thead><tr><td></td><th scope="col">now</th><th scope="col">then</th></tr></thead>
<tbody>${each(
  tradeOffRows(plan),
  ({ what, now, after }) => html`
<tr><th scope="row">${what}</th><td>${now}</td><td>${after}</td></tr>`,
)}
</tbody>
</table>`;

const FORMS: readonly (readonly [form: string, title: string])[] = [
  ["cloudformation", "CloudFormation or SAM"],
  ["cdk", "CDK"],
  ["terraform", "Terraform"],
  ["serverless", "Serverless Framework"],
];

/** Without it the next deployment undoes what is approved here. */
function patches({ finding }: Change): Html {
  const patch = finding.advice.find(({ kind }) => kind === "raise-visibility-timeout")?.patch ?? {};
  const found = FORMS.flatMap(([form, title]) => {
    const source = patch[form];
    return source === undefined ? [] : [{ title, source }];
  });
  if (found.length === 0) return NOTHING;
  return html`
<h2>For the source that owns the queue</h2>
<p>Change it there too, or the next deployment undoes what is approved here.</p>
${each(
  found,
  ({ title, source }) => html`
<details><summary>${title}</summary><pre tabindex="0"><code>${source}</code></pre></details>`,
)}`;
}

const functionName = (arn: string): string => arn.split(":").slice(6).join(":") || arn;

const sentence = (text: string): string => `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}`;
