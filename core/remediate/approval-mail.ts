// The request for approval, as one approver gets it: the whole plan, the proof, the price, and how to say yes or no.
import { causeWords } from "../advise/cause-words.ts";
import type { Change } from "../model/change.ts";
import type { Notification } from "../ports.ts";
import { printableAscii, shorten, wrap } from "../scan/text.ts";
import { boundWords, duration, ownerWords, policyWords, proofOf, tradeOffRows, utcMinute } from "./words.ts";

const INDENT = "  ";
const LABEL = 10;
const COLUMN = 18;

/** Where a decision can be made. */
export interface ApprovalAddresses {
  /** Ends in a slash; undefined where there is no page. */
  readonly pageUrl?: string;
  /** Function that the command line invokes. */
  readonly functionName: string;
  readonly region: string;
  /** For how long a no is quiet. */
  readonly snoozeDays: number;
}

export interface Asked {
  readonly linkId: string;
  readonly code: string;
  readonly approver: string;
  readonly expiresMs: number;
  readonly executionId: string;
}

/** Ids, times and counts only (I7); link and code are in the text alone, which only the recipient gets. */
export function approvalMail(change: Change, asked: Asked, addresses: ApprovalAddresses): Notification {
  const { plan, queueName, id, queueArn } = change;
  const subject = `Doubletake: approve ${plan.from} s -> ${plan.to} s on ${shorten(queueName, 44)}?`;
  return {
    subject: printableAscii(subject).slice(0, 99),
    text: approvalText(change, asked, addresses),
    json: {
      schemaVersion: 1,
      kind: "doubletake.approval-request",
      changeId: id,
      queueArn,
      plan: { from: plan.from, to: plan.to, policy: plan.policy, hash: plan.hash },
      expiresAt: new Date(asked.expiresMs).toISOString(),
    },
    recipient: asked.approver,
  };
}

function approvalText(change: Change, asked: Asked, addresses: ApprovalAddresses): string {
  const { plan, finding } = change;
  const lines = [
    ...wrap(
      `Raise the visibility timeout of ${change.queueName} from ${plan.from} s to ${plan.to} s? Nothing is changed unless you say so.`,
    ),
    "",
    ...field("Queue", change.queueArn),
    ...finding.functionArns.flatMap((arn) => field("Function", arn)),
    ...field("Owner", ownerWords(change)),
    ...field("Change", `VisibilityTimeout ${plan.from} -> ${plan.to}, and nothing else`),
    ...field("Why", `${policyWords(plan)}`),
    "",
    "WHAT WAS SEEN",
    ...wrap(`${causeWords(finding).title} (${finding.evidence}).`, INDENT),
    ...finding.facts.flatMap((fact) => wrap(fact, INDENT)),
    ...proofLines(change),
    "",
    "WHAT CHANGES",
    row("", "now", "then"),
    ...tradeOffRows(plan).flatMap(({ what, now, after }) => [row(what, now, after)]),
    "",
    "AFTERWARDS",
    ...wrap(
      "Messages in flight keep their old deadline; the new one counts after up to a minute. The effect is then measured and told to everybody who gets the digest. The queue is rolled back by itself if",
      INDENT,
    ),
    ...boundWords(change.bounds).flatMap((bound) => wrap(`- ${bound}`, INDENT, `${INDENT}  `)),
    ...patchLines(change),
    "",
    ...howToDecide(change, asked, addresses),
  ];
  return `${lines.join("\n")}\n`;
}

function howToDecide(change: Change, asked: Asked, addresses: ApprovalAddresses): string[] {
  const { functionName, region, pageUrl, snoozeDays } = addresses;
  const command = (verb: string) =>
    `doubletake approvals ${verb} ${change.id} --function ${functionName} --region ${region}`;
  return [
    `TO DECIDE, until ${utcMinute(asked.expiresMs)}`,
    ...(pageUrl === undefined
      ? []
      : [
          ...wrap(
            "Open this page and type the code. Both are yours alone: do not forward this mail.",
            INDENT,
          ),
          "",
          `${pageUrl}${asked.linkId}`,
          "",
          `${INDENT}Code: ${asked.code}`,
          "",
        ]),
    ...wrap("With AWS credentials:", INDENT),
    `${INDENT}${command("show")}`,
    `${INDENT}${command("approve")}`,
    `${INDENT}${command("reject")} --reason "..."`,
    ...wrap("The workflow that waits for you:", INDENT),
    consoleUrl(asked.executionId),
    "",
    ...wrap(
      `A no changes nothing, and nothing is proposed for this queue for ${snoozeDays} days. Without an answer the request expires, changes nothing, and everybody is told so.`,
    ),
    ...wrap(`Plan ${change.plan.hash.slice(0, 16)}, made by scan ${change.scanId}.`),
  ];
}

function proofLines(change: Change): string[] {
  const proof = proofOf(change);
  if (proof === undefined) return [];
  const time = (iso: string | null) => (iso === null ? "?" : iso.slice(11, 23));
  return [
    "",
    `${INDENT}Message ${proof.messageId}`,
    ...proof.rows.flatMap(({ requestId, startedAt, endedAt, outcome }) => [
      `${INDENT}${time(startedAt)} to ${time(endedAt)} UTC, ${outcome}`,
      `${INDENT}  request ${requestId}`,
    ]),
    ...(proof.overlapSeconds === undefined
      ? []
      : [`${INDENT}Both were at work for ${duration(proof.overlapSeconds)}.`]),
  ];
}

/** The change for the source: without it the next deployment undoes what is approved here. */
export function patchLines({ finding }: Pick<Change, "finding">): string[] {
  const patch = finding.advice.find(({ kind }) => kind === "raise-visibility-timeout")?.patch;
  const source = patch?.["cloudformation"];
  if (source === undefined) return [];
  return [
    "",
    "FOR THE SOURCE THAT OWNS THE QUEUE, or the next deployment undoes it",
    ...source.split("\n").map((line) => `${INDENT}${line}`),
  ];
}

function field(label: string, text: string): string[] {
  const indent = " ".repeat(LABEL);
  return wrap(text, indent).map((line, index) =>
    index === 0 ? `${label.padEnd(LABEL)}${line.trimStart()}` : line,
  );
}

const row = (what: string, now: string, after: string): string =>
  `${INDENT}${what.padEnd(40)}${now.padEnd(COLUMN)}${after}`.trimEnd();

/** @param executionArn arn:partition:states:region:… */
export function consoleUrl(executionArn: string): string {
  const [, partition, , region] = executionArn.split(":");
  const host =
    partition === "aws-cn"
      ? "console.amazonaws.cn"
      : partition === "aws-us-gov"
        ? "console.amazonaws-us-gov.com"
        : "console.aws.amazon.com";
  return `https://${region}.${host}/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
