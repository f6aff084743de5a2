// One SQS queue. Every message is in exactly one state (delayed, visible, in flight, gone), and every receive
// is kept as a Delivery, because the ground truth and the logs are told from them.
import type { QueueAttributes } from "../account.ts";
import { causeOfDelivery } from "./causes.ts";
import { Deduplication } from "./deduplication.ts";
import { FifoOrder, type MessageOrder, StandardOrder } from "./message-order.ts";
import { QueueMetrics } from "./queue-metrics.ts";
import { QueueSettings } from "./queue-settings.ts";
import type { Delivery, Message } from "./records.ts";
import type { World } from "./world.ts";

export interface QueueOptions {
  readonly name: string;
  readonly accountId: string;
  readonly attributes: QueueAttributes;
  readonly tags: Readonly<Record<string, string>>;
}

export interface NewMessage
  extends Pick<Message, "content" | "businessKey" | "group" | "resent" | "filtered" | "failuresLeft"> {
  /** FIFO; "" = none. */
  readonly deduplicationId: string;
  /** Overrides the queue's delay. */
  readonly delayMs?: number;
}

/** How messages left, for the books: sent + movedIn + reappeared = live + all the others. */
export interface QueueBooks {
  sent: number;
  movedIn: number;
  reappeared: number;
  removed: number;
  movedOut: number;
  expired: number;
  purged: number;
}

