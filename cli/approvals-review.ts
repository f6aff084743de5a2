// One change as a person needs it to decide, in the order of the approval mail: how it stands, what is proposed, what
// was seen, what it costs, and who did what.
import { causeWords } from "../core/advise/cause-words.ts";
import type { ApprovalAnswer } from "../core/model/approval-commands.ts";
import type { Change } from "../core/model/change.ts";
import {
  boundWords,
  duration,
  ownerWords,
  policyWords,
  proofOf,
  tradeOffRows,
  utcMinute,
} from "../core/remediate/words.ts";
import { type Palette, palette } from "../report/colour.ts";
import { wrap } from "../report/text/wrap.ts";
import { renderTimeline } from "../report/timeline.ts";
import { paintStanding, votesText } from "./approvals-list.ts";
import { plainCopy } from "./approvals-plain.ts";
import { changedLines, decisionWords, standing } from "./approvals-words.ts";

export type Review = Extract<ApprovalAnswer, { readonly kind: "show" }>["review"];

const INDENT = "  ";
const LABEL = 10;
/** Narrower cells are hard to read: a list then takes the table's place. */
const MIN_CELL = 12;
/** Lines of prose longer than this are hard to read. */
const MAX_TEXT_COLUMNS = 110;

/** @returns the whole review, ending in a line break. */
export function renderReview(
  review: Review,
  options: { readonly columns: number; readonly colour: boolean },
): string {
  const colours = palette(options.colour);
  const columns = Math.min(Math.max(options.columns, 40), MAX_TEXT_COLUMNS);
  const plain = plainCopy(review);
  const { change } = plain;
  const sections = [
    heading(change, columns, colours),
    nowLines(plain, columns, colours),
    factLines(change, columns),
    titled("What was seen", seenLines(change, columns), colours),
    titled("What changes", tradeOffLines(change, columns), colours),
    titled("Rolled back by itself, if afterwards", itemLines(boundWords(change.bounds), columns), colours),
    titled("Decisions", decisionLines(change, columns), colours),
    titled("Effect", effectLines(change, columns), colours),
    titled("Requests so far (UTC)", auditLines(plain, columns), colours),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function heading(change: Change, columns: number, colours: Palette): string[] {
  const { queueName, plan } = change;
  const sentence = `${standing(change).replace(/^./, (letter) => letter.toUpperCase())}.`;
  return [
    ...wrap(`${queueName}: visibility timeout ${plan.from} s → ${plan.to} s`, columns).map(colours.bold),
    ...wrap(sentence, columns).map((line) => paintStanding(colours, change, line)),
  ];
}

function nowLines({ now }: Review, columns: number, colours: Palette): string[] {
  if (now === undefined) return [];
  if (now.kind === "same") {
    return wrap("Read again just now: the plan still fits, nothing has changed.", columns).map(colours.green);
  }
  return changedLines(now)
    .flatMap((line) =>
      wrap(line.trimStart(), columns, line.startsWith(INDENT) ? INDENT : "", INDENT.repeat(2)),
    )
    .map((line) => colours.bold(colours.red(line)));
}

function factLines(change: Change, columns: number): string[] {
  const { id, queueArn, finding, plan, scanId } = change;
  return [
    ...field("Change", id, columns),
    ...field("Queue", queueArn, columns),
    ...finding.functionArns.flatMap((arn) => field("Function", arn, columns)),
    ...field("Owner", ownerWords(change), columns),
    ...field("Proposed", `VisibilityTimeout ${plan.from} → ${plan.to}, and nothing else`, columns),
    ...field("Why", policyWords(plan), columns),
    ...field("Plan", `${plan.hash.slice(0, 16)}, made by scan ${scanId}`, columns),
  ];
}

function field(label: string, text: string, columns: number): string[] {
  const lines = wrap(text, columns, " ".repeat(LABEL));
  return lines.map((line, index) => (index === 0 ? label.padEnd(LABEL) + line.slice(LABEL) : line));
}

function seenLines(change: Change, columns: number): string[] {
  const { finding } = change;
  const lines = [`${causeWords(finding).title} (${finding.evidence}).`, ...finding.facts];
  return [...lines.flatMap((line) => wrap(line, columns, INDENT)), ...proofLines(change, columns)];
}

/** The two invocations that prove it best, and all deliveries of their message drawn to scale. */
function proofLines(change: Change, columns: number): string[] {
  const proof = proofOf(change);
  if (proof === undefined) return [];
  const example = change.finding.examples.find(({ messageId }) => messageId === proof.messageId);
  const indent = INDENT.repeat(2);
  const drawn = example === undefined ? [] : renderTimeline(example, columns - indent.length);
  const time = (iso: string | null) => (iso === null ? "?" : iso.slice(11, 23).replace(/Z$/, ""));
  return [
    ...wrap(`Message ${proof.messageId}`, columns, INDENT),
    ...drawn.map((line) => indent + line),
    ...proof.rows.flatMap(({ functionName, requestId, startedAt, endedAt, outcome }) => [
      ...wrap(
        `${functionName}, ${time(startedAt)} to ${time(endedAt)} UTC, ${outcome}`,
        columns,
        INDENT,
        indent,
      ),
      ...wrap(`request ${requestId}`, columns, indent),
    ]),
    ...(proof.overlapSeconds === undefined
      ? []
      : wrap(`Both were at work for ${duration(proof.overlapSeconds)}.`, columns, INDENT)),
  ];
}

function tradeOffLines({ plan }: Change, columns: number): string[] {
  const rows = [{ what: "", now: "now", after: "then" }, ...tradeOffRows(plan)];
  const whatWidth = Math.max(...rows.map(({ what }) => what.length));
  const nowWidth = Math.max(...rows.map(({ now }) => now.length));
  const left = INDENT.length + whatWidth + 2 + nowWidth + 2;
  if (left + MIN_CELL > columns) {
    return itemLines(
      tradeOffRows(plan).map(({ what, now, after }) => `${what}: ${now} → ${after}`),
      columns,
    );
  }
  return rows.flatMap(({ what, now, after }) => {
    const start = `${INDENT}${what.padEnd(whatWidth)}  ${now.padEnd(nowWidth)}  `;
    const [first = "", ...rest] = wrap(after, columns, " ".repeat(left));
    return [start + first.slice(left), ...rest];
  });
}

const itemLines = (items: readonly string[], columns: number): string[] =>
  items.flatMap((item) => wrap(`- ${item}`, columns, INDENT, INDENT.repeat(2)));

function decisionLines(change: Change, columns: number): string[] {
  const { approval, decisions } = change;
  const asked =
    approval === undefined
      ? []
      : [
          `asked on ${utcMinute(approval.askedMs)}: ${approval.approvers.join(", ") || "nobody by mail"}`,
          `expires on ${utcMinute(approval.expiresMs)}`,
          `approvals: ${votesText(change)}`,
        ];
  return itemLines([...asked, ...decisions.map(decisionWords)], columns);
}

function effectLines(
  { appliedMs, verdict, verdictReasons = [], rollBack }: Change,
  columns: number,
): string[] {
  const applied = appliedMs === undefined ? [] : [`applied on ${utcMinute(appliedMs)}`];
  const seen =
    verdict === undefined
      ? []
      : [`${verdict}${verdictReasons.length === 0 ? "" : `: ${verdictReasons.join("; ")}`}`];
  const rolledBack =
    rollBack === undefined
      ? []
      : [
          "refused" in rollBack
            ? `not rolled back: ${rollBack.refused}`
            : `rolled back on ${utcMinute(rollBack.atMs)}`,
        ];
  return itemLines([...applied, ...seen, ...rolledBack], columns);
}

function auditLines({ audit }: Review, columns: number): string[] {
  return audit.flatMap(({ atMs, method, approver, result }) => {
    const time = new Date(atMs).toISOString().slice(0, 19).replace("T", " ");
    const who = approver === undefined ? "" : `, ${approver}`;
    return wrap(`${time} ${method} ${result}${who}`, columns, INDENT, INDENT.repeat(2));
  });
}

function titled(title: string, lines: readonly string[], colours: Palette): string[] {
  return lines.length === 0 ? [] : [colours.bold(title), ...lines];
}
