// A large account from a small one: the same queues, functions and traffic several times, under other names. To simulate
// 5,000 paths one by one would take ten minutes, and tell nothing more about what it takes to scan them.
import { createHash } from "node:crypto";
import type {
  MetricId,
  MetricPoint,
  QueueAttributes,
  SimulatedFunction,
  SimulatedLogGroup,
  SimulatedMapping,
  SimulatedQueue,
} from "../../simulator/account.ts";
import { type Account, otherAccount } from "./other-account.ts";

const SCATTER_LENGTH = 3;

/**
 * "orders.fifo" → "5f1-orders-c2.fifo"; the first copy keeps its names. They begin differently, so that a scan, which
 * takes queues in the order of their names, does not find all copies of one queue together.
 */
export function copyName(name: string, copy: number): string {
  if (copy === 0) return name;
  const scatter = createHash("md5").update(`${name} ${copy}`).digest("hex").slice(0, SCATTER_LENGTH);
  return name.replace(
    /([^/]+?)(\.fifo)?$/,
    (_, own: string, fifo = "") => `${scatter}-${own}-c${copy}${fifo}`,
  );
}

/** The copy of a name, and what it is a copy of. */
export function originalOf(name: string): { readonly original: string; readonly copy: number } {
  const [, folder = "", own, copy, fifo = ""] = /^(.*\/)?[0-9a-f]{3}-(.*)-c(\d+)(\.fifo)?$/.exec(name) ?? [];
  return own === undefined
    ? { original: name, copy: 0 }
    : { original: `${folder}${own}${fifo}`, copy: Number(copy) };
}

const queueArn = (arn: string, copy: number) => arn.replace(/[^:]+$/, (name) => copyName(name, copy));
/** arn:partition:lambda:region:account:function:name[:qualifier] */
const functionArn = (arn: string, copy: number) =>
  arn.replace(/(:function:)([^:]+)/, (_, before: string, name: string) => before + copyName(name, copy));

function copyAttributes(attributes: QueueAttributes, copy: number): QueueAttributes {
  const { QueueArn: arn = "", RedrivePolicy: redrive, ...others } = attributes;
  return {
    ...others,
    QueueArn: queueArn(arn, copy),
    ...(redrive !== undefined && {
      RedrivePolicy: redrive.replace(/arn:[^"]*:sqs:[^"]+/g, (target) => queueArn(target, copy)),
    }),
  };
}

/** Dimensions whose values are names; `Resource` is name or name:alias. */
const NAMED = ["QueueName", "FunctionName", "LogGroupName", "EventSourceMappingUUID", "Resource"];

function mapNames(id: MetricId, change: (name: string) => string): MetricId {
  const dimensions = Object.entries(id.dimensions).map(([name, value]) => [
    name,
    NAMED.includes(name) ? value.replace(/^[^:]+/, change) : value,
  ]);
  return { ...id, dimensions: Object.fromEntries(dimensions) };
}

/**
 * What a scan reads of an account, several times over. Nothing may be changed in it: the first copy alone would see it.
 * @param copies 1 or more.
 */
export function copiesOf(account: Account, copies: number): Account {
  const over = <T>(items: readonly T[], copyOf: (item: T, copy: number) => T): readonly T[] =>
    Array.from({ length: copies }, (_, copy) =>
      copy === 0 ? items : items.map((item) => copyOf(item, copy)),
    ).flat();

  let listed: ReturnType<typeof list> | undefined;
  function list() {
    return {
      queues: over(
        account.queues(),
        (queue, copy): SimulatedQueue => ({
          name: copyName(queue.name, copy),
          arn: queueArn(queue.arn, copy),
          url: queue.url.replace(/[^/]+$/, (name) => copyName(name, copy)),
          accountId: queue.accountId,
          tags: queue.tags,
          attributes: () => copyAttributes(queue.attributes(), copy),
        }),
      ),
      mappings: over(
        account.mappings(),
        (mapping, copy): SimulatedMapping => ({
          ...mapping,
          uuid: copyName(mapping.uuid, copy),
          eventSourceArn: queueArn(mapping.eventSourceArn, copy),
          functionArn: functionArn(mapping.functionArn, copy),
        }),
      ),
      functions: over(
        account.functions(),
        (fn, copy): SimulatedFunction => ({
          ...fn,
          name: copyName(fn.name, copy),
          arn: functionArn(fn.arn, copy),
          logGroup: copyName(fn.logGroup, copy),
        }),
      ),
      logGroups: over(account.logGroups(), copyLogGroup),
    };
  }
  const lists = () => {
    listed ??= list();
    return listed;
  };

  return otherAccount(account, {
    queues: () => lists().queues,
    mappings: () => lists().mappings,
    functions: () => lists().functions,
    logGroups: () => lists().logGroups,
    metrics: () => copyMetrics(account.metrics(), copies),
    metricPoints: (id, startMs, endMs) => pointsOf(account, id, startMs, endMs),
    setBaseUrl(url) {
      account.setBaseUrl(url);
      listed = undefined;
    },
  });
}

function copyLogGroup(group: SimulatedLogGroup, copy: number): SimulatedLogGroup {
  return {
    name: copyName(group.name, copy),
    arn: group.arn.replace(group.name, copyName(group.name, copy)),
    creationMs: group.creationMs,
    storedBytes: () => group.storedBytes(),
    streams: () => group.streams(),
    events: (startMs, endMs, logStream) => group.events(startMs, endMs, logStream),
  };
}

function* copyMetrics(ids: Iterable<MetricId>, copies: number): Iterable<MetricId> {
  for (const id of ids) {
    for (let copy = 0; copy < copies; copy += 1) yield mapNames(id, (name) => copyName(name, copy));
  }
}

function pointsOf(account: Account, id: MetricId, startMs: number, endMs: number): readonly MetricPoint[] {
  return account.metricPoints(
    mapNames(id, (name) => originalOf(name).original),
    startMs,
    endMs,
  );
}
