// The two deliveries that prove it, in words and as two bars on one time line.
import type { Change } from "../../../core/model/change.ts";
import { duration, type Proof, proofOf } from "../../../core/remediate/words.ts";
import { each, type Html, html, NOTHING } from "./html.ts";

/** Units of the drawing's width. */
const WIDTH = 1000;
const BAR = 20;
/** Where the second one begins, from above. */
const SECOND_BAR = BAR + 8;

export function proofView(change: Pick<Change, "finding">): Html {
  const proof = proofOf(change);
  if (proof === undefined) return NOTHING;
  const { messageId, rows, overlapSeconds } = proof;
  return html`
<p>Message <code>${messageId}</code> went to two invocations:</p>
<ol>${each(
    rows,
    ({ requestId, functionName, startedAt, endedAt, outcome }) => html`
<li>${time(startedAt)} to ${time(endedAt)} UTC: ${functionName}, ${outcome}<br>
<span class="soft">request <code>${requestId}</code></span></li>`,
  )}
</ol>
${timeline(proof)}
${overlapSeconds === undefined ? NOTHING : html`<p><strong>Both were at work for ${duration(overlapSeconds)}.</strong></p>`}`;
}

const time = (iso: string | null): string => (iso === null ? "?" : iso.slice(11, 23));

/** Nothing where a time is not known: a bar of made-up length would prove what was not seen. */
function timeline({ rows, overlapSeconds }: Proof): Html {
  const runs = rows.flatMap(({ startedAt, endedAt }) =>
    startedAt === null || endedAt === null
      ? []
      : [{ start: Date.parse(startedAt), end: Date.parse(endedAt) }],
  );
  const [first, second] = runs;
  if (first === undefined || second === undefined) return NOTHING;
  const startMs = Math.min(first.start, second.start);
  const lengthMs = Math.max(first.end, second.end) - startMs;
  if (!(lengthMs > 0)) return NOTHING;
  const bar = ({ start, end }: { start: number; end: number }, y: number, look: string): Html => {
    const x = (ms: number) => Math.round(((ms - startMs) / lengthMs) * WIDTH);
    return html`<rect class="${look}" x="${x(start)}" y="${y}" width="${Math.max(2, x(end) - x(start))}" height="${BAR}"/>`;
  };
  const both = { start: Math.max(first.start, second.start), end: Math.min(first.end, second.end) };
  const isOverlap = overlapSeconds !== undefined && both.end > both.start;
  const label = isOverlap
    ? "Time line: the second invocation starts before the first one ends"
    : "Time line: the second invocation starts after the first one has ended";
  return html`
<svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${SECOND_BAR + BAR}" preserveAspectRatio="none">
${bar(first, 0, "run")}${bar(second, SECOND_BAR, "run")}
${isOverlap ? html`${bar(both, 0, "both")}${bar(both, SECOND_BAR, "both")}` : NOTHING}
</svg>`;
}
