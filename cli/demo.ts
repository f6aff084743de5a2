// The whole system in one process: a simulated account over the wire, the deployed workflows' own definitions and
// handlers, the mails as they would be sent, the approval page on a local address, and the truth that the system could
// not see.
import type { Command } from "./command.ts";
import { total } from "./comparison.ts";
import { untilInterrupted } from "./interrupt.ts";
import { EXIT, type Io } from "./io.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { FORMATS, type Format, renderDocument } from "./output.ts";
import { createProgress, type Progress } from "./progress.ts";
import { parseChoice, parseInteger } from "./values.ts";

const OPTIONS = {
  seed: { type: "string", value: "N", help: "Another seed is another account. Default: 1." },
  format: { type: "string", value: "FORMAT", help: "table, json or markdown. Default: table." },
  yes: {
    type: "boolean",
    help: "For scripts: the change is approved without you, by the code from the mail.",
  },
} as const satisfies OptionTable;

export const demo: Command = {
  name: "demo",
  summary: "find, prove, approve and fix on a simulated account; no AWS account needed",
  options: OPTIONS,
  notes: [
    "Nothing leaves this computer, and AWS credentials are neither needed nor used.",
    [
      "After the findings the request for approval is shown. Open its page in a browser and type the",
      "code: then the change is made, and the hours in which its effect is watched pass at once. Where",
      "nobody sits in front of a terminal, and without --yes, the demo ends with the findings.",
    ].join("\n"),
    "With --format json stdout holds the finding document and nothing else, and the demo ends with it.",
    [
      "Exit codes:",
      "  0  every path was judged as it should be, and the change helped",
      "  1  one was not, or it did not",
    ].join("\n"),
  ],
  async run(args, io) {
    const values = parseOptions("demo", OPTIONS, args);
    const format = parseChoice("format", values.format ?? "table", FORMATS);
    const seed = parseInteger("seed", values.seed ?? "1", 0, 2 ** 31 - 1);
    const isChanging = format !== "json" && (values.yes === true || (io.isTerminal && io.isErrorTerminal));
    const progress = createProgress(io, false);
    const work = runDemo({ seed, format, isChanging, isApproved: values.yes === true }, io, progress);
    const outcome = await untilInterrupted(io, work).finally(() => progress.end());
    if (outcome.interrupted) {
      io.stderr("doubletake: interrupted\n");
      return EXIT.interrupted;
    }
    return outcome.value ? EXIT.ok : EXIT.findings;
  },
};

interface DemoRequest {
  readonly seed: number;
  readonly format: Format;
  /** False = it ends with the findings. */
  readonly isChanging: boolean;
  /** True = nobody has to open the page. */
  readonly isApproved: boolean;
}

/** @returns whether everything went as it should. */
async function runDemo(request: DemoRequest, io: Io, progress: Progress): Promise<boolean> {
  const { seed, format, isChanging } = request;
  const { startDemoAccount, scanDemoAccount } = await import("./demo-account.ts");
  const { startDemoRemediation } = await import("./demo-remediation.ts");
  const { renderDemoEnd } = await import("./demo-report.ts");
  const account = await startDemoAccount(seed, io.nowMs, progress);
  try {
    const remediation = isChanging ? await startDemoRemediation(account, progress) : undefined;
    try {
      const scanned = await scanDemoAccount(account, io.nowMs, progress, remediation?.proposing);
      progress.end();
      io.stdout(renderDocument(scanned.document, format, io));
      const isRight = scanned.comparison.every(({ misses }) => misses.length === 0);
      if (format === "json") {
        io.stderr(`${total(scanned.comparison)}\n`);
        return isRight;
      }
      io.stdout(renderDemoEnd(format, scanned.digests, scanned.comparison, io));
      if (remediation === undefined) {
        io.stderr(
          "The fix is left out: add --yes, or run it in a terminal, to see a change approved and made.\n",
        );
        return isRight;
      }
      const { goThroughWith } = await import("./demo-approval.ts");
      return (await goThroughWith(remediation, { ...request, format }, io, progress)) && isRight;
    } finally {
      await remediation?.close();
    }
  } finally {
    await account.thread.close();
  }
}
