// What clients do to queues at the present virtual time, with AWS's checks and error codes.
import { createHash } from "node:crypto";
import {
  type QueueAttributes,
  type ReceivedMessage,
  type SendOptions,
  SimulatedAwsError,
  type SimulatedQueue,
} from "../account.ts";
import { bodyOf, messageId, sequenceNumber, systemAttributes } from "./bodies.ts";
import { parseReceiptHandle, receiptHandle } from "./ids.ts";
import { Queue } from "./queue.ts";
import type { Delivery } from "./records.ts";
import type { World } from "./world.ts";

const PURGE_PAUSE_MS = 60_000;

function invalid(message: string): SimulatedAwsError {
  return new SimulatedAwsError("InvalidParameterValue", message);
}

function nonExistent(): SimulatedAwsError {
  return new SimulatedAwsError(
    "AWS.SimpleQueueService.NonExistentQueue",
    "The specified queue does not exist.",
  );
}

/** @throws SimulatedAwsError unless `low` ≤ value ≤ `high`, whole. */
function checkRange(name: string, value: number | undefined, low: number, high: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= low && value <= high)) return;
  throw invalid(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${low} and ${high}, if provided.`,
  );
}

export class ClientOperations {
  readonly #world: World;
  readonly #purgedMs = new Map<Queue, number>();
  baseUrl: string;

  constructor(world: World, baseUrl: string) {
    this.#world = world;
    this.baseUrl = baseUrl;
  }

  urlOf(queue: Queue): string {
    return `${this.baseUrl}/${queue.accountId}/${queue.name}`;
  }

  /** Queues of this account that exist, by name. */
  ownQueues(): Queue[] {
    return [...this.#world.queues.values()]
      .filter((queue) => queue.accountId === this.#world.accountId && !queue.deleted)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws SimulatedAwsError when there is none, or another account's. Only the URL's path is looked at. */
  queueAt(queueUrl: string): Queue {
    const [accountId, name] = queueUrl.split("/").slice(-2);
    const queue = this.#world.queues.get(`arn:aws:sqs:${this.#world.region}:${accountId}:${name}`);
    if (queue === undefined || queue.deleted) throw nonExistent();
    if (queue.accountId !== this.#world.accountId) {
      throw new SimulatedAwsError("AccessDenied", `Access to the resource ${queueUrl} is denied.`, 403);
    }
    return queue;
  }

  send(queueUrl: string, options: SendOptions): { messageId: string; sequenceNumber?: string } {
    const queue = this.queueAt(queueUrl);
    checkRange("DelaySeconds", options.delaySeconds, 0, 900);
    if (options.body === "") {
      throw new SimulatedAwsError("MissingParameter", "The request must contain the parameter MessageBody.");
    }
    const message = queue.send({
      content: {
        body: options.body,
        messageAttributes: options.messageAttributes ?? {},
        ...(options.messageGroupId === undefined ? {} : { groupId: options.messageGroupId }),
        deduplicationId: this.#deduplicationId(queue, options),
      },
      businessKey: 0,
      group: options.messageGroupId ?? "",
      deduplicationId: this.#deduplicationId(queue, options),
      resent: false,
      filtered: false,
      failuresLeft: 0,
      ...(options.delaySeconds === undefined ? {} : { delayMs: options.delaySeconds * 1000 }),
    });
    return {
      messageId: messageId(this.#world, message),
      ...(queue.settings.fifo ? { sequenceNumber: sequenceNumber(message) } : {}),
    };
  }

  #deduplicationId(queue: Queue, options: SendOptions): string {
    if (!queue.settings.fifo) return "";
    if (options.messageGroupId === undefined) {
      throw new SimulatedAwsError(
        "MissingParameter",
        "The request must contain the parameter MessageGroupId.",
      );
    }
    if (options.delaySeconds !== undefined && options.delaySeconds > 0) {
      throw invalid(
        `Value ${options.delaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
      );
    }
    if (options.messageDeduplicationId !== undefined) return options.messageDeduplicationId;
    if (queue.settings.contentBasedDeduplication) {
      return createHash("sha256").update(options.body).digest("hex");
    }
    throw invalid(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }

  receive(queueUrl: string, options: { max: number; visibilityTimeoutSeconds?: number }): ReceivedMessage[] {
    const queue = this.queueAt(queueUrl);
    checkRange("MaxNumberOfMessages", options.max, 1, 10);
    checkRange("VisibilityTimeout", options.visibilityTimeoutSeconds, 0, 43_200);
    const timeoutMs =
      options.visibilityTimeoutSeconds === undefined ? undefined : options.visibilityTimeoutSeconds * 1000;
    const received = queue.receive(options.max, timeoutMs);
    if (received.length === 0) queue.metrics.emptyReceives.record(this.#world.clock.nowMs, 1);
    return received.map((delivery) => this.#received(delivery));
  }

  #received(delivery: Delivery): ReceivedMessage {
    const { message, queue } = delivery;
    // Whoever received it is no function of ours.
    delivery.outcome = "none";
    return {
      messageId: messageId(this.#world, message),
      receiptHandle: receiptHandle(this.#world.seed, queue.name, delivery.index),
      body: bodyOf(this.#world, message),
      attributes: systemAttributes(this.#world, delivery),
      messageAttributes: typeof message.content === "string" ? {} : message.content.messageAttributes,
    };
  }

  #delivery(queue: Queue, handle: string): Delivery {
    const index = parseReceiptHandle(this.#world.seed, queue.name, handle);
    const delivery = index === undefined ? undefined : queue.deliveries[index];
    if (delivery !== undefined) return delivery;
    throw new SimulatedAwsError(
      "ReceiptHandleIsInvalid",
      `The input receipt handle "${handle}" is not a valid receipt handle.`,
    );
  }

  delete(queueUrl: string, handle: string): void {
    const queue = this.queueAt(queueUrl);
    if (queue.delete(this.#delivery(queue, handle))) return;
    throw invalid(
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    );
  }

  changeVisibility(queueUrl: string, handle: string, visibilityTimeoutSeconds: number): void {
    const queue = this.queueAt(queueUrl);
    checkRange("VisibilityTimeout", visibilityTimeoutSeconds, 0, 43_200);
    const delivery = this.#delivery(queue, handle);
    if (queue.changeVisibility(delivery, visibilityTimeoutSeconds * 1000)) return;
    throw new SimulatedAwsError(
      "AWS.SimpleQueueService.MessageNotInflight",
      "The message referred to is not in flight.",
    );
  }

  setAttributes(queueUrl: string, attributes: QueueAttributes): void {
    const queue = this.queueAt(queueUrl);
    for (const name of ["FifoQueue", "QueueArn"]) {
      if (name in attributes) {
        throw new SimulatedAwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
      }
    }
    queue.settings.set(attributes);
    queue.lastModifiedMs = this.#world.clock.nowMs;
  }

  create(name: string, attributes: QueueAttributes, tags: Record<string, string>): Queue {
    const fifo = attributes["FifoQueue"] === "true";
    if (!/^[\w-]{1,80}(\.fifo)?$/.test(name) || name.length > 80 || name.endsWith(".fifo") !== fifo) {
      throw invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    }
    const queue = new Queue(this.#world, { name, accountId: this.#world.accountId, attributes, tags });
    const known = this.#world.queues.get(queue.arn);
    if (known === undefined || known.deleted) {
      this.#world.queues.set(queue.arn, queue);
      return queue;
    }
    const present = known.settings.all();
    const differs = Object.entries(attributes).find(([key, value]) => present[key] !== value);
    if (differs === undefined) return known;
    throw new SimulatedAwsError(
      "QueueAlreadyExists",
      `A queue already exists with the same name and a different value for attribute ${differs[0]}`,
    );
  }

  purge(queueUrl: string): void {
    const queue = this.queueAt(queueUrl);
    const nowMs = this.#world.clock.nowMs;
    const lastMs = this.#purgedMs.get(queue);
    if (lastMs !== undefined && nowMs - lastMs < PURGE_PAUSE_MS) {
      throw new SimulatedAwsError(
        "AWS.SimpleQueueService.PurgeQueueInProgress",
        `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
        403,
      );
    }
    this.#purgedMs.set(queue, nowMs);
    queue.purge();
  }

  deleteQueue(queueUrl: string): void {
    const queue = this.queueAt(queueUrl);
    queue.purge();
    queue.deleted = true;
  }

  describe(queue: Queue): SimulatedQueue {
    return {
      name: queue.name,
      arn: queue.arn,
      url: this.urlOf(queue),
      accountId: queue.accountId,
      tags: { ...queue.tags },
      attributes: () => ({
        ...queue.settings.all(),
        QueueArn: queue.arn,
        CreatedTimestamp: this.#seconds(queue.createdMs),
        LastModifiedTimestamp: this.#seconds(queue.lastModifiedMs),
        ApproximateNumberOfMessages: String(queue.counts.visible),
        ApproximateNumberOfMessagesNotVisible: String(queue.counts["in-flight"]),
        ApproximateNumberOfMessagesDelayed: String(queue.counts.delayed),
      }),
    };
  }

  #seconds(engineMs: number): string {
    return String(Math.floor(this.#world.clock.epochMs(engineMs) / 1000));
  }
}
