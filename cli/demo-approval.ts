// The demo from the request for approval to the numbers before and after, told as it happens.
import { palette } from "../report/colour.ts";
import { codeBlock, plainLines, plainText } from "../report/text/sanitise.ts";
import type { DemoOutcome, DemoRemediation, PageAnswer } from "./demo-remediation.ts";
import { heading, type MailedDigest, mailBlock } from "./demo-report.ts";
import type { Io } from "./io.ts";
import type { Format } from "./output.ts";
import { hasColour } from "./output.ts";
import type { Progress } from "./progress.ts";

interface Telling {
  readonly format: Exclude<Format, "json">;
  /** True = by the code from the mail, without anybody in front of a browser. */
  readonly isApproved: boolean;
}

/** @returns true when the change helped, and also when there was nothing to change. */
export async function goThroughWith(
  remediation: DemoRemediation,
  { format, isApproved }: Telling,
  io: Io,
  progress: Progress,
): Promise<boolean> {
  const tell = teller(format, io);
  const request = await remediation.request();
  progress.end();
  if (request === undefined) {
    tell.section("The fix", ["No finding has a plan: there is nothing to ask for."]);
    return true;
  }
  tell.mails("The request for approval", [request]);
  if (isApproved) {
    const scanned = await remediation.scanLink(request.link);
    const approved = await remediation.approve(request.link, request.code);
    tell.section("The decision", [
      ...scanned.map((answer) => `a link scanner:         ${answerWords(answer)}`),
      `the code from the mail: ${answerWords(approved)}`,
    ]);
  } else {
    tell.section("Your decision", [
      `Open   ${request.link}`,
      `Code   ${request.code}`,
      "",
      "The demo goes on as soon as you have decided; Ctrl-C ends it.",
    ]);
  }
  const outcome = await remediation.outcome();
  progress.end();
  tell.mails("The mails that followed", outcome.mails);
  tell.section("Before and after", figures(outcome));
  const { outcome: end } = outcome.change;
  return end === "better" || (!isApproved && end === "rejected");
}

const answerWords = ({ status, heading: title }: PageAnswer): string => `${status} ${title}`;

function figures({ change, truth }: DemoOutcome): string[] {
  const { before, after, queueName, plan } = change;
  const count = (value: number | null | undefined) =>
    value == null ? "-" : Math.round(value).toLocaleString("en-US");
  const row = (what: string, was: string, is: string) =>
    `${what.padEnd(36)}${was.padStart(9)}${is.padStart(9)}`;
  return [
    `${queueName}: ${change.outcome}${change.appliedMs === undefined ? "" : `, visibility timeout ${plan.from} s -> ${plan.to} s`}`,
    "",
    row("", "before", "after"),
    row("messages seen", count(before.messages), count(after?.messages)),
    row("work done twice, as detected", count(before.duplicates), count(after?.duplicates)),
    row(
      "messages handed out twice, really",
      count(truth.before),
      after === undefined ? "-" : count(truth.after),
    ),
  ];
}

function teller(format: Telling["format"], io: Io) {
  if (format === "markdown") {
    const write = (title: string, blocks: readonly string[]) =>
      io.stdout(`\n${[`## ${title}`, ...blocks].join("\n\n")}\n`);
    return {
      mails: (title: string, mails: readonly MailedDigest[]) =>
        write(
          title,
          mails.map(({ subject, text }) =>
            codeBlock([`Subject: ${plainText(subject)}`, "", ...plainLines(text)], "text"),
          ),
        ),
      section: (title: string, lines: readonly string[]) =>
        write(title, [codeBlock(plainLines(lines.join("\n")), "text")]),
    };
  }
  const { bold, dim } = palette(hasColour(io.isTerminal, io));
  return {
    mails: (title: string, mails: readonly MailedDigest[]) =>
      io.stdout(`\n${[bold(heading(title, io)), ...mails.map((mail) => mailBlock(mail, dim))].join("\n")}\n`),
    section: (title: string, lines: readonly string[]) =>
      io.stdout(`\n${[bold(heading(title, io)), ...plainLines(lines.join("\n"))].join("\n")}\n`),
  };
}
