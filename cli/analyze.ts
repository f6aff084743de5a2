// The diagnosis without an account, from log files that somebody exported or was sent.
import { AccountUnreadableError } from "../core/errors.ts";
import type { FindingDocument } from "../core/model/finding.ts";
import { formatBytes, plural } from "../report/text/format.ts";
import { ANALYZE_OPTIONS, parseAnalyzeRequest } from "./analyze-request.ts";
import type { Command } from "./command.ts";
import { renderDocument } from "./output.ts";
import { createProgress, type Progress } from "./progress.ts";
import { exitCodeOf } from "./scan-request.ts";

export const analyze: Command = {
  name: "analyze",
  summary: "find duplicate deliveries in exported log files; needs no AWS account",
  operands: "FILE…",
  options: ANALYZE_OPTIONS,
  notes: [
    [
      "FILE is what a log group or a log stream was exported to, plain or gzipped. Its format is",
      "recognised by what is in it. A folder means all files in it, - what is piped in:",
      "  exports to S3 (each folder is a log stream), and subscriptions archived there",
      "  console downloads of log events or of Logs Insights results, CSV or JSON",
      "  aws logs filter-log-events and get-log-events, --output json or text",
      "  aws logs tail, its formats detailed, short and json; sam logs",
      "  aws logs get-query-results with @timestamp, @message and, better, @logStream",
    ].join("\n"),
    [
      "The lines themselves name queues and functions. Settings are in no log: without --queue-config",
      "only what needs none is said. No change is ever proposed, because metrics cannot be read here.",
    ].join("\n"),
    [
      "Exit codes:",
      "  0  nothing at or above --fail-on",
      "  1  findings at or above --fail-on",
      "  2  wrong usage or configuration",
      "  3  no file could be read, or no delivery path in them could be judged",
    ].join("\n"),
    [
      "Examples:",
      "  aws logs filter-log-events --log-group-name /aws/lambda/orders > orders.json",
      "  aws sqs get-queue-attributes --queue-url … --attribute-names All > queue.json",
      "  doubletake analyze orders.json --queue-config queue.json",
      "  aws logs tail /aws/lambda/orders --since 3h | doubletake analyze -",
    ].join("\n"),
  ],
  async run(args, io) {
    const request = await parseAnalyzeRequest(args, io);
    const { analyseFiles } = await import("../files/analyse-files.ts");
    const { findLogFiles } = await import("../files/log-file.ts");
    const { readQueueConfig } = await import("../files/queue-config.ts");
    const known = readQueueConfig(request.queueConfigs);
    const progress = createProgress(io, request.quiet);
    const document = await analyse(progress).finally(() => progress.end());
    io.stdout(renderDocument(document, request.format, io));
    refuseBlindness(document);
    return exitCodeOf(document, request.failOn);

    async function analyse(shown: Progress): Promise<FindingDocument> {
      shown.step("Finding the files");
      const files = await findLogFiles(request.names, () => io.stdin());
      const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const what = `${plural(files.length, "file")} (${formatBytes(bytes)})`;
      let look: string | undefined;
      let done = 0;
      return analyseFiles({
        files,
        known,
        settings: request.settings,
        nowMs: () => io.nowMs(),
        progress: (next, file, read) => {
          if (next !== look) {
            shown.step(next === "first" ? `Looking through ${what}` : `Reading ${what} in order of time`);
            look = next;
            done = 0;
          }
          const before = percent(done, bytes);
          done += read;
          if (percent(done, bytes) > before) shown.detail(`${percent(done, bytes)} %, ${file.name}`);
        },
      });
    }
  },
};

const percent = (part: number, whole: number): number => Math.min(100, Math.floor((100 * part) / whole));

/** Where not one path could be judged, "no findings" must not pass for a healthy one. */
function refuseBlindness({ paths }: FindingDocument): void {
  if (paths.some(({ verdict }) => verdict !== "unknown")) return;
  throw new AccountUnreadableError(`no delivery path could be judged: ${paths[0]?.note ?? "there is none"}`);
}
