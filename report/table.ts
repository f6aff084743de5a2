// The report for a terminal: the paths at a glance, then the findings by cause with the proof drawn, then what was
// not seen, then what the scan itself took. Few findings are told in full, with patches to paste; of many, each
// cause is explained once.
import { IDEMPOTENCY } from "../core/advise/cause-words.ts";
import type { Advice, Finding, FindingDocument } from "../core/model/finding.ts";
import { type Palette, paintSeverity, palette } from "./colour.ts";
import {
  type CauseGroup,
  countsText,
  overview,
  ownAdvice,
  type PathRow,
  planText,
  scanFigures,
  windowText,
} from "./overview.ts";
import { renderPaths } from "./path-table.ts";
import { formatBytes, formatUsd, pathName, plural, queueName } from "./text/format.ts";
import { plainLines, plainText } from "./text/sanitise.ts";
import { wrap } from "./text/wrap.ts";
import { overlaps, renderTimeline } from "./timeline.ts";

export interface TableOptions {
  /** Width of the terminal in characters. */
  readonly columns: number;
  readonly colour: boolean;
}

/** Healthy paths are counted, not listed, in accounts with more paths than this. */
const MAX_LISTED_PATHS = 40;
/** Lines of prose longer than this are hard to read. */
const MAX_TEXT_COLUMNS = 110;
const INDENT = "   ";
const IDEMPOTENT = `Wherever work is done twice: ${IDEMPOTENCY}`;
const MORE =
  "For all advice and patches to paste: scan with --queue NAME for one queue, or with --format markdown for all.";

