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

interface FakeQuery {
  readonly status: QueryStatus | readonly QueryStatus[] | Error;
  readonly rows?: readonly LogLine[] | Error;
}

export interface World {
  readonly mappings?: readonly EventSourceMapping[];
  /** By function ARN as the mapping names it; an Error is thrown. */
  readonly functions?: Readonly<Record<string, ConsumerFunction | Error>>;
  /** Functions with asynchronous events; an Error is thrown by the listing. @default none */
  readonly asyncFunctions?: readonly AsyncFunction[] | Error;
  /** By function ARN, alias or version included; an Error is thrown. */
  readonly asyncSettings?: Readonly<Record<string, AsyncInvokeSettings | Error>>;
  /** By queue name. */
  readonly queues?: Readonly<Record<string, QueueSettings | Error>>;
  /** Value of every point of a request; undefined = no point. */
  readonly metric?: (request: MetricRequest) => number | undefined;
  readonly metricsError?: Error;
  /** By queue name; an Error is thrown. */
  readonly samples?: Readonly<Record<string, SampleResult | Error>>;
  /** By log group; an Error is thrown by StartQuery. */
  readonly logs?: Readonly<Record<string, FakeQuery | Error>>;
  readonly publishError?: Error;
  readonly stopError?: Error;
}

export interface FakePorts extends ScanPorts {
  /** Every call of a port in order, e.g. `queues.describeQueue orders`. */
  readonly log: string[];
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
  const queryOf = (queryId: string): FakeQuery => found(world.logs, queryId.replace(/^query:/, ""));

  return {
    log,
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
      describeFunction: async (arn) => {
        note(`mappings.describeFunction ${shortName(arn)}`);
        return found(world.functions, arn);
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
      describeQueue: async (arn) => {
        note(`queues.describeQueue ${shortName(arn)}`);
        return found(world.queues, shortName(arn));
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
        note(`logs.startQuery ${query.logGroup}`);
        found(world.logs, query.logGroup);
        started.push(query);
        return `query:${query.logGroup}`;
      },
      queryStatus: async (queryId) => {
        note(`logs.queryStatus ${queryId}`);
        const { status } = queryOf(queryId);
        if (status instanceof Error) throw status;
        if (!Array.isArray(status)) return status as QueryStatus;
        const look = looks.get(queryId) ?? 0;
        looks.set(queryId, look + 1);
        return status[Math.min(look, status.length - 1)];
      },
      readRows: async function* (queryId) {
        note(`logs.readRows ${queryId}`);
        const { rows = [] } = queryOf(queryId);
        if (rows instanceof Error) throw rows;
        yield rows;
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
