// The whole system in one process: a simulated account over the wire, the deployed workflow's own definition and
// handlers, the digest as it would be mailed, and the truth that the system could not see.
import type { Command } from "./command.ts";
import { total } from "./comparison.ts";
import { untilInterrupted } from "./interrupt.ts";
import { EXIT } from "./io.ts";
import { type OptionTable, parseOptions } from "./options.ts";
import { FORMATS, renderDocument } from "./output.ts";
import { createProgress } from "./progress.ts";
import { parseChoice, parseInteger } from "./values.ts";

const OPTIONS = {
  seed: { type: "string", value: "N", help: "Another seed is another account. Default: 1." },
  format: { type: "string", value: "FORMAT", help: "table, json or markdown. Default: table." },
  yes: {
    type: "boolean",
    help: "For scripts; nothing is asked with or without it, as a scan changes nothing.",
  },
} as const satisfies OptionTable;

export const demo: Command = {
  name: "demo",
  summary: "run the whole workflow on a simulated account; no AWS account needed",
  options: OPTIONS,
  notes: [
    "Nothing leaves this computer, and AWS credentials are neither needed nor used.",
    "With --format json stdout holds the finding document and nothing else.",
    ["Exit codes:", "  0  every path was judged as it should be", "  1  one was not"].join("\n"),
  ],
  async run(args, io) {
    const values = parseOptions("demo", OPTIONS, args);
    const format = parseChoice("format", values.format ?? "table", FORMATS);
    const seed = parseInteger("seed", values.seed ?? "1", 0, 2 ** 31 - 1);
    const { runDemo } = await import("./demo-account.ts");
    const progress = createProgress(io, false);
    const outcome = await untilInterrupted(io, runDemo(seed, io.nowMs, progress)).finally(() =>
      progress.end(),
    );
    if (outcome.interrupted) {
      io.stderr("doubletake: interrupted\n");
      return EXIT.interrupted;
    }
    const { document, digests, comparison } = outcome.value;
    io.stdout(renderDocument(document, format, io));
    if (format === "json") {
      io.stderr(`${total(comparison)}\n`);
    } else {
      const { renderDemoEnd } = await import("./demo-report.ts");
      io.stdout(renderDemoEnd(format, digests, comparison, io));
    }
    return comparison.every(({ misses }) => misses.length === 0) ? EXIT.ok : EXIT.findings;
  },
};
