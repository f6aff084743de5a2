// The digest as an e-mail, to be read on a phone by somebody who is tired: a verdict, a few lines a finding, what
// to do once for each cause, and the one command that shows more.
import { causeWords, IDEMPOTENCY } from "../advise/cause-words.ts";
import { countedNoun } from "../advise/counted-noun.ts";
import type { Change } from "../model/change.ts";
import {
  type Finding,
  type FindingState,
  type PathVerdict,
  pathArn,
  type ScanSummary,
  type Verdict,
} from "../model/finding.ts";
import { patchLines } from "../remediate/approval-mail.ts";
import { utcMinute } from "../remediate/words.ts";
import { pathNameOf } from "./arn.ts";
import type { Unreached } from "./audience.ts";
import { count, cutToBytes, shorten, wrap } from "./text.ts";
import type { UndoneChange } from "./undone.ts";

/** Together with the JSON form this stays far below the 256 KiB that SNS takes. */
const MAX_TEXT_BYTES = 32_768;
const MAX_LISTED = 40;
const MAX_UNREADABLE = 20;
/** Queues named where a list of them would hide the rest. */
const MAX_NAMED = 6;
/** SQS allows 80 characters; both ends of a long name are kept. */
const MAX_NAME_CHARS = 44;
const INDENT = "   ";

/** States are sorted, strongest first. */
export interface DigestTextInput {
  readonly scan: ScanSummary;
  readonly paths: readonly PathVerdict[];
  readonly news: readonly FindingState[];
  readonly continuing: readonly FindingState[];
  readonly resolved: readonly FindingState[];
  readonly undone?: readonly UndoneChange[];
  readonly waiting?: readonly Change[];
  readonly unreached?: readonly Unreached[];
}

/** Plain text of at most 76 columns, except for a command or a name that may not be broken. */
export function digestText(input: DigestTextInput): string {
  const { scan, paths, news, continuing, resolved, undone = [], waiting = [], unreached = [] } = input;
  const findings = news.map(({ finding }) => finding);
  const unreadable = scan.unreadable.map(({ resource, reason }) =>
    wrap(`- ${resource}: ${reason}`, INDENT, `${INDENT}  `),
  );
  const lines = [
    ...wrap(verdict(paths, [...news, ...continuing])),
    ...wrap(
      `Account ${scan.account}, ${scan.region}, ${minute(scan.window.start)} to ${minute(scan.window.end)} UTC.`,
    ),
    "",
    ...section("NEW", findings.map(describe), MAX_LISTED),
    ...whatToDo(findings),
    ...section("UNDONE since it was approved", undone.map(describeUndone), MAX_LISTED),
    ...section("WAITING FOR APPROVAL", waiting.map(describeWaiting), MAX_LISTED),
    ...section("NOT REACHED BY MAIL", unreached.map(describeUnreached), MAX_LISTED),
    ...section("RESOLVED", resolved.map(inOneLine), MAX_LISTED),
    ...section("CONTINUING, told of before", continuing.map(inOneLine), MAX_LISTED),
    ...section("IGNORED, as a tag on the queue says", paths.flatMap(describeIgnored), MAX_LISTED),
    ...section("COULD NOT BE READ", unreadable, MAX_UNREADABLE),
    ...nextStep(findings, scan),
  ];
  const ending = "\n… cut here, and more. Run the scan for all of it.\n";
  return cutToBytes(lines.join("\n"), MAX_TEXT_BYTES, ending);
}

/** "9 of 27 queues process messages twice, worst accounts-events. 5 only retry. 13 are fine." */
function verdict(paths: readonly PathVerdict[], open: readonly FindingState[]): string {
  const having = (wanted: Verdict) => paths.filter((path) => path.verdict === wanted);
  const duplicating = new Set(having("duplicating").map(pathArn));
  const worst = open.find(({ finding }) => duplicating.has(pathArn(finding)));
  const first =
    duplicating.size === 0
      ? `None of ${population(paths)} was seen to process messages twice.`
      : `${duplicating.size} of ${population(paths)} ${duplicating.size === 1 ? "processes" : "process"} messages twice${worst === undefined ? "" : `, worst ${nameOf(worst.finding)}`}.`;
  const rest = REST.flatMap(([wanted, one, many]) => {
    const { length } = having(wanted);
    return length === 0 ? [] : [`${length} ${length === 1 ? one : many}.`];
  });
  return [first, ...rest].join(" ");
}

/** "27 queues", "27 queues and 3 functions without a queue". */
function population(paths: readonly PathVerdict[]): string {
  const functions = paths.filter(({ source }) => source === "async").length;
  const queues = paths.length - functions;
  const parts = [
    ...(queues > 0 || functions === 0 ? [count(queues, "queue")] : []),
    ...(functions > 0 ? [`${count(functions, "function")} without a queue`] : []),
  ];
  return parts.join(" and ");
}

const REST: readonly (readonly [Verdict, one: string, many: string])[] = [
  ["at-risk", "is at risk", "are at risk"],
  ["retrying", "only retries", "only retry"],
  ["unknown", "could not be judged", "could not be judged"],
  ["healthy", "is fine", "are fine"],
];

