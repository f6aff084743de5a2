// What the lines of each log stream say about their origin, gathered before they are read for deliveries.
import { getOrCreate } from "../correlate/get-or-create.ts";
import { accountOfGroup, functionOfStream, namedFunction, sourceQueues } from "./line-facts.ts";

export interface StreamFacts {
  readonly functionName: string | undefined;
  /** Unqualified. */
  readonly functionArn: string | undefined;
  readonly account: string | undefined;
  /** Without its account. */
  readonly logGroup: string | undefined;
  /** ARNs of the queues that its records came from. */
  readonly queues: ReadonlySet<string>;
  /** True when Lambda itself wrote JSON. */
  readonly json: boolean;
}

export interface SurveyedLine {
  readonly timestampMs: number;
  readonly message: string;
  /** As the file says it; null where it does not. */
  readonly logStream: string | null;
  readonly logGroup: string | null;
}

export interface Survey {
  /** By stream. */
  readonly streams: ReadonlyMap<string, StreamFacts>;
  /** Epoch ms of the earliest and the latest line; null when there was none. */
  readonly span: { readonly firstMs: number; readonly lastMs: number } | null;
}

export interface Surveyor {
  /** @param stream what the line's stream is called here, whether the file names it or not. */
  note(stream: string, line: SurveyedLine): void;
  /** Function and queues of a stream so far, to compare with others; undefined when none is known. */
  originOf(stream: string): string | undefined;
  /** @param renamed streams that turned out to be parts of another: old name → its name. */
  finish(renamed: ReadonlyMap<string, string>): Survey;
}

type MutableFacts = { -readonly [Key in keyof StreamFacts]: StreamFacts[Key] } & { queues: Set<string> };

const PLATFORM_JSON = /^\s*\{.*"type"\s*:\s*"platform\./s;

const newFacts = (): MutableFacts => ({
  functionName: undefined,
  functionArn: undefined,
  account: undefined,
  logGroup: undefined,
  queues: new Set(),
  json: false,
});

/** Takes lines in any order. */
export function createSurveyor(): Surveyor {
  const streams = new Map<string, MutableFacts>();
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;

  return {
    note(stream, { timestampMs, message, logStream, logGroup }) {
      firstMs = Math.min(firstMs, timestampMs);
      lastMs = Math.max(lastMs, timestampMs);
      const facts = getOrCreate(streams, stream, newFacts);
      facts.functionName ??= functionOfStream(logStream, logGroup);
      facts.account ??= accountOfGroup(logGroup);
      facts.logGroup ??= logGroup?.replace(/^\d{12}:/, "");
      facts.json ||= message.includes('"platform.') && PLATFORM_JSON.test(message);
      if (facts.functionArn === undefined) {
        const named = namedFunction(message);
        facts.functionName ??= named?.name;
        if (named?.arn != null && named.name === facts.functionName) facts.functionArn = named.arn;
      }
      for (const arn of sourceQueues(message)) facts.queues.add(arn);
    },
    originOf(stream) {
      const { functionName = "", queues = new Set<string>() } = streams.get(stream) ?? {};
      return functionName === "" && queues.size === 0
        ? undefined
        : [functionName, ...[...queues].sort()].join(" ");
    },
    finish(renamed) {
      const joined = new Map<string, MutableFacts>();
      for (const [name, facts] of streams) {
        const whole = getOrCreate(joined, renamed.get(name) ?? name, newFacts);
        whole.functionName ??= facts.functionName;
        whole.functionArn ??= facts.functionArn;
        whole.account ??= facts.account;
        whole.logGroup ??= facts.logGroup;
        whole.json ||= facts.json;
        for (const arn of facts.queues) whole.queues.add(arn);
      }
      return { streams: joined, span: firstMs <= lastMs ? { firstMs, lastMs } : null };
    },
  };
}
