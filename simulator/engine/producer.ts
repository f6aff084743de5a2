// What sends messages: a Poisson process whose rate may vary, in single messages or bursts, now and then the
// same business event twice.
import type { Queue } from "./queue.ts";
import type { Random } from "./random.ts";
import type { BodyKind } from "./records.ts";
import type { World } from "./world.ts";

/** Messages a second on average. */
export type Rate =
  | { readonly kind: "steady"; readonly perSecond: number }
  /** `size` messages at once, so often that the mean is kept. */
  | { readonly kind: "bursty"; readonly perSecond: number; readonly size: number }
  /** A sine over 24 hours between 0.2 and 1.8 times the mean, highest at `peakHour` UTC. */
  | { readonly kind: "daily"; readonly perSecond: number; readonly peakHour: number }
  /** `perSecond` outside the phases. */
  | {
      readonly kind: "phased";
      readonly perSecond: number;
      readonly phases: readonly {
        readonly fromMs: number;
        readonly toMs: number;
        readonly perSecond: number;
      }[];
    };

export interface ProducerSpec {
  readonly rate: Rate;
  readonly body: BodyKind;
  /** Share of business events that are sent a second time, after between low and high ms. */
  readonly resend?: { readonly share: number; readonly afterMs: readonly [low: number, high: number] };
  /** Share of messages whose handling fails `times` times. */
  readonly poison?: { readonly share: number; readonly times: number };
  /** Share of messages that the consumers' filters drop. */
  readonly filteredShare?: number;
  /** Message groups of a FIFO queue. @default 20 */
  readonly groups?: number;
}

const QUIET_CHECK_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

export class Producer {
  readonly #world: World;
  readonly #queue: Queue;
  readonly #spec: ProducerSpec;
  readonly #random: Random;
  #nextKey: number;

  /** @param firstKey business keys count up from here; each producer has its own range. */
  constructor(world: World, queue: Queue, spec: ProducerSpec, random: Random, firstKey: number) {
    this.#world = world;
    this.#queue = queue;
    this.#spec = spec;
    this.#random = random;
    this.#nextKey = firstKey;
    this.#planNext();
  }

  readonly #tick = (): void => {
    if (this.#queue.deleted) return;
    const { rate } = this.#spec;
    if (this.#perSecond() > 0) {
      const size = rate.kind === "bursty" ? rate.size : 1;
      for (let sent = 0; sent < size; sent++) this.#send();
    }
    this.#planNext();
  };

  #planNext(): void {
    const { clock } = this.#world;
    const perSecond = this.#perSecond();
    if (perSecond === 0) {
      clock.at(clock.nowMs + QUIET_CHECK_MS, () => this.#planNext());
      return;
    }
    const size = this.#spec.rate.kind === "bursty" ? this.#spec.rate.size : 1;
    clock.at(clock.nowMs + this.#random.exponential((1000 * size) / perSecond), this.#tick);
  }

  #perSecond(): number {
    const { rate } = this.#spec;
    const nowMs = this.#world.clock.nowMs;
    if (rate.kind === "daily") {
      const phase = (this.#world.clock.epochMs(nowMs) % DAY_MS) / DAY_MS - rate.peakHour / 24;
      return rate.perSecond * (1 + 0.8 * Math.cos(2 * Math.PI * phase));
    }
    if (rate.kind === "phased") {
      const phase = rate.phases.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
      return phase?.perSecond ?? rate.perSecond;
    }
    return rate.perSecond;
  }

  #send(): void {
    const { resend, filteredShare = 0 } = this.#spec;
    const key = this.#nextKey++;
    this.#sendOne(key, false, this.#random.chance(filteredShare));
    if (resend === undefined || !this.#random.chance(resend.share)) return;
    const pauseMs = this.#random.integer(...resend.afterMs);
    this.#world.clock.at(this.#world.clock.nowMs + pauseMs, () => this.#sendOne(key, true, false));
  }

  #sendOne(businessKey: number, resent: boolean, filtered: boolean): void {
    const { poison, body, groups = 20 } = this.#spec;
    if (this.#queue.deleted) return;
    const fifo = this.#queue.settings.fifo;
    this.#queue.send({
      content: body,
      businessKey,
      group: fifo ? `customer-${businessKey % groups}` : "",
      deduplicationId: fifo ? String(businessKey) : "",
      resent,
      filtered,
      failuresLeft: poison !== undefined && this.#random.chance(poison.share) ? poison.times : 0,
    });
  }
}