export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly accountId: string;
  readonly createdMs: number;
  readonly settings: QueueSettings;
  readonly metrics: QueueMetrics;
  readonly tags: Record<string, string>;
  /** Every receive, in order. */
  readonly deliveries: Delivery[] = [];
  /** Every message that is not gone, oldest first. */
  readonly live = new Set<Message>();
  readonly counts = { delayed: 0, visible: 0, "in-flight": 0, gone: 0 };
  readonly books: QueueBooks = {
    sent: 0,
    movedIn: 0,
    reappeared: 0,
    removed: 0,
    movedOut: 0,
    expired: 0,
    purged: 0,
  };
  /** Told whenever something has become receivable. */
  readonly listeners: (() => void)[] = [];
  lastModifiedMs: number;
  /** Last time anything called it; decides whether it is active. */
  lastUsedMs = Number.NEGATIVE_INFINITY;
  deleted = false;
  readonly #world: World;
  readonly #order: MessageOrder;
  readonly #deduplication = new Deduplication();

  constructor(world: World, options: QueueOptions) {
    this.#world = world;
    this.name = options.name;
    this.accountId = options.accountId;
    this.arn = `arn:aws:sqs:${world.region}:${options.accountId}:${options.name}`;
    this.settings = new QueueSettings(options.attributes);
    this.tags = { ...options.tags };
    this.#order = this.settings.fifo ? new FifoOrder() : new StandardOrder();
    this.createdMs = world.clock.nowMs;
    this.lastModifiedMs = this.createdMs;
    this.metrics = new QueueMetrics(world, this, options.accountId === world.accountId);
  }

  get groupsInFlight(): number {
    return this.#order.groupsInFlight();
  }

  /** @returns the message; on FIFO the first one of the same deduplication id within five minutes. */
  send(content: NewMessage): Message {
    const nowMs = this.#world.clock.nowMs;
    this.lastUsedMs = nowMs;
    const twin = this.#deduplication.find(content.deduplicationId, nowMs);
    if (twin !== undefined) {
      this.metrics.deduplicated.record(nowMs, 1);
      return twin;
    }
    const message: Message = {
      index: this.#world.nextIndex("message"),
      sentMs: nowMs,
      businessKey: content.businessKey,
      content: content.content,
      group: content.group,
      resent: content.resent,
      filtered: content.filtered,
      failuresLeft: content.failuresLeft,
      state: "gone",
      receiveCount: 0,
      firstReceivedMs: 0,
      latest: null,
      redrivenFrom: null,
    };
    this.#deduplication.remember(content.deduplicationId, message);
    this.books.sent += 1;
    this.metrics.sent.record(nowMs, 1);
    const delayMs = content.delayMs ?? this.settings.delayMs;
    this.#admit(message, delayMs);
    return message;
  }

  /** A message that arrives from a dead-letter queue, or as one: not counted as sent [back from one: unknown]. */
  moveIn(message: Message): void {
    this.books.movedIn += 1;
    this.lastUsedMs = this.#world.clock.nowMs;
    this.#admit(message, 0);
  }

  /**
   * What StartMessageMoveTask does with every message waiting here: the body stays, the id, the time of sending
   * and the receive count are new.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
   */
  moveAllTo(target: Queue): void {
    for (const message of [...this.live]) {
      if (message.state === "in-flight") continue;
      this.#leave(message, "movedOut");
      target.moveIn({
        ...message,
        index: this.#world.nextIndex("message"),
        sentMs: this.#world.clock.nowMs,
        receiveCount: 0,
        firstReceivedMs: 0,
        latest: null,
        redrivenFrom: message,
      });
    }
  }

  /** Up to `max` messages; those received too often already go to the dead-letter queue instead. */
  receive(max: number, visibilityTimeoutMs = this.settings.visibilityTimeoutMs): Delivery[] {
    const nowMs = this.#world.clock.nowMs;
    this.lastUsedMs = nowMs;
    const received: Delivery[] = [];
    while (received.length < max) {
      const messages = this.#order.take(max - received.length);
      if (messages.length === 0) break;
      for (const message of messages) {
        if (this.#deadLetter(message)) continue;
        received.push(this.#deliver(message, nowMs, nowMs + visibilityTimeoutMs));
      }
    }
    if (received.length === 0) return received;
    this.metrics.received.record(nowMs, received.length);
    this.#returnAt(nowMs + visibilityTimeoutMs, received);
    return received;
  }

  /**
   * DeleteMessage through the receipt handle of one receive.
   * Standard: always accepted and counted, also when the timeout has passed; but only the most recent handle
   * removes the message. FIFO: refused once the timeout has passed.
   * @returns false when refused.
   */
  delete(delivery: Delivery): boolean {
    const nowMs = this.#world.clock.nowMs;
    const { message } = delivery;
    this.lastUsedMs = nowMs;
    if (this.settings.fifo && nowMs >= delivery.deadlineMs) return false;
    this.metrics.deleted.record(nowMs, 1);
    delivery.deleteMs = nowMs;
    if (message.latest === delivery && message.state !== "gone") {
      this.#leave(message, "removed");
      // The rest of its group may be received now.
      if (this.settings.fifo) this.#notify();
    }
    return true;
  }

  /** @returns false when the message is not in flight through this receive any more. */
  changeVisibility(delivery: Delivery, visibilityTimeoutMs: number): boolean {
    const nowMs = this.#world.clock.nowMs;
    this.lastUsedMs = nowMs;
    if (delivery.message.latest !== delivery || delivery.message.state !== "in-flight") return false;
    delivery.deadlineMs = nowMs + visibilityTimeoutMs;
    this.#returnAt(delivery.deadlineMs, [delivery]);
    return true;
  }

  /** A copy that missed its deletion turns up again: standard queues deliver at least once. */
  reappear(message: Message): void {
    if (message.state !== "gone" || this.deleted) return;
    this.books.reappeared += 1;
    this.#admit(message, 0);
  }

  purge(): void {
    for (const message of [...this.live]) this.#leave(message, "purged");
  }

  /** Once a minute: retention. */
  expire(): void {
    const limitMs = this.#world.clock.nowMs - this.settings.retentionMs;
    for (const message of this.live) {
      if (message.sentMs > limitMs) break;
      this.#leave(message, "expired");
    }
  }

  #admit(message: Message, delayMs: number): void {
    this.live.add(message);
    if (delayMs === 0) {
      this.#enter(message, "visible");
      return;
    }
    this.#enter(message, "delayed");
    this.#world.clock.at(this.#world.clock.nowMs + delayMs, () => {
      if (message.state === "delayed" && this.live.has(message)) this.#enter(message, "visible");
    });
  }

  #enter(message: Message, state: "delayed" | "visible" | "in-flight"): void {
    if (message.state !== "gone") this.counts[message.state] -= 1;
    message.state = state;
    this.counts[state] += 1;
    if (state !== "visible") return;
    this.#order.add(message);
    this.#notify();
  }

  #leave(message: Message, how: "removed" | "movedOut" | "expired" | "purged"): void {
    if (message.state === "in-flight") this.#order.release(message);
    this.counts[message.state] -= 1;
    message.state = "gone";
    this.live.delete(message);
    this.books[how] += 1;
  }

  #notify(): void {
    for (const listener of this.listeners) listener();
  }

  #deadLetter(message: Message): boolean {
    const { redrive } = this.settings;
    if (redrive === undefined || message.receiveCount < redrive.maxReceiveCount) return false;
    const target = this.#world.queues.get(redrive.deadLetterTargetArn);
    if (target === undefined) return false;
    this.#order.release(message);
    this.#leave(message, "movedOut");
    // Id and receive count stay; the receipt handles of this queue are worth nothing there.
    message.latest = null;
    target.moveIn(message);
    return true;
  }

  #deliver(message: Message, nowMs: number, deadlineMs: number): Delivery {
    this.#enter(message, "in-flight");
    message.receiveCount += 1;
    if (message.receiveCount === 1) message.firstReceivedMs = nowMs;
    const delivery: Delivery = {
      index: this.deliveries.length,
      message,
      queue: this,
      receivedMs: nowMs,
      deadlineMs,
      receiveCount: message.receiveCount,
      previous: message.latest,
      invocation: null,
      outcome: "pending",
      fault: null,
      letGo: false,
      deleteMs: -1,
      cause: "first",
    };
    message.latest = delivery;
    delivery.cause = causeOfDelivery(delivery, nowMs, null);
    this.deliveries.push(delivery);
    return delivery;
  }

  #returnAt(deadlineMs: number, deliveries: readonly Delivery[]): void {
    this.#world.clock.at(deadlineMs, () => {
      for (const delivery of deliveries) {
        const { message } = delivery;
        if (message.latest !== delivery || message.state !== "in-flight") continue;
        if (delivery.deadlineMs > deadlineMs) continue;
        this.#order.release(message);
        this.#enter(message, "visible");
      }
    });
  }
}
