// Which function wrote each log stream, and which queues each function consumes.
import { getOrCreate } from "../correlate/get-or-create.ts";
import { functionNameOfArn, queueNameOfArn, unqualifiedFunctionArn } from "../scan/arn.ts";
import type { KnownSettings } from "./known-settings.ts";
import type { StreamFacts } from "./stream-survey.ts";

/** Begins the ARN that stands for a queue which neither the lines nor the settings name. */
export const UNKNOWN_QUEUE_ARN = "arn:aws:sqs:unknown:unknown:unknown-queue";
const UNKNOWN_FUNCTION = "unknown-function";

/** A function whose logs are there. */
export interface LoggedFunction {
  /** Unqualified; parts that are not known say so. */
  readonly arn: string;
  readonly logFormat: "Text" | "JSON";
  /** ARNs, in order. */
  readonly queueArns: readonly string[];
  /** Names of its log streams. */
  readonly streams: ReadonlySet<string>;
}

/**
 * A stream is its function's by its name, its log group or its lines; otherwise by its queue's only mapping; otherwise
 * the only function there is; otherwise an unknown one. A function's queues are those that its records name, and those
 * it has mappings for; where there is none, the only queue of the settings, or an unknown one of its own.
 */
export function findFunctions(
  streams: ReadonlyMap<string, StreamFacts>,
  known: KnownSettings,
): LoggedFunction[] {
  const byName = new Map<string, { streams: Set<string>; facts: StreamFacts[] }>();
  const nameOf = functionNamer(streams, known);
  for (const [stream, facts] of streams) {
    const one = getOrCreate(byName, nameOf(facts), () => ({ streams: new Set<string>(), facts: [] }));
    one.streams.add(stream);
    one.facts.push(facts);
  }
  const only = onlyOne(knownQueues(known));
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { streams: own, facts }]) => {
      const mapped = known.mappings.filter(({ functionArn }) => functionNameOfArn(functionArn) === name);
      const queueArns = new Set([
        ...facts.flatMap(({ queues }) => [...queues]),
        ...mapped.map(({ queueArn }) => queueArn),
      ]);
      const queues = queueArns.size > 0 ? [...queueArns].sort() : [only ?? unknownQueueOf(name)];
      return {
        arn: arnOf(name, facts, queues, known),
        logFormat: facts.some(({ json }) => json) ? "JSON" : "Text",
        queueArns: queues,
        streams: own,
      };
    });
}

function functionNamer(streams: ReadonlyMap<string, StreamFacts>, known: KnownSettings) {
  const all = [...streams.values()];
  const logged = new Set(all.flatMap(({ functionName }) => functionName ?? []));
  const configured = new Set(
    [...known.functions.keys(), ...known.mappings.map(({ functionArn }) => functionArn)].map(
      functionNameOfArn,
    ),
  );
  const only = onlyOne(logged) ?? (logged.size === 0 ? onlyOne(configured) : undefined);
  const queuesOfUnnamed = new Set(
    all.filter(({ functionName }) => functionName === undefined).flatMap(({ queues }) => [...queues]),
  );
  return ({ functionName, logGroup, queues }: StreamFacts): string => {
    const writers = [...known.functions.values()].filter((one) => one.logGroup === logGroup);
    const writer = functionName ?? onlyOne(new Set(writers.map(({ name }) => name)));
    if (writer !== undefined) return writer;
    const queue = onlyOne(queues);
    const mapped = known.mappings.filter(({ queueArn }) => queueArn === queue);
    const consumer = onlyOne(new Set(mapped.map(({ functionArn }) => functionNameOfArn(functionArn))));
    if (consumer !== undefined || only !== undefined) return consumer ?? only ?? UNKNOWN_FUNCTION;
    // Streams of different queues are different functions' until somebody says otherwise.
    return queue === undefined || queuesOfUnnamed.size < 2
      ? UNKNOWN_FUNCTION
      : `unknown-consumer-of-${queueNameOfArn(queue)}`;
  };
}

/** Functions whose queue is not known are no consumers of one queue for that. */
const unknownQueueOf = (name: string): string =>
  name === UNKNOWN_FUNCTION ? UNKNOWN_QUEUE_ARN : `${UNKNOWN_QUEUE_ARN}-of-${name}`;

function arnOf(
  name: string,
  facts: readonly StreamFacts[],
  [queueArn = UNKNOWN_QUEUE_ARN]: readonly string[],
  known: KnownSettings,
): string {
  const configured = [...known.functions.keys(), ...known.mappings.map(({ functionArn }) => functionArn)]
    .map(unqualifiedFunctionArn)
    .find((arn) => functionNameOfArn(arn) === name);
  const logged = facts.find(({ functionArn }) => functionArn !== undefined)?.functionArn;
  if (configured !== undefined || logged !== undefined) return configured ?? logged ?? "";
  // A mapping's queue and function are in one Region; the account may differ.
  const [, partition = "aws", , region = "unknown"] = queueArn.split(":");
  const account = facts.find((each) => each.account !== undefined)?.account ?? "unknown";
  return `arn:${partition}:lambda:${region}:${account}:function:${name}`;
}

const knownQueues = ({ queues, mappings }: KnownSettings): Set<string> =>
  new Set([...queues.keys(), ...mappings.map(({ queueArn }) => queueArn)]);

function onlyOne<T>(values: ReadonlySet<T>): T | undefined {
  const [first] = values;
  return values.size === 1 ? first : undefined;
}
