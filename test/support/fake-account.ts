// A small hand-made SimulatedAccount for tests of the wire: whatever lists a test wants, no simulation.
import {
  type LogEvent,
  type MetricId,
  type MetricPoint,
  type ReceivedMessage,
  type SimulatedAccount,
  SimulatedAwsError,
  type SimulatedFunction,
  type SimulatedLogGroup,
  type SimulatedMapping,
  type SimulatedQueue,
} from "../../simulator/account.ts";
import { simulatedFunction } from "./simulated-function.ts";

export const ACCOUNT_ID = "123456789012";
export const REGION = "us-east-1";
export const NOW_MS = Date.UTC(2026, 10, 23, 12, 0, 0);
const MINUTE_MS = 60_000;

export interface FakeAccountOptions {
  readonly queues?: readonly string[];
  readonly mappings?: number;
  readonly functions?: readonly Partial<SimulatedFunction>[];
  readonly logs?: Readonly<Record<string, readonly Partial<LogEvent>[]>>;
  readonly metrics?: readonly (MetricId & { readonly minutes: readonly Partial<MetricPoint>[] })[];
}

export function queueArn(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`;
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${name}`;
}

interface FakeQueue extends SimulatedQueue {
  readonly settings: Record<string, string>;
  readonly tags: Record<string, string>;
  messages: (ReceivedMessage & { visible: boolean })[];
}

function makeMapping(index: number): SimulatedMapping {
  return {
    uuid: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    state: "Enabled",
    eventSourceArn: queueArn(`queue-${index % 2}`),
    functionArn: functionArn("consumer"),
    batchSize: 10,
    maximumBatchingWindowSeconds: 0,
    filterPatterns: [],
    reportBatchItemFailures: false,
    eventCountMetrics: false,
    lastModifiedMs: NOW_MS,
  };
}

function makeLogGroup(name: string, given: readonly Partial<LogEvent>[]): SimulatedLogGroup {
  const events = given.map((event, index) => ({
    timestampMs: NOW_MS + index,
    ingestionMs: NOW_MS + index,
    logStream: "stream",
    message: "",
    ...event,
  }));
  return {
    name,
    arn: `arn:aws:logs:${REGION}:${ACCOUNT_ID}:log-group:${name}`,
    creationMs: NOW_MS,
    storedBytes: () => 1000,
    streams: () =>
      [...new Set(events.map(({ logStream }) => logStream))].map((stream) => ({
        name: stream,
        firstMs: NOW_MS,
        lastMs: NOW_MS,
      })),
    events: (startMs, endMs, stream) =>
      events.filter(
        (event) =>
          event.timestampMs >= startMs &&
          event.timestampMs < endMs &&
          (stream === undefined || event.logStream === stream),
      ),
  };
}

export function createFakeAccount(options: FakeAccountOptions = {}) {
  let baseUrl = "http://unset";
  const queues: FakeQueue[] = [];
  const createQueue = (name: string, attributes: Record<string, string>, tags: Record<string, string>) => {
    const settings: Record<string, string> = { VisibilityTimeout: "30", ...attributes };
    const queue: FakeQueue = {
      name,
      arn: queueArn(name),
      accountId: ACCOUNT_ID,
      get url() {
        return `${baseUrl}/${ACCOUNT_ID}/${name}`;
      },
      tags: { ...tags },
      settings,
      messages: [],
      attributes: () => ({ ...settings, QueueArn: queueArn(name) }),
    };
    queues.push(queue);
    return queue;
  };
  for (const name of options.queues ?? []) {
    createQueue(name, {}, { team: "orders" });
  }
  const byUrl = (url: string): FakeQueue => {
    const found = queues.find((queue) => queue.url === url);
    if (found === undefined) {
      throw new SimulatedAwsError("AWS.SimpleQueueService.NonExistentQueue", "no such queue");
    }
    return found;
  };
  const byHandle = (url: string, handle: string) => {
    const found = byUrl(url).messages.find(({ receiptHandle }) => receiptHandle === handle);
    if (found === undefined) {
      throw new SimulatedAwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
    }
    return found;
  };

  const account: SimulatedAccount & { setBaseUrl(url: string): void } = {
    accountId: ACCOUNT_ID,
    region: REGION,
    setBaseUrl: (url) => {
      baseUrl = url;
    },
    nowMs: () => NOW_MS,
    advanceTo: () => undefined,
    queues: () => queues,
    mappings: () => Array.from({ length: options.mappings ?? 0 }, (_, index) => makeMapping(index)),
    functions: () =>
      (options.functions ?? []).map((given) => simulatedFunction(given.name ?? "consumer", given)),
    logGroups: () => Object.entries(options.logs ?? {}).map(([name, events]) => makeLogGroup(name, events)),
    metrics: () => options.metrics ?? [],
    metricPoints: (id, startMs, endMs) => {
      const found = (options.metrics ?? []).find(
        ({ namespace, metricName, dimensions }) =>
          namespace === id.namespace &&
          metricName === id.metricName &&
          JSON.stringify(dimensions) === JSON.stringify(id.dimensions),
      );
      return (found?.minutes ?? [])
        .map((minute, index) => ({
          minuteStartMs: NOW_MS + index * MINUTE_MS,
          sum: 1,
          min: 1,
          max: 1,
          sampleCount: 1,
          ...minute,
        }))
        .filter(({ minuteStartMs }) => minuteStartMs >= startMs && minuteStartMs < endMs);
    },
    createQueue,
    deleteQueue: (url) => {
      queues.splice(queues.indexOf(byUrl(url)), 1);
    },
    purgeQueue: (url) => {
      byUrl(url).messages = [];
    },
    setAttributes: (url, attributes) => void Object.assign(byUrl(url).settings, attributes),
    tagQueue: (url, tags) => void Object.assign(byUrl(url).tags, tags),
    untagQueue: (url, keys) => {
      const { tags } = byUrl(url);
      for (const key of keys) {
        delete tags[key];
      }
    },
    sendMessage: (url, { body, messageAttributes = {} }) => {
      const queue = byUrl(url);
      const messageId = `message-${queue.messages.length}`;
      queue.messages.push({
        messageId,
        receiptHandle: `handle-${queue.messages.length}`,
        body,
        attributes: { ApproximateReceiveCount: "1", SentTimestamp: String(NOW_MS) },
        messageAttributes,
        visible: true,
      });
      return { messageId };
    },
    receiveMessage: (url, { max }) => {
      const received = byUrl(url)
        .messages.filter(({ visible }) => visible)
        .slice(0, max);
      for (const message of received) {
        message.visible = false;
      }
      return received;
    },
    deleteMessage: (url, handle) => {
      const found = byHandle(url, handle);
      const queue = byUrl(url);
      queue.messages = queue.messages.filter((message) => message !== found);
    },
    changeVisibility: (url, handle, seconds) => {
      byHandle(url, handle).visible = seconds === 0;
    },
  };
  return account;
}
