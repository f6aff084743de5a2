// The AWS/SQS metrics of one queue: counters as calls happen, gauges twice a minute, and only while the queue
// is active (non-empty, or used within six hours; a mapping that polls uses it all the time).
import { MinuteSeries } from "./metrics.ts";
import type { Queue } from "./queue.ts";
import type { World } from "./world.ts";

const ACTIVE_MS = 6 * 3_600_000;
/** Five pollers, each with a long poll of 20 seconds. */
const IDLE_POLLS_A_MINUTE = 15;
/** AWS leaves messages out of the oldest age once they were received this often (standard queues). */
const AGE_IGNORED_RECEIVES = 3;

export class QueueMetrics {
  readonly sent: MinuteSeries;
  readonly received: MinuteSeries;
  readonly deleted: MinuteSeries;
  readonly emptyReceives: MinuteSeries;
  readonly deduplicated: MinuteSeries;
  /** Mappings that poll this queue. */
  pollers = 0;
  readonly #visible: MinuteSeries;
  readonly #notVisible: MinuteSeries;
  readonly #delayed: MinuteSeries;
  readonly #oldestAge: MinuteSeries;
  readonly #groups: MinuteSeries;
  readonly #queue: Queue;
  readonly #world: World;

  /** @param own false for a queue of another account: its metrics are not in ours. */
  constructor(world: World, queue: Queue, own: boolean) {
    const dimensions = { QueueName: queue.name };
    const series = (name: string): MinuteSeries =>
      own ? world.metrics.series("AWS/SQS", name, dimensions) : new MinuteSeries();
    const fifoSeries = (name: string): MinuteSeries =>
      queue.settings.fifo ? series(name) : new MinuteSeries();
    this.sent = series("NumberOfMessagesSent");
    this.received = series("NumberOfMessagesReceived");
    this.deleted = series("NumberOfMessagesDeleted");
    this.emptyReceives = series("NumberOfEmptyReceives");
    this.#visible = series("ApproximateNumberOfMessagesVisible");
    this.#notVisible = series("ApproximateNumberOfMessagesNotVisible");
    this.#delayed = series("ApproximateNumberOfMessagesDelayed");
    this.#oldestAge = series("ApproximateAgeOfOldestMessage");
    this.deduplicated = fifoSeries("NumberOfDeduplicatedSentMessages");
    this.#groups = fifoSeries("ApproximateNumberOfGroupsWithInflightMessages");
    this.#queue = queue;
    this.#world = world;
  }

  /** At every full minute: the counters' zeros, and the polls of the minute before that came back empty. */
  startMinute(): void {
    if (!this.#active()) return;
    const nowMs = this.#world.clock.nowMs;
    for (const counter of [this.sent, this.received, this.deleted]) counter.record(nowMs, 0);
    if (this.pollers > 0 && nowMs > 0) {
      const fruitful = this.received.sumAt(nowMs - 1);
      this.emptyReceives.record(nowMs - 1, Math.max(0, IDLE_POLLS_A_MINUTE * this.pollers - fruitful));
    }
  }

  sampleGauges(): void {
    if (!this.#active()) return;
    const nowMs = this.#world.clock.nowMs;
    const { counts, groupsInFlight } = this.#queue;
    this.#visible.record(nowMs, counts.visible);
    this.#notVisible.record(nowMs, counts["in-flight"]);
    this.#delayed.record(nowMs, counts.delayed);
    this.#oldestAge.record(nowMs, this.#oldestAgeSeconds(nowMs));
    this.#groups.record(nowMs, groupsInFlight);
  }

  #active(): boolean {
    if (this.#queue.deleted) return false;
    if (this.pollers > 0 || this.#queue.live.size > 0) return true;
    return this.#world.clock.nowMs - this.#queue.lastUsedMs < ACTIVE_MS;
  }

  #oldestAgeSeconds(nowMs: number): number {
    for (const message of this.#queue.live) {
      if (this.#queue.settings.fifo || message.receiveCount < AGE_IGNORED_RECEIVES) {
        return Math.floor((nowMs - message.sentMs) / 1000);
      }
    }
    return 0;
  }
}