function describe(finding: Finding, index: number): string[] {
  const { plan, severity } = finding;
  const [settling] = finding.confidence?.settledBy ?? [];
  const change = plan === undefined ? "" : `, visibility timeout ${plan.from} s -> ${plan.to} s proposed`;
  return [
    ...wrap(`${index + 1}. ${severity.toUpperCase()} ${nameOf(finding)}${change}`, "", INDENT),
    ...wrap(causeWords(finding).title, INDENT),
    ...wrap(`${finding.evidence}${countsOf(finding)}`, INDENT),
    ...(settling === undefined ? [] : wrap(`To be sure: ${settling}.`, INDENT)),
  ];
}

/** With the patch, because the source is where it has to be mended; it is not applied a second time. */
function describeUndone({ change, currentSeconds }: UndoneChange): string[] {
  const { queueName, plan } = change;
  return [
    ...wrap(
      `${shorten(queueName, MAX_NAME_CHARS)}: ${currentSeconds} s again, was raised to ${plan.to} s. It is not raised a second time.`,
      INDENT,
      `${INDENT}  `,
    ),
    ...patchLines(change).map((line) => `${INDENT}${line}`.trimEnd()),
  ];
}

function describeWaiting({ queueName, plan, approval }: Change): string[] {
  const until = approval === undefined ? "" : `, until ${utcMinute(approval.expiresMs)}`;
  const text = `${shorten(queueName, MAX_NAME_CHARS)}: ${plan.from} s -> ${plan.to} s${until}`;
  return wrap(text, INDENT, `${INDENT}  `);
}

const describeUnreached = ({ address, what, problem }: Unreached): string[] =>
  wrap(`${address} ${problem}, and misses ${what}`, INDENT, `${INDENT}  `);

/** One entry, or none. */
function describeIgnored(path: PathVerdict): string[][] {
  if (path.ignored === undefined) return [];
  const { untilMs, reason } = path.ignored;
  const name = shorten(pathNameOf(path), MAX_NAME_CHARS);
  return [wrap(`${name}, until ${utcMinute(untilMs)}: ${reason}`, INDENT, `${INDENT}  `)];
}

/** Duplicates and messages are different counts: a message that came three times is two duplicates. */
function countsOf(finding: Finding): string {
  const { counts, evidence } = finding;
  const { messages, deliveries, duplicateSharePercent: share } = counts;
  const about = evidence === "proven" ? "" : "about ";
  const what = countedNoun(finding);
  const came = deliveries === null ? "" : ` came ${count(deliveries, "time")}`;
  const parts = [
    ...(messages === null ? [] : [`${about}${count(messages, what)}${came}`]),
    ...(share === null || share === 0
      ? []
      : [`${Number(share.toPrecision(2))} ${share === 1 ? "duplicate" : "duplicates"} per 100 ${what}s`]),
  ];
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

/** Once for each remedy, in the order in which their causes were first met. */
function whatToDo(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const groups = Map.groupBy(findings, (finding) => causeWords(finding).remedy);
  return [
    "WHAT TO DO (nothing was changed)",
    ...[...groups].flatMap(([remedy, group]) => [
      ...wrap(`* ${namesOf(group)}:`, "", "  "),
      ...wrap(remedy, "  "),
    ]),
    ...wrap(`* Wherever work is done twice: ${IDEMPOTENCY}`, "", "  "),
    "",
  ];
}

function nextStep(findings: readonly Finding[], scan: ScanSummary): string[] {
  const [first] = findings;
  return [
    "NEXT STEP",
    ...(first === undefined
      ? []
      : [
          ...wrap("Begin with number 1. Its deliveries, advice and patches to paste:", INDENT),
          `${INDENT}doubletake scan --region ${scan.region} \\`,
          `${INDENT}  --queue ${pathNameOf(first)}`,
        ]),
    ...(scan.unreadable.length === 0
      ? []
      : wrap("Make readable what is listed above: it may hide duplicates.", INDENT)),
    ...(first === undefined && scan.unreadable.length === 0
      ? [`${INDENT}None: nothing new is left to do.`]
      : []),
    "",
    `Scan ${scan.id}.`,
    "",
  ];
}

const inOneLine = ({ finding }: FindingState): string[] =>
  wrap(`${nameOf(finding)}: ${causeWords(finding).title}`, INDENT, `${INDENT}  `);

function section(title: string, entries: readonly string[][], listed: number): string[] {
  if (entries.length === 0) return [];
  const more = entries.length - listed;
  return [
    `${title} (${entries.length})`,
    ...entries.slice(0, listed).flat(),
    ...(more > 0 ? [`${INDENT}and ${more} more`] : []),
    "",
  ];
}

/** Each queue once, however many of its findings share the advice. */
function namesOf(findings: readonly Finding[]): string {
  const names = [...new Set(findings.map(nameOf))];
  const named = names.slice(0, MAX_NAMED).join(", ");
  const more = names.length - MAX_NAMED;
  return more > 0 ? `${named} and ${more} more` : named;
}

const nameOf = (finding: Finding): string => shorten(pathNameOf(finding), MAX_NAME_CHARS);

const minute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
