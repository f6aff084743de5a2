import { AccountUnreadableError, ConfigError } from "../core/errors.ts";
import type { FindingDocument } from "../core/model/finding.ts";
import type { Command } from "./command.ts";
import { untilInterrupted } from "./interrupt.ts";
import { EXIT, type Io } from "./io.ts";
import { renderDocument } from "./output.ts";
import { createProgress } from "./progress.ts";
import { exitCodeOf, parseScanRequest, SCAN_OPTIONS } from "./scan-request.ts";

export const scan: Command = {
  name: "scan",
  summary: "find duplicate deliveries in an AWS account; reads only, changes nothing",
  options: SCAN_OPTIONS,
  notes: [
    "Credentials and Region are found as the AWS CLI finds them.",
    [
      "Exit codes:",
      "  0  nothing at or above --fail-on",
      "  1  findings at or above --fail-on",
      "  2  wrong usage or configuration",
      "  3  the account could not be read, or no delivery path in it",
    ].join("\n"),
    [
      "Examples:",
      "  doubletake scan --profile prod --region eu-central-1",
      "  doubletake scan --queue 'orders-*' --lookback 12h --format markdown",
      "  doubletake scan --fail-on critical --format json > findings.json",
    ].join("\n"),
  ],
  async run(args, io) {
    const request = await parseScanRequest(args, io);
    const { startScan } = await import("./scan-account.ts");
    const progress = createProgress(io, request.quiet);
    const { result, stop } = startScan(request, io, progress);
    const outcome = await untilInterrupted(io, result).finally(() => progress.end());
    if (outcome.interrupted) return sayStopped(await stop(), io);
    const { value: document } = outcome;
    refuseEmptySelection(document);
    io.stdout(renderDocument(document, request.format, io));
    refuseBlindness(document);
    return exitCodeOf(document, request.failOn);
  },
};

/** A pattern that matches nothing is a slip, and must not pass for a healthy account. */
function refuseEmptySelection({ paths, scan }: FindingDocument): void {
  const { excludedQueues: queues, excludedFunctions: functions = 0 } = scan;
  if (paths.length > 0 || queues + functions === 0) return;
  const left = [
    ...(queues > 0 ? [`${anyOf(queues, "queue")} with a mapping`] : []),
    ...(functions > 0 ? [`${anyOf(functions, "function")} with asynchronous events`] : []),
  ];
  throw new ConfigError(`--queue and --exclude: expected patterns that leave ${left.join(" or ")}, got none`);
}

const anyOf = (count: number, noun: string): string =>
  count === 1 ? `the one ${noun}` : `any of the ${count} ${noun}s`;

/** Where not one path could be judged, "no findings" must not pass for a healthy account. */
function refuseBlindness({ paths, scan: { unreadable } }: FindingDocument): void {
  const [first] = unreadable;
  if (first === undefined || paths.length === 0) return;
  if (paths.some(({ verdict }) => verdict !== "unknown")) return;
  throw new AccountUnreadableError(`no delivery path could be judged: ${first.reason}`);
}

function sayStopped(queries: number, io: Io): number {
  const stopped =
    queries === 0 ? "" : `; ${queries} running log ${queries === 1 ? "query was" : "queries were"} stopped`;
  io.stderr(`doubletake: interrupted, no result${stopped}\n`);
  return EXIT.interrupted;
}
