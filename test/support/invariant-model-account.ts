// The account that the model of the invariants changes: queues that hold what was last written to them, each with one
// function, and the plan as it would have to be now, worked out without the code that is tested.
import { createHash } from "node:crypto";
import { UnreadableError } from "../../core/errors.ts";
import type {
  ConsumerFunction,
  DeliveryPath,
  EventSourceMapping,
  QueueSettings,
} from "../../core/model/delivery-path.ts";
import type { PlanInputs } from "../../core/model/plan.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import { consumer, functionArn, mapping, queueArn, queueSettings } from "./scan-fakes.ts";

/** What the next measurement of a changed queue shows. */
export type Effect = "better" | "unchanged" | "worse" | "nothing";
/** What of a path cannot be read. */
export type Broken = "nothing" | "queue" | "tags" | "function";

export interface QueueSetup {
  readonly seconds: number;
  readonly functionSeconds: number;
  readonly windowSeconds: number;
  readonly maxReceiveCount: number | null;
  readonly retentionSeconds: number;
  readonly mode: "" | "observe" | "approve" | "auto";
  readonly ignored: boolean;
  readonly tagged: boolean;
  readonly evidence: "proven" | "measured";
  readonly effect: Effect;
  readonly broken: Broken;
}

/** One write of a queue's visibility timeout. */
export interface Write {
  readonly by: "us" | "other";
  readonly from: number;
  readonly to: number;
  /** Of ours. */
  readonly changeId?: string;
}

export interface ModelQueue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly fifo: boolean;
  readonly evidence: QueueSetup["evidence"];
  readonly writes: Write[];
  seconds: number;
  functionSeconds: number;
  windowSeconds: number;
  maxReceiveCount: number | null;
  retentionSeconds: number;
  mapping: "Enabled" | "Disabled" | "deleted";
  tags: Record<string, string>;
  broken: Broken;
  effect: Effect;
}

const NAMES = ["alpha", "beta", "gamma.fifo", "delta"] as const;
export const IGNORED = "2099-12-31 load test";
export const TEAM = "team";

/** @param index which of the four names. */
export function modelQueue(setup: QueueSetup, index: number): ModelQueue {
  const { mode, ignored, tagged, ...rest } = setup;
  const name = NAMES[index] ?? "none";
  return {
    ...rest,
    name,
    arn: queueArn(name),
    url: queueSettings(name).url,
    fifo: name.endsWith(".fifo"),
    writes: [],
    mapping: "Enabled",
    tags: {
      ...(mode === "" ? {} : { "doubletake:mode": mode }),
      ...(ignored ? { "doubletake:ignore": IGNORED } : {}),
      ...(tagged ? { [TEAM]: "shop" } : {}),
    },
  };
}

const workerOf = ({ name }: ModelQueue): string => `${name.replace(".", "-")}-worker`;

const isWorkerOf = (queue: ModelQueue, arn: string): boolean => functionArn(workerOf(queue)) === arn;

export function mappingsOf(queue: ModelQueue): EventSourceMapping[] {
  if (queue.mapping === "deleted") return [];
  const { windowSeconds: maximumBatchingWindowSeconds, mapping: state } = queue;
  return [mapping(queue.name, workerOf(queue), { state, maximumBatchingWindowSeconds })];
}

/** @throws UnreadableError while it cannot be read. */
export function readFunction(queues: readonly ModelQueue[], arn: string): ConsumerFunction {
  const queue = queues.find((one) => isWorkerOf(one, arn));
  if (queue === undefined) throw new Error(`the model has no function ${arn}`);
  if (queue.broken === "function") throw new UnreadableError(arn, "lambda:GetFunction is not allowed");
  return consumer(workerOf(queue), { timeoutSeconds: queue.functionSeconds });
}

