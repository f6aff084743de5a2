// A large account from a small one: the same queues, functions and traffic several times, under other names. To simulate
// 5,000 paths one by one would take ten minutes, and tell nothing more about what it takes to scan them.
import type {
  LogEvent,
  MetricId,
  MetricPoint,
  QueueAttributes,
  SimulatedAccount,
  SimulatedFunction,
  SimulatedLogGroup,
  SimulatedMapping,
  SimulatedQueue,
} from "../../simulator/account.ts";

type Account = SimulatedAccount & { setBaseUrl(url: string): void };

const FIFO = ".fifo";

/** "orders.fifo" → "orders-c2.fifo"; the first copy keeps its names. */
export function copyName(name: string, copy: number): string {
  if (copy === 0) return name;
  return name.endsWith(FIFO) ? `${name.slice(0, -FIFO.length)}-c${copy}${FIFO}` : `${name}-c${copy}`;
}

/** The copy of a name, and what it is a copy of. */
export function originalOf(name: string): { readonly original: string; readonly copy: number } {
  const [, before, copy, after] = /^(.*)-c(\d+)(\.fifo)?$/.exec(name) ?? [];
  return before === undefined
    ? { original: name, copy: 0 }
    : { original: `${before}${after ?? ""}`, copy: Number(copy) };
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

  return new Proxy(account, {
    get(target, property) {
      switch (property) {
        case "queues":
        case "mappings":
        case "functions":
        case "logGroups":
          return () => lists()[property];
        case "metrics":
          return () => copyMetrics(target.metrics(), copies);
        case "metricPoints":
          return (id: MetricId, startMs: number, endMs: number) => pointsOf(target, id, startMs, endMs);
        case "setBaseUrl":
          return (url: string) => {
            target.setBaseUrl(url);
            listed = undefined;
          };
        default: {
          const value: unknown = Reflect.get(target, property, target);
          return typeof value === "function" ? value.bind(target) : value;
        }
      }
    },
  });
}

/** In a log group of several functions a stream's name begins with the function's. */
function copyLogGroup(group: SimulatedLogGroup, copy: number): SimulatedLogGroup {
  const streamName = (name: string) =>
    name.replace(/(?<=^\d{4}\/\d{2}\/\d{2}\/)[^[\]/]+(?=\[)/, (owner) => copyName(owner, copy));
  return {
    name: copyName(group.name, copy),
    arn: group.arn.replace(group.name, copyName(group.name, copy)),
    creationMs: group.creationMs,
    storedBytes: () => group.storedBytes(),
    streams: () => group.streams().map((stream) => ({ ...stream, name: streamName(stream.name) })),
    *events(startMs, endMs): Iterable<LogEvent> {
      for (const event of group.events(startMs, endMs)) {
        yield { ...event, logStream: streamName(event.logStream) };
      }
    },
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
