// The report for a pull request, an issue or a wiki: GitHub-flavoured Markdown, everything foreign escaped.
import type { Advice, Finding, FindingDocument } from "../core/model/finding.ts";
import {
  type CauseGroup,
  overview,
  ownAdvice,
  type PathRow,
  planText,
  scanFigures,
  windowText,
} from "./overview.ts";
import { formatBytes, formatUsd, pathName, queueName } from "./text/format.ts";
import { codeBlock, codeSpan, escapeMarkdown, plainLines, plainText } from "./text/sanitise.ts";
import { overlaps, renderTimeline } from "./timeline.ts";

/** A code block on a page shows about this many characters without a scroll bar. */
const TIMELINE_COLUMNS = 100;

/** @returns the whole report, ending in a line break. */
export function renderMarkdown(document: FindingDocument): string {
  const { rows, groups, few, advisories, headline } = overview(document);
  const { scan } = document;
  const blocks = [
    "# Duplicate deliveries from SQS to Lambda",
    `Account ${codeSpan(scan.account)}, ${codeSpan(scan.region)}, ${windowText(document)}.`,
    `**${headline}.**`,
    ...(rows.length === 0 ? [] : [pathTable(rows)]),
    ...groups.flatMap((group) => section(group, few)),
    ...list(
      "Below AWS's recommendation, nothing seen",
      advisories.map((finding) => {
        const what = finding.advice[0]?.summary ?? finding.explanation;
        return `${codeSpan(pathName(finding))}: ${escapeMarkdown(what)}`;
      }),
    ),
    ...list(
      "Notes",
      rows.flatMap((row) =>
        row.note === null ? [] : [`${codeSpan(row.queue)}: ${escapeMarkdown(row.note)}`],
      ),
    ),
    ...list(
      "Could not be read",
      scan.unreadable.map(({ resource, reason }) => `${codeSpan(resource)}: ${escapeMarkdown(reason)}`),
    ),
    ...list(
      "Sampled with ReceiveMessage (which raises receive counts)",
      scan.sampledQueues.map((arn) => codeSpan(queueName(arn))),
    ),
    `<sub>This scan: ${scanFigures(document)}, ${formatBytes(scan.logBytesScanned)} of logs read, about ${escapeMarkdown(formatUsd(scan.estimatedCostUsd))}.</sub>`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

function pathTable(rows: readonly PathRow[]): string {
  const header = ["Queue", "Function", "Verdict", "Cause", "Evidence", "Messages", "Visibility timeout"];
  const lines = rows.map((row) => [
    codeSpan(row.queue),
    row.functions.map(codeSpan).join("<br>"),
    row.verdict,
    row.more === 0 ? row.cause : `${row.cause} +${row.more}`,
    row.evidence,
    escapeMarkdown(row.messages),
    row.timeout,
  ]);
  return [header, header.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function section(group: CauseGroup, few: boolean): string[] {
  const { words, cause, findings, clearest, shared } = group;
  return [
    `## ${cause}: ${escapeMarkdown(words.title)}`,
    escapeMarkdown(words.meaning),
    ...(few ? [] : [`**What to do:** ${escapeMarkdown(words.remedy)}`]),
    ...findings.flatMap((finding) => queueBlocks(finding, group, few || finding === clearest)),
    ...(findings.length > 1 && shared.length > 0 ? ["### For all of these queues"] : []),
    ...shared.flatMap(adviceBlocks),
  ];
}

function queueBlocks(finding: Finding, group: CauseGroup, drawn: boolean): string[] {
  const plan = planText(finding);
  return [
    `### ${codeSpan(pathName(finding))}`,
    `*${finding.evidence}, ${finding.severity}.* ${escapeMarkdown(finding.facts.join(" "))}`,
    ...(drawn ? drawing(finding) : []),
    ...(plan === null ? [] : [`**Proposed:** ${escapeMarkdown(plan)}.`]),
    ...ownAdvice(finding, group).flatMap(adviceBlocks),
    ...owner(finding),
  ];
}

function drawing(finding: Finding): string[] {
  const example = finding.examples[0];
  if (example === undefined) return [];
  const rows = renderTimeline(example, TIMELINE_COLUMNS);
  if (rows.length === 0) return [];
  const legend = overlaps(example) ? "  (█ both at work)" : "";
  return [codeBlock([`${plainText(example.messageId)}${legend}`, ...rows], "text")];
}

function adviceBlocks(advice: Advice): string[] {
  const patches = Object.entries(advice.patch ?? {});
  const snippets = patches.flatMap(([form, snippet]) => [
    `<details><summary>${form.replace(/[^\w .-]/g, "")}</summary>`,
    codeBlock(plainLines(snippet), FENCE_LANGUAGES[form] ?? ""),
    "</details>",
  ]);
  return [`- ${escapeMarkdown(advice.summary)}`, ...snippets];
}

function owner({ owner: stack }: Finding): string[] {
  if (stack === undefined) return [];
  const logicalId = stack.logicalId === undefined ? "" : ` (${codeSpan(stack.logicalId)})`;
  return [`Owned by stack ${codeSpan(stack.stackName)}${logicalId}.`];
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`## ${title}`, items.map((item) => `- ${item}`).join("\n")];
}

/** How GitHub names the language of a patch's form. */
const FENCE_LANGUAGES: Readonly<Record<string, string>> = {
  cloudformation: "yaml",
  sam: "yaml",
  serverless: "yaml",
  cdk: "typescript",
  typescript: "typescript",
  terraform: "hcl",
  python: "python",
  java: "java",
  csharp: "csharp",
  ruby: "ruby",
  go: "go",
  rust: "rust",
  sql: "sql",
};
