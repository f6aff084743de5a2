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

function table(digests: readonly MailedDigest[], comparison: readonly ComparedPath[], io: Io): string {
  const { bold, dim, green, red } = palette(hasColour(io.isTerminal, io));
  const rule = (title: string) =>
    bold(`--- ${title} ${"-".repeat(Math.max(3, Math.min(io.columns, 100) - title.length - 5))}`);
  const mails = digests.map(({ subject, text }) =>
    [`Subject: ${plainText(subject)}`, "", ...plainLines(text)].map((line) => dim("| ") + line).join("\n"),
  );
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
