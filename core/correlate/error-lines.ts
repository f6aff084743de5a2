// Application lines that speak of an error: some end the invocation, others only name the record that failed.
import type { JsonObject } from "./json-line.ts";
import { UUID } from "./patterns.ts";

/**
 * What each runtime prints when an error escapes the handler. Old text logs have no `Status` on REPORT, so this
 * is the only sign there that an invocation failed.
 */
export const UNHANDLED_ERROR_LINES: readonly { readonly runtime: string; readonly regex: RegExp }[] = [
  { runtime: "Node.js", regex: /\tERROR\t(?:Invoke Error|Uncaught Exception|Unhandled Promise Rejection)\b/ },
  { runtime: "Python", regex: /^\[ERROR\] [A-Za-z_][\w.]*(?::|\s|$)/ },
  { runtime: "Ruby", regex: /^Error raised from handler method/ },
  { runtime: "any that died", regex: new RegExp(`^RequestId: ${UUID} Error: `) },
  { runtime: "Go, custom runtimes", regex: /^\{\s*"errorMessage"\s*:.*"errorType"\s*:/s },
];

const LEVELS = new Set(["error", "fatal", "critical"]);
/** pino and bunyan write levels as numbers; 50 is error. */
const NUMERIC_ERROR_LEVEL = 50;
/** `[LEVEL]`, or the third column; of the two before it none is longer than a request id. */
const STATED_LEVEL = /^(?:\[([A-Z]+)\]|[^\t]{0,40}\t[^\t]{0,40}\t([A-Za-z]+)\t)/;
/** .NET writes four letters in lower case. */
const ERROR_LEVELS = new Set(["ERROR", "FATAL", "CRITICAL", "fail", "crit"]);
const LOWER_LEVELS = new Set(["INFO", "WARN", "WARNING", "DEBUG", "TRACE", "info", "warn", "dbug", "trce"]);

/** True when the line says that an error left the handler: the invocation failed. */
export function isUnhandledError(message: string): boolean {
  // One of the two is in every such line, and in few others; to look for them is cheaper than five expressions.
  if (!message.includes("rror") && !message.includes("ERROR")) return false;
  return UNHANDLED_ERROR_LINES.some(({ regex }) => regex.test(message));
}

/** What people write where their logger knows no levels. A longer line prints data, in which any word may stand. */
const FAILURE_WORDS =
  /\b(?:error|exception|panic|fail(?:ed|ure|ing)|could not|couldn't|can ?not|can't|unable to|rejected|invalid)\b/i;
const MAX_SENTENCE_LENGTH = 400;

/** True for lines that speak of an error, by their level or in words: they may name the record that failed. */
export function tellsOfError(message: string, json: JsonObject | undefined): boolean {
  if (!json) {
    const stated = STATED_LEVEL.exec(message);
    const level = stated?.[1] ?? stated?.[2] ?? "";
    if (ERROR_LEVELS.has(level)) return true;
    return message.length <= MAX_SENTENCE_LENGTH && !LOWER_LEVELS.has(level) && FAILURE_WORDS.test(message);
  }
  const level = json["level"] ?? json["Level"] ?? json["severity"];
  if (typeof level === "number") return level >= NUMERIC_ERROR_LEVEL;
  return typeof level === "string" && LEVELS.has(level.toLowerCase());
}