/** @returns the whole report, ending in a line break. */
export function renderTable(document: FindingDocument, options: TableOptions): string {
  const colours = palette(options.colour);
  const { rows, groups, few, advisories, headline } = overview(document);
  const text = Math.min(Math.max(options.columns, 20), MAX_TEXT_COLUMNS);
  const sections: string[][] = [
    header(document, headline, text, colours),
    listPaths(rows, options.columns, colours),
    ...groups.map((group, index) => section(group, index + 1, few, text, colours)),
    ...(few ? [] : [[IDEMPOTENT, MORE].flatMap((each) => wrap(each, text))]),
    advisoryLines(advisories, text, colours),
    noteLines(rows, text, colours),
    unreadableLines(document, text, colours),
    footer(document, text, colours),
  ];
  const body = sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${body.join("\n\n")}\n`;
}

function header(document: FindingDocument, headline: string, columns: number, colours: Palette): string[] {
  const where = `Account ${plainText(document.scan.account)}, ${plainText(document.scan.region)}`;
  return [
    ...wrap(`${where}, ${windowText(document)}`, columns),
    ...wrap(headline, columns).map(colours.bold),
  ];
}

function listPaths(rows: readonly PathRow[], columns: number, colours: Palette): string[] {
  if (rows.length === 0) return ["No event source mapping reads from an SQS queue here."];
  if (rows.length <= MAX_LISTED_PATHS) return renderPaths(rows, columns, colours);
  const concerning = rows.filter((row) => row.verdict !== "healthy" || row.severity !== null);
  const hidden = rows.length - concerning.length;
  const rest = hidden === 0 ? [] : [colours.dim(`and ${plural(hidden, "healthy path")}`)];
  return [...(concerning.length === 0 ? [] : renderPaths(concerning, columns, colours)), ...rest];
}

function section(
  group: CauseGroup,
  number: number,
  few: boolean,
  columns: number,
  colours: Palette,
): string[] {
  const { words, cause, findings, clearest, shared } = group;
  const paragraph = (text: string) => wrap(text, columns, INDENT);
  const lines = [
    ...wrap(`${number}. ${cause}: ${words.title}`, columns, "", INDENT).map(colours.bold),
    ...paragraph(words.meaning),
  ];
  if (few) {
    for (const finding of findings) {
      lines.push("", ...inFull(finding, columns, colours), ...drawing(finding, columns, colours));
      lines.push(...adviceLines(ownAdvice(finding, group), finding, columns, colours));
    }
    const [first] = findings;
    if (first !== undefined && shared.length > 0) {
      lines.push("", ...adviceLines(shared, first, columns, colours));
    }
    return lines;
  }
  lines.push(...paragraph(`What to do: ${words.remedy}`).map(colours.cyan));
  if (clearest !== undefined) lines.push(...drawing(clearest, columns, colours));
  const grades = new Set<string>();
  for (const finding of findings) {
    const facts = grades.has(finding.evidence) ? countsText(finding) : finding.facts.join(" ");
    grades.add(finding.evidence);
    lines.push(...inShort(finding, facts, columns, colours));
  }
  return lines;
}

/** "orders (proven, critical)". The colour goes on afterwards, so that it counts for no width. */
function named(finding: Finding): string {
  return `- ${plainText(pathName(finding))} (${finding.evidence}, ${finding.severity})`;
}

function painted(lines: string[], { severity }: Finding, colours: Palette): string[] {
  const [first = "", ...rest] = lines;
  return [first.replace(` ${severity})`, ` ${paintSeverity(colours, severity)})`), ...rest];
}

function inShort(finding: Finding, facts: string | null, columns: number, colours: Palette): string[] {
  const { plan } = finding;
  const change = plan === undefined ? "" : ` Proposed timeout: ${plan.from} → ${plan.to} s.`;
  const text = plainText(`${(facts ?? "").replace(/[^.]$/, "$&.")}${change}`);
  return painted(wrap(`${named(finding)}: ${text}`, columns, INDENT, `${INDENT}  `), finding, colours);
}

function inFull(finding: Finding, columns: number, colours: Palette): string[] {
  const plan = planText(finding);
  const facts = finding.facts.map(plainText).join(" ");
  const indent = `${INDENT}  `;
  return [
    ...painted(wrap(`${named(finding)}: ${facts}`, columns, INDENT, indent), finding, colours),
    ...(plan === null ? [] : wrap(`Proposed: ${plan}.`, columns, indent).map(colours.cyan)),
    ...(finding.owner === undefined ? [] : wrap(ownerText(finding.owner), columns, indent)),
  ];
}

function ownerText({ stackName, logicalId }: NonNullable<Finding["owner"]>): string {
  return plainText(`Owned by stack ${stackName}${logicalId === undefined ? "" : ` (${logicalId})`}.`);
}

function adviceLines(
  advice: readonly Advice[],
  finding: Finding,
  columns: number,
  colours: Palette,
): string[] {
  return advice.flatMap(({ summary, patch = {} }) => {
    const [form, ...others] = formsFor(finding, patch);
    const lines = wrap(`→ ${plainText(summary)}`, columns, `${INDENT}  `, `${INDENT}    `);
    if (form === undefined) return lines;
    const also = others.length === 0 ? "" : `; --format markdown: ${others.join(", ")}`;
    return [
      ...lines,
      ...wrap(plainText(`${form}${also}`), columns, `${INDENT}    `).map(colours.dim),
      ...plainLines(patch[form] ?? "").map((line) => `${INDENT}      ${line}`.trimEnd()),
    ];
  });
}

/** Forms of a patch, the one that suits the owner of the queue first: what no stack owns is likely Terraform's. */
function formsFor({ owner }: Finding, patch: Readonly<Record<string, string>>): string[] {
  const suits = owner === undefined ? "terraform" : "cloudformation";
  return Object.keys(patch).toSorted((a, b) => Number(b === suits) - Number(a === suits));
}

function drawing(finding: Finding, columns: number, colours: Palette): string[] {
  const example = finding.examples[0];
  if (example === undefined) return [];
  const rows = renderTimeline(example, columns - INDENT.length * 2);
  if (rows.length === 0) return [];
  const kind = finding.source === "async" ? "id" : (KEY_KINDS[finding.cause] ?? "message");
  const legend = overlaps(example) ? " (█ both at work)" : "";
  const title = `${plainText(pathName(finding))}, ${kind} ${plainText(example.messageId)}${legend}`;
  return [
    ...wrap(title, columns, `${INDENT}  `).map(colours.dim),
    ...rows.map((row) => `${INDENT}${INDENT}${row.replace(/█+/g, (bar) => colours.red(bar))}`),
  ];
}

/** What an example's id names where it is no message. */
const KEY_KINDS: Readonly<Partial<Record<Finding["cause"], string>>> = {
  "producer-duplicate": "id",
  "async-retry": "request",
};

function advisoryLines(advisories: readonly Finding[], columns: number, colours: Palette): string[] {
  if (advisories.length === 0) return [];
  return [
    colours.bold("Below AWS's recommendation, nothing seen"),
    ...advisories.flatMap((finding) => {
      const what = finding.advice[0]?.summary ?? finding.explanation;
      return wrap(`- ${plainText(pathName(finding))}: ${plainText(what)}`, columns, INDENT, `${INDENT}  `);
    }),
  ];
}

function noteLines(rows: readonly PathRow[], columns: number, colours: Palette): string[] {
  const noted = rows.filter((row) => row.note !== null);
  if (noted.length === 0) return [];
  return [
    colours.bold("Notes"),
    ...noted.flatMap((row) => wrap(`- ${row.queue}: ${row.note}`, columns, INDENT, `${INDENT}  `)),
  ];
}

function unreadableLines(document: FindingDocument, columns: number, colours: Palette): string[] {
  const { unreadable } = document.scan;
  if (unreadable.length === 0) return [];
  return [
    colours.bold(colours.yellow("Could not be read")),
    ...unreadable.flatMap(({ resource, reason }) =>
      wrap(`- ${plainText(resource)}: ${plainText(reason)}`, columns, INDENT, `${INDENT}  `),
    ),
  ];
}

function footer(document: FindingDocument, columns: number, colours: Palette): string[] {
  const { scan } = document;
  const sampled =
    scan.sampledQueues.length === 0
      ? []
      : wrap(
          `Sampled with ReceiveMessage, which raises receive counts: ${scan.sampledQueues.map((arn) => plainText(queueName(arn))).join(", ")}.`,
          columns,
        );
  const figures = `This scan: ${scanFigures(document)}, ${formatBytes(scan.logBytesScanned)} of logs read, about ${formatUsd(scan.estimatedCostUsd)}.`;
  return [...sampled, ...wrap(figures, columns)].map(colours.dim);
}
