// The report for a terminal: the paths at a glance, then each finding with its proof drawn, then what was not
// seen, then what the scan itself took.
import type { Finding, FindingDocument } from "../core/model/finding.ts";
import { type Palette, paintSeverity, palette } from "./colour.ts";
import { overview, type PathRow, planText, scanFigures, windowText } from "./overview.ts";
import { renderPaths } from "./path-table.ts";
import { formatBytes, formatUsd, plural, queueName } from "./text/format.ts";
import { plainText } from "./text/sanitise.ts";
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

/** @returns the whole report, ending in a line break. */
export function renderTable(document: FindingDocument, options: TableOptions): string {
  const colours = palette(options.colour);
  const { rows, findings, advisories, headline } = overview(document);
  const text = Math.min(Math.max(options.columns, 20), MAX_TEXT_COLUMNS);
  const given = new Map<string, number>();
  const sections: string[][] = [
    header(document, headline, text, colours),
    listPaths(rows, options.columns, colours),
    ...findings.map((finding, index) => section(finding, index + 1, given, text, colours)),
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

/** @param given advice given so far, by its text, with the number of the finding that gave it. */
function section(
  finding: Finding,
  number: number,
  given: Map<string, number>,
  columns: number,
  colours: Palette,
): string[] {
  const grade = `${finding.evidence}, ${paintSeverity(colours, finding.severity)}`;
  const title = `${number}. ${plainText(queueName(finding.queueArn))}: ${finding.cause}`;
  const indented = (words: string) => wrap(plainText(words), columns, INDENT);
  const lines = [`${colours.bold(title)} (${grade})`, ...indented(finding.explanation)];
  lines.push(...drawing(finding, columns, colours));
  const plan = planText(finding);
  if (plan !== null) lines.push(...wrap(`Proposed: ${plan}.`, columns, INDENT).map(colours.cyan));
  lines.push(...adviceLines(finding, number, given, columns));
  if (finding.owner !== undefined) {
    const logicalId = finding.owner.logicalId === undefined ? "" : ` (${finding.owner.logicalId})`;
    lines.push(...indented(`Owned by stack ${finding.owner.stackName}${logicalId}.`));
  }
  return lines;
}

/** Advice that an earlier finding has given in full is only referred to. */
function adviceLines(
  finding: Finding,
  number: number,
  given: Map<string, number>,
  columns: number,
): string[] {
  const repeated = finding.advice.filter(({ summary }) => given.has(summary));
  const fresh = finding.advice.filter(({ summary }) => !given.has(summary));
  for (const { summary } of fresh) given.set(summary, number);
  const items = fresh.map(({ summary }) => plainText(summary));
  if (repeated.length > 0) {
    const where = [...new Set(repeated.map(({ summary }) => given.get(summary)))].join(" and ");
    items.push(`Also ${repeated.map(({ kind }) => plainText(kind)).join(", ")}: see ${where}.`);
  }
  return items.flatMap((item) => wrap(`- ${item}`, columns, INDENT, `${INDENT}  `));
}

function drawing(finding: Finding, columns: number, colours: Palette): string[] {
  const example = finding.examples[0];
  if (example === undefined) return [];
  const rows = renderTimeline(example, columns - INDENT.length * 2);
  if (rows.length === 0) return [];
  const kind = finding.cause === "producer-duplicate" ? "id" : "message";
  const legend = overlaps(example) ? " (█ both at work)" : "";
  return [
    "",
    ...wrap(`${kind} ${plainText(example.messageId)}${legend}`, columns, INDENT).map(colours.dim),
    ...rows.map((row) => `${INDENT}${INDENT}${row.replace(/█+/g, (bar) => colours.red(bar))}`),
    "",
  ];
}

function advisoryLines(advisories: readonly Finding[], columns: number, colours: Palette): string[] {
  if (advisories.length === 0) return [];
  return [
    colours.bold("Below AWS's recommendation, nothing seen"),
    ...advisories.flatMap((finding) => {
      const what = finding.advice[0]?.summary ?? finding.explanation;
      return wrap(
        `- ${plainText(queueName(finding.queueArn))}: ${plainText(what)}`,
        columns,
        INDENT,
        `${INDENT}  `,
      );
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
