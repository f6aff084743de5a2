// The lines that Lambda itself writes round an invocation, in text and in JSON format.
import type { Outcome } from "../model/delivery.ts";
import { isObject, type JsonObject } from "./json-line.ts";
import { UUID } from "./patterns.ts";

export interface PlatformLine {
  /** `end` has no duration in text format; `other` tells nothing about an invocation (init, X-Ray, extensions). */
  readonly kind: "start" | "end" | "report" | "timeout" | "other";
  /** Empty for `other`. */
  readonly requestId: string;
  readonly durationMs: number | null;
  /** null when the line does not say. */
  readonly outcome: Outcome | null;
}

const START = new RegExp(`^START RequestId: (${UUID})`);
const END = new RegExp(`^END RequestId: (${UUID})`);
/** Separators are sometimes swallowed: `38.38 msBilled Duration`. */
const REPORT = new RegExp(`^REPORT RequestId: (${UUID})\\s*Duration: ([\\d.]+) ms`);
const STATUS = /Status: (timeout|error|failure|success)/;
const TIMEOUT = new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z (${UUID}) Task timed out after [\\d.]+ seconds`);
const OTHER =
  /^(?:INIT_START|INIT_REPORT|INIT_RUNTIME|RESTORE_START|RESTORE_REPORT|XRAY TraceId|EXTENSION|TELEMETRY|LOGS)\b/;

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  success: "success",
  failure: "error",
  error: "error",
  timeout: "timeout",
};

/** A copy that some extension prints later carries the original's time; the platform's own differs by milliseconds. */
const COPY_AFTER_MS = 2000;

const other: PlatformLine = { kind: "other", requestId: "", durationMs: null, outcome: null };

/** The platform line that a text message is; undefined for an application line. */
export function parseTextPlatformLine(message: string): PlatformLine | undefined {
  const start = START.exec(message)?.[1];
  if (start) return line("start", start);
  const end = END.exec(message)?.[1];
  if (end) return line("end", end);
  const [, report, durationMs] = REPORT.exec(message) ?? [];
  if (report) return line("report", report, Number(durationMs), outcomeOf(STATUS.exec(message)?.[1]));
  const timeout = TIMEOUT.exec(message)?.[1];
  if (timeout) return line("timeout", timeout, null, "timeout");
  return OTHER.test(message) ? other : undefined;
}

/**
 * The platform line that a JSON message is; undefined for an application line.
 * @param timestampMs when CloudWatch says the line was written, to tell an original from a later copy.
 */
export function parseJsonPlatformLine(json: JsonObject, timestampMs: number): PlatformLine | undefined {
  const { type, record, time } = json;
  if (typeof type !== "string" || !type.startsWith("platform.") || !isObject(record))
    return timeoutMessage(json);
  const requestId = record["requestId"];
  if (typeof requestId !== "string") return other;
  if (typeof time === "string" && Math.abs(Date.parse(time) - timestampMs) > COPY_AFTER_MS) return other;
  const metrics = isObject(record["metrics"]) ? record["metrics"] : {};
  const durationMs = typeof metrics["durationMs"] === "number" ? metrics["durationMs"] : null;
  const outcome = typeof record["status"] === "string" ? outcomeOf(record["status"]) : null;
  switch (type) {
    case "platform.start":
      return line("start", requestId);
    case "platform.runtimeDone":
      return line("end", requestId, durationMs, outcome);
    case "platform.report":
      // Unlike a text REPORT, this one always has a status: without one nothing is known.
      return line("report", requestId, durationMs, outcome ?? "unknown");
    default:
      return other;
  }
}

/** In JSON format the timeout line arrives as an application line with the text form in `message`. */
function timeoutMessage(json: JsonObject): PlatformLine | undefined {
  const message = json["message"];
  return typeof message === "string" && TIMEOUT.test(message) ? parseTextPlatformLine(message) : undefined;
}

function outcomeOf(status: string | undefined): Outcome | null {
  return (status !== undefined && OUTCOMES[status]) || null;
}

function line(
  kind: PlatformLine["kind"],
  requestId: string,
  durationMs: number | null = null,
  outcome: Outcome | null = null,
): PlatformLine {
  return { kind, requestId: requestId.toLowerCase(), durationMs, outcome };
}
