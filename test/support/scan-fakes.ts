// A small made-up account behind the ports, for the tests of the scan's use cases.
import { createMemoryLedger } from "../../aws/memory-ledger.ts";
import type { AsyncInvokeSettings } from "../../core/model/async-path.ts";
import type {
  ConsumerFunction,
  DeliveryPath,
  EventSourceMapping,
  QueueSettings,
} from "../../core/model/delivery-path.ts";
import type { SampleResult, Window } from "../../core/model/measurement.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import type {
  AsyncFunction,
  LogLine,
  LogQuery,
  MetricRequest,
  MetricSeries,
  Notification,
  QueryStatus,
} from "../../core/ports.ts";
import { unqualifiedFunctionArn } from "../../core/scan/arn.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";

export const ACCOUNT = "123456789012";
export const REGION = "eu-west-1";
export const WINDOW: Window = {
  startMs: Date.parse("2026-11-23T14:40:00Z"),
  endMs: Date.parse("2026-11-23T17:40:00Z"),
};
export const SCAN = { scanId: "20261123T180000Z", window: WINDOW };
export const BATCH = { ...SCAN, batchKey: "0001" };
export const SETTINGS: ScanSettings = ScanSettings.parse({});

export const queueArn = (name: string, account = ACCOUNT): string =>
  `arn:aws:sqs:${REGION}:${account}:${name}`;
export const functionArn = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

export function mapping(
  queue: string,
  consumer: string,
  more: Partial<EventSourceMapping> = {},
): EventSourceMapping {
  return {
    uuid: `${queue}-${consumer}`,
    state: "Enabled",
    queueArn: queueArn(queue),
    functionArn: functionArn(consumer),
    batchSize: 10,
    maximumBatchingWindowSeconds: 0,
    filterCount: 0,
    reportBatchItemFailures: false,
    eventCountMetrics: false,
    ...more,
  };
}

export function consumer(name: string, more: Partial<ConsumerFunction> = {}): ConsumerFunction {
  return {
    arn: functionArn(name),
    name,
    timeoutSeconds: 10,
    runtime: "nodejs24.x",
    logGroup: `/aws/lambda/${name}`,
    logFormat: "Text",
    ...more,
  };
}

export function queueSettings(name: string, more: Partial<QueueSettings> = {}): QueueSettings {
  return {
    url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
    visibilityTimeoutSeconds: 60,
    fifo: false,
    contentBasedDeduplication: false,
    delaySeconds: 0,
    messageRetentionSeconds: 345_600,
    tags: {},
    ...more,
  };
}

/** A path of one queue and one consumer, `<name>-worker`. */
export function deliveryPath(name: string, more: Partial<DeliveryPath> = {}): DeliveryPath {
  const worker = `${name}-worker`;
  return {
    queueArn: queueArn(name),
    queueName: name,
    foreign: false,
    settings: queueSettings(name),
    consumers: [{ mapping: mapping(name, worker), function: consumer(worker) }],
    unreadable: [],
    ...more,
  };
}

export type FakeStatus =
  | Exclude<QueryStatus, { readonly state: "complete" }>
  | { readonly state: "complete"; readonly bytesScanned: number; readonly rows: number };

/** A log group's part in every query of it; a query of several is the sum, or as the worst of them. */
interface FakeQuery {
  readonly status: FakeStatus | readonly FakeStatus[] | Error;
  readonly rows?: readonly LogLine[] | Error;
}

export interface World {
  readonly mappings?: readonly EventSourceMapping[];
  /** By function ARN as the mapping names it; an Error is thrown. */
  readonly functions?: Readonly<Record<string, ConsumerFunction | Error>>;
  /** What the listing says, by unqualified function ARN; absent where it shows none. */
  readonly revisions?: Readonly<Record<string, string>>;
  /** By function ARN; an Error is thrown. */
  readonly reservedConcurrency?: Readonly<Record<string, number | Error>>;
  /** Functions with asynchronous events; an Error is thrown by the listing. @default none */
  readonly asyncFunctions?: readonly AsyncFunction[] | Error;
  /** By function ARN, alias or version included; an Error is thrown. */
  readonly asyncSettings?: Readonly<Record<string, AsyncInvokeSettings | Error>>;
  /** By queue name. */
  readonly queues?: Readonly<Record<string, QueueSettings | Error>>;
  /** What the listing says of a queue, where that is not what the queue says; by queue name. */
  readonly listedQueues?: Readonly<Record<string, QueueSettings>>;
  /** Value of every point of a request; undefined = no point. */
  readonly metric?: (request: MetricRequest) => number | undefined;
  readonly metricsError?: Error;
  /** By queue name; an Error is thrown. */
  readonly samples?: Readonly<Record<string, SampleResult | Error>>;
  /** By log group; an Error is thrown by StartQuery. */
  readonly logs?: Readonly<Record<string, FakeQuery | Error>>;
  /** True for an endpoint that does not tell which log group a row is of. */
  readonly hidesLogGroups?: boolean;
  readonly publishError?: Error;
  readonly stopError?: Error;
}

export interface FakePorts extends ScanPorts {
  /** Every call of a port in order, e.g. `queues.describeQueue orders`. */
  readonly log: string[];
  /** Whom each listing was wanted for, by ARN. */
  readonly listed: string[][];
  readonly published: Notification[];
  readonly started: LogQuery[];
  readonly requested: MetricRequest[];
}

function found<T>(table: Readonly<Record<string, T | Error>> | undefined, key: string): T {
  const value = table?.[key];
  if (value instanceof Error) throw value;
  if (value === undefined) throw new Error(`the fake account has no ${key}`);
  return value;
}

