// What a log line says about where it comes from: the queue of its records, and the function that wrote it.
import { compact } from "../correlate/compact.ts";
import { isObject, parseJsonLine } from "../correlate/json-line.ts";
import { EVENT_SOURCE_ARN, POSITIONAL_SOURCE_ARN } from "../correlate/patterns.ts";

/** A function as its own log names it. */
export interface NamedFunction {
  readonly name: string;
  /** Unqualified; null where only the name is written. */
  readonly arn: string | null;
}

const QUEUE_ARN = "arn:aws";
const FUNCTION_ARN = /^(arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:([\w-]+))(?::[\w$-]+)?$/;

/** ARNs of the queues that the line's outermost records came from; a body may hold records of its own, deeper. */
export function sourceQueues(message: string): string[] {
  if (!message.includes(QUEUE_ARN)) return [];
  const keyed = [...message.matchAll(EVENT_SOURCE_ARN)].map(({ groups }) => ({
    arn: compact(groups?.["arn"] ?? ""),
    depth: groups?.["esc"]?.length ?? 0,
  }));
  if (keyed.length === 0) {
    return [...message.matchAll(POSITIONAL_SOURCE_ARN)].map(({ groups }) => compact(groups?.["arn"] ?? ""));
  }
  const depth = Math.min(...keyed.map((each) => each.depth));
  return keyed.filter((each) => each.depth === depth).map(({ arn }) => arn);
}

/**
 * The function that wrote a line: the platform says so when an environment starts (JSON format), Powertools loggers
 * on every line.
 */
export function namedFunction(message: string): NamedFunction | undefined {
  if (!/platform\.initStart|function_arn|function_name/.test(message)) return undefined;
  const line = parseJsonLine(message.trimStart());
  if (line === undefined) return undefined;
  const { type, record } = line;
  const parts = FUNCTION_ARN.exec(String(line["function_arn"] ?? ""));
  if (parts?.[1] !== undefined && parts[2] !== undefined) return { name: parts[2], arn: parts[1] };
  const name =
    type === "platform.initStart" && isObject(record) ? record["functionName"] : line["function_name"];
  return typeof name === "string" && name !== "" ? { name, arn: null } : undefined;
}

const SHARED_GROUP_STREAM = /^\d{4}\/\d\d\/\d\d\/([^[/]+)\[/;
/** `@log` of Logs Insights is "account:group"; elsewhere a group has no account. */
const LAMBDA_GROUP = /^(?:(\d{12}):)?\/aws\/lambda\/([\w-]+)$/;

/** The function that a log stream or a log group is named after. */
export function functionOfStream(logStream: string | null, logGroup: string | null): string | undefined {
  const name = SHARED_GROUP_STREAM.exec(logStream ?? "")?.[1] ?? LAMBDA_GROUP.exec(logGroup ?? "")?.[2];
  return name === undefined ? undefined : compact(name);
}

/** The account that a log group is in, where it is said. */
export const accountOfGroup = (logGroup: string | null): string | undefined =>
  /^(\d{12}):/.exec(logGroup ?? "")?.[1];