/** @throws UnreadableError while it cannot be read. */
export function readQueue(queue: ModelQueue): QueueSettings {
  if (queue.broken === "queue") throw new UnreadableError(queue.arn, "sqs:GetQueueAttributes is not allowed");
  const areTagsHidden = queue.broken === "tags";
  return queueSettings(queue.name, {
    visibilityTimeoutSeconds: queue.seconds,
    fifo: queue.fifo,
    messageRetentionSeconds: queue.retentionSeconds,
    tags: areTagsHidden ? {} : { ...queue.tags },
    ...(areTagsHidden
      ? { unreadable: [{ resource: queue.arn, reason: "sqs:ListQueueTags is not allowed" }] }
      : {}),
    ...(queue.maxReceiveCount === null
      ? {}
      : {
          redrive: {
            deadLetterTargetArn: queueArn(`${queue.name}-dlq`),
            maxReceiveCount: queue.maxReceiveCount,
          },
        }),
  });
}

/** As a scan reads it. */
export function pathOf(queue: ModelQueue): DeliveryPath {
  const isReadable = queue.broken !== "queue";
  const settings = isReadable ? readQueue(queue) : undefined;
  const hidden = queue.broken === "function";
  return {
    queueArn: queue.arn,
    queueName: queue.name,
    foreign: false,
    ...(settings === undefined ? {} : { settings }),
    consumers: mappingsOf(queue).map((one) => ({
      mapping: one,
      ...(hidden ? {} : { function: readFunction([queue], one.functionArn) }),
    })),
    unreadable: queue.broken === "nothing" ? [] : [{ resource: queue.arn, reason: "not allowed" }],
  };
}

/** The target by DESIGN's formula; undefined where no raise is left. */
function targetOf(queue: ModelQueue, { scan }: RemediationSettings): number | undefined {
  if (queue.mapping !== "Enabled") return undefined;
  const { functionSeconds, windowSeconds, fifo, seconds } = queue;
  const isMargin = fifo || scan.targetPolicy === "margin";
  const wanted = (isMargin ? Math.ceil((functionSeconds * 13) / 10) : 6 * functionSeconds) + windowSeconds;
  const target = Math.min(wanted, scan.maxVisibilityTimeoutSeconds, 43_200);
  return target > seconds ? target : undefined;
}

/** Whether settings and tags let the queue be changed at all. */
export function mayBeChanged(queue: ModelQueue, { change }: RemediationSettings): boolean {
  const mode = queue.tags["doubletake:mode"] ?? "approve";
  return (
    change.mode !== "observe" &&
    (mode === "approve" || mode === "auto") &&
    queue.tags["doubletake:ignore"] === undefined &&
    change.changeQueues.some((glob) => glob === "*" || queue.name.startsWith(glob.slice(0, -1))) &&
    (change.changeTag === undefined || queue.tags[TEAM] === "shop")
  );
}

/** Hash of the plan that would be made now; undefined where there would be none. */
export function hashNow(queue: ModelQueue, settings: RemediationSettings): string | undefined {
  const to = targetOf(queue, settings);
  if (to === undefined) return undefined;
  const inputs: PlanInputs = {
    queueArn: queue.arn,
    from: queue.seconds,
    to,
    policy: queue.fifo ? "margin" : settings.scan.targetPolicy,
    fifo: queue.fifo,
    redrive:
      queue.maxReceiveCount === null
        ? null
        : {
            deadLetterTargetArn: queueArn(`${queue.name}-dlq`),
            maxReceiveCount: queue.maxReceiveCount,
          },
    messageRetentionSeconds: queue.retentionSeconds,
    consumers: mappingsOf(queue).map((one) => ({
      uuid: one.uuid,
      state: one.state,
      functionArn: one.functionArn,
      batchSize: one.batchSize,
      maximumBatchingWindowSeconds: one.maximumBatchingWindowSeconds,
      functionTimeoutSeconds: queue.functionSeconds,
    })),
  };
  return createHash("sha256").update(sortedJson(inputs)).digest("hex");
}

/** Keys in order at every depth. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${sortedJson(one)}`).join(",")}}`;
}

/** Exactly what was proposed, readable, and still to be changed: what may be approved and applied. */
export const isUnchanged = (queue: ModelQueue, hash: string, settings: RemediationSettings): boolean =>
  queue.broken === "nothing" && mayBeChanged(queue, settings) && hashNow(queue, settings) === hash;
