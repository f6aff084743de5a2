// The lines that Lambda itself writes in text format, with the oddities that real logs show.
import { type InvocationFacts, isoTime, type Line } from "./line.ts";
import type { Oddity } from "./style.ts";

/** A fraction of a millisecond, so that durations look measured. */
function decimals(facts: InvocationFacts): number {
  return (facts.startMs % 97) / 100;
}

function reportLine(facts: InvocationFacts, oddities: ReadonlySet<Oddity>): string {
  const durationMs = facts.endMs - facts.startMs - (facts.outcome === "timeout" ? 0 : decimals(facts));
  // Initialisation is billed too, so a cold start bills more than its duration.
  const billedMs = Math.ceil(durationMs) + facts.initMs;
  const fields = [
    `REPORT RequestId: ${facts.requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${billedMs} ms`,
    `Memory Size: ${facts.memoryMb} MB`,
    `Max Memory Used: ${Math.round(facts.memoryMb * 0.6)} MB`,
  ];
  if (facts.initMs > 0) fields.push(`Init Duration: ${facts.initMs.toFixed(2)} ms`);
  if (facts.outcome !== "success" && !oddities.has("no-status")) {
    fields.push(`Status: ${facts.outcome}`);
    if (facts.outcome === "error") fields.push("Error Type: Runtime.UnhandledError");
  }
  const line = fields.join(oddities.has("swallowed-tabs") ? "" : "\t");
  const trace = `\nXRAY TraceId: ${facts.xrayTraceId}\tSegmentId: ${facts.xrayTraceId.slice(-16)}\tSampled: true`;
  return `${line}\t${oddities.has("x-ray") ? trace : ""}\n`;
}

/** Lines before and after what the function's own code prints. */
export function platformText(
  facts: InvocationFacts,
  oddities: ReadonlySet<Oddity>,
): { before: Line[]; after: Line[] } {
  const before: Line[] = [];
  if (facts.initMs > 0) {
    before.push({
      timestampMs: facts.beginMs,
      message:
        `INIT_START Runtime Version: ${facts.runtime.replace(".x", "")}.v${20 + (facts.memoryMb % 7)}\t` +
        `Runtime Version ARN: arn:aws:lambda:${facts.functionArn.split(":")[3]}::runtime:${facts.xrayTraceId.slice(-24).padStart(64, "0")}\n`,
    });
    if (oddities.has("init-report")) {
      before.push({
        timestampMs: facts.startMs,
        message: `INIT_REPORT Init Duration: ${facts.initMs.toFixed(2)} ms\tPhase: invoke\tStatus: success\n`,
      });
    }
  }
  before.push({
    timestampMs: facts.startMs,
    message: `START RequestId: ${facts.requestId} Version: ${facts.version}\n`,
  });

  const report = { timestampMs: facts.endMs, message: reportLine(facts, oddities) };
  const timeout: Line[] =
    facts.outcome === "timeout"
      ? [
          {
            timestampMs: facts.endMs,
            message: `${isoTime(facts.endMs)} ${facts.requestId} Task timed out after ${facts.timeoutSeconds.toFixed(2)} seconds\n\n`,
          },
        ]
      : [];
  const late = oddities.has("late-timeout");
  const after: Line[] = [
    ...(late ? [] : timeout),
    { timestampMs: facts.endMs, message: `END RequestId: ${facts.requestId}\n` },
    report,
    ...(oddities.has("double-report") ? [report] : []),
    ...(late ? timeout : []),
  ];
  return { before, after };
}