const shortName = (arn: string): string => arn.split(":").slice(5).join(":");

export function createFakePorts(world: World = {}): FakePorts {
  const log: string[] = [];
  const listed: string[][] = [];
  const published: Notification[] = [];
  const started: LogQuery[] = [];
  const requested: MetricRequest[] = [];
  const looks = new Map<string, number>();
  let calls: Record<string, number> = {};
  const note = (what: string) => {
    log.push(what);
    const operation = what.split(" ")[0] ?? what;
    calls[operation] = (calls[operation] ?? 0) + 1;
  };
  const groupsOf = (queryId: string) => queryId.replace(/^query:/, "").split(" ");
  const statusNow = ({ status }: FakeQuery, look: number): FakeStatus => {
    if (status instanceof Error) throw status;
    if (!("length" in status)) return status;
    return status[Math.min(look, status.length - 1)] as FakeStatus;
  };

  const describeFunction = async (arn: string): Promise<ConsumerFunction> => {
    note(`mappings.describeFunction ${shortName(arn)}`);
    return found(world.functions, arn);
  };
  const describeQueue = async (arn: string): Promise<QueueSettings> => {
    note(`queues.describeQueue ${shortName(arn)}`);
    return found(world.queues, shortName(arn));
  };

  return {
    log,
    listed,
    published,
    started,
    requested,
    ledger: createMemoryLedger(),
    nowMs: () => Date.parse("2026-11-23T18:00:30Z"),
    calls: {
      take: () => {
        const taken = calls;
        calls = {};
        return taken;
      },
    },
    account: { identity: async () => ({ accountId: ACCOUNT, region: REGION }) },
    mappings: {
      listQueueMappings: async () => {
        note("mappings.list");
        return [...(world.mappings ?? [])];
      },
      describeFunction,
      forMany: async (arns) => {
        listed.push([...arns]);
        return { describeFunction, revisionOf: (arn) => world.revisions?.[unqualifiedFunctionArn(arn)] };
      },
      reservedConcurrency: async (arn) => {
        note(`mappings.reservedConcurrency ${shortName(arn)}`);
        const reserved = world.reservedConcurrency?.[arn];
        if (reserved instanceof Error) throw reserved;
        return reserved;
      },
    },
    asyncEvents: {
      listFunctions: async () => {
        note("asyncEvents.listFunctions");
        const { asyncFunctions = [] } = world;
        if (asyncFunctions instanceof Error) throw asyncFunctions;
        return [...asyncFunctions];
      },
      describe: async (arn) => {
        note(`asyncEvents.describe ${shortName(arn)}`);
        return found(world.asyncSettings, arn);
      },
    },
    queues: {
      describeQueue,
      forMany: async (arns) => {
        listed.push([...arns]);
        return {
          describeQueue: async (arn) => world.listedQueues?.[shortName(arn)] ?? describeQueue(arn),
        };
      },
      sampleReceiveCounts: async (url, arn) => {
        note(`queues.sample ${url}`);
        return found(world.samples, shortName(arn));
      },
    },
    metrics: {
      getSeries: async (requests, window, periodSeconds) => {
        note(`metrics.getSeries ${periodSeconds}`);
        requested.push(...requests);
        if (world.metricsError !== undefined) throw world.metricsError;
        const points = Math.ceil((window.endMs - window.startMs) / (periodSeconds * 1000));
        return new Map(
          requests.map((request): [string, MetricSeries] => {
            const value = world.metric?.(request) ?? null;
            return [request.id, { values: new Array(points).fill(value), periodSeconds, status: "complete" }];
          }),
        );
      },
    },
    logs: {
      startQuery: async (query) => {
        const names = query.logGroups.join(" ");
        note(`logs.startQuery ${names}`);
        for (const logGroup of query.logGroups) found(world.logs, logGroup);
        started.push(query);
        return `query:${names}`;
      },
      queryStatus: async (queryId) => {
        note(`logs.queryStatus ${queryId}`);
        const groups = groupsOf(queryId).map((logGroup) => ({ logGroup, ...found(world.logs, logGroup) }));
        const look = looks.get(queryId) ?? 0;
        looks.set(queryId, look + 1);
        const statuses = groups.map((group) => statusNow(group, look));
        const whole = { state: "complete", bytesScanned: 0, rows: 0 } as const;
        const status = statuses.reduce<FakeStatus>((all, one) => {
          if (all.state !== "complete" || one.state !== "complete")
            return all.state === "complete" ? one : all;
          return {
            state: "complete",
            bytesScanned: all.bytesScanned + one.bytesScanned,
            rows: all.rows + one.rows,
          };
        }, whole);
        if (status.state !== "complete") return status;
        async function* pages() {
          note(`logs.readRows ${queryId}`);
          const lines = groups.flatMap(({ logGroup, rows = [] }) => {
            if (rows instanceof Error) throw rows;
            return rows.map((line) => (world.hidesLogGroups === true ? line : { ...line, logGroup }));
          });
          yield lines.toSorted((a, b) => a.timestampMs - b.timestampMs);
        }
        return { ...status, pages: pages() };
      },
      stopQuery: async (queryId) => {
        note(`logs.stopQuery ${queryId}`);
        if (world.stopError !== undefined) throw world.stopError;
      },
    },
    notifier: {
      publish: async (notification) => {
        note("notifier.publish");
        if (world.publishError !== undefined) throw world.publishError;
        published.push(notification);
      },
    },
  };
}
