// What the demo shows after the findings: the digest as it would be mailed, and the comparison with the truth.
import { palette } from "../report/colour.ts";
import { codeBlock, plainLines, plainText } from "../report/text/sanitise.ts";
import { type ComparedPath, renderComparison } from "./comparison.ts";
import type { Io } from "./io.ts";
import { type Format, hasColour } from "./output.ts";

/** What SNS was given, as an e-mail subscriber gets it. */
export interface MailedDigest {
  readonly subject: string;
  readonly text: string;
}

export function renderDemoEnd(
  format: Exclude<Format, "json">,
  digests: readonly MailedDigest[],
  comparison: readonly ComparedPath[],
  io: Io,
): string {
  return format === "markdown" ? markdown(digests, comparison) : table(digests, comparison, io);
}

/** A rule with a title, as wide as the terminal. */
export const heading = (title: string, io: Pick<Io, "columns">): string =>
  `--- ${title} ${"-".repeat(Math.max(3, Math.min(io.columns, 100) - title.length - 5))}`;

/** A mail, set off by a bar. */
export const mailBlock = ({ subject, text }: MailedDigest, dim: (text: string) => string): string =>
  [`Subject: ${plainText(subject)}`, "", ...plainLines(text.trimEnd())]
    .map((line) => dim("| ") + line)
    .join("\n");

function table(digests: readonly MailedDigest[], comparison: readonly ComparedPath[], io: Io): string {
  const { bold, dim, green, red } = palette(hasColour(io.isTerminal, io));
  const rule = (title: string) => bold(heading(title, io));
  const mails = digests.map((digest) => mailBlock(digest, dim));
  const compared = renderComparison(comparison).replace(/^[✓✗]/gm, (mark) =>
    mark === "✓" ? green(mark) : red(mark),
  );
  return [
    "",
    rule(digests.length === 1 ? "The e-mail that SNS was given" : `SNS was given ${digests.length} e-mails`),
    ...mails,
    "",
    rule("What really happened (the scan could not see this)"),
    compared,
  ].join("\n");
}

function markdown(digests: readonly MailedDigest[], comparison: readonly ComparedPath[]): string {
  const mails = digests.map(({ subject, text }) =>
    codeBlock([`Subject: ${plainText(subject)}`, "", ...plainLines(text)], "text"),
  );
  const compared = codeBlock(plainLines(renderComparison(comparison).trimEnd()), "text");
  return `${["", "## The digest as it would be mailed", ...mails, "## What really happened", compared].join("\n\n")}\n`;
}
