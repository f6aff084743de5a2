// Other ways to a function than its queue: synchronous calls, and asynchronous events with Lambda's own retries.
import type { AsyncEvent, AsyncEventKind } from "./async-events.ts";
import type { LambdaFunction } from "./function.ts";
import type { Random } from "./random.ts";
import type { Invocation } from "./records.ts";
import type { World } from "./world.ts";

export interface TriggerSpec {
  readonly kind: "sync" | "async";
  readonly perSecond: number;
  /** Share of its invocations that fail. @default the function's own */
  readonly errorShare?: number;
  /** Asynchronous only: who sends events that have an identity. @default nobody in particular */
  readonly source?: { readonly kind: AsyncEventKind; readonly arn: string };
  /** Share of events that their source hands over twice: the same event, another request id. @default 0 */
  readonly handedTwiceShare?: number;
  /** Share of events that Lambda's own queue runs again after a success: the same request id. @default 0 */
  readonly runAgainShare?: number;
}

/** Lambda tries a failed asynchronous event twice more unless told otherwise, after about one and two minutes. */
const ASYNC_RETRY_MS = [60_000, 120_000] as const;
const HANDED_TWICE_MS = [300, 20_000] as const;
const RUN_AGAIN_MS = [2_000, 30_000] as const;

/** What an attempt has in common with those before it. */
interface Attempts {
  readonly retries: number;
  readonly requestIndex?: number;
  readonly event?: AsyncEvent;
}

export class Trigger {
  readonly #world: World;
  readonly #fn: LambdaFunction;
  readonly #spec: TriggerSpec;
  readonly #random: Random;

  constructor(world: World, fn: LambdaFunction, spec: TriggerSpec, random: Random) {
    this.#world = world;
    this.#fn = fn;
    this.#spec = spec;
    this.#random = random;
    this.#planNext();
  }

  #planNext(): void {
    const { clock } = this.#world;
    clock.at(clock.nowMs + this.#random.exponential(1000 / this.#spec.perSecond), () => {
      const event = this.#newEvent();
      this.#accept(event);
      if (this.#random.chance(this.#spec.handedTwiceShare ?? 0)) {
        clock.at(clock.nowMs + this.#random.integer(...HANDED_TWICE_MS), () => this.#accept(event));
      }
      this.#planNext();
    });
  }

  #newEvent(): AsyncEvent | undefined {
    const { source } = this.#spec;
    if (source === undefined) return undefined;
    const index = this.#world.nextIndex("event");
    return { kind: source.kind, sourceArn: source.arn, index, createdMs: this.#world.clock.nowMs };
  }

  #accept(event: AsyncEvent | undefined): void {
    if (this.#spec.kind === "async") this.#fn.acceptAsyncEvent();
    this.#attempt({ retries: 0, ...(event === undefined ? {} : { event }) });
  }

  #attempt(attempts: Attempts): void {
    const { kind, errorShare } = this.#spec;
    const { requestIndex, event } = attempts;
    const started = this.#fn.invoke(kind, [], (ended) => this.#ended(ended, attempts), {
      ...(errorShare === undefined ? {} : { errorShare }),
      ...(requestIndex === undefined ? {} : { requestIndex }),
      ...(event === undefined ? {} : { event }),
    });
    // A throttled event stays in Lambda's own queue; a throttled caller gives up.
    if (started === undefined && kind === "async") this.#retry(attempts);
  }

  #ended({ outcome, requestIndex }: Invocation, attempts: Attempts): void {
    if (this.#spec.kind !== "async") return;
    if (outcome !== "success") {
      this.#retry({ ...attempts, requestIndex });
      return;
    }
    if (!this.#random.chance(this.#spec.runAgainShare ?? 0)) return;
    const { clock } = this.#world;
    const againMs = clock.nowMs + this.#random.integer(...RUN_AGAIN_MS);
    clock.at(againMs, () => this.#attempt({ ...attempts, requestIndex }));
  }

  #retry(attempts: Attempts): void {
    const { retries } = attempts;
    const allowed = this.#fn.configuration.eventInvokeConfig?.maximumRetryAttempts ?? ASYNC_RETRY_MS.length;
    const pauseMs = ASYNC_RETRY_MS[retries];
    if (pauseMs === undefined || retries >= allowed) {
      this.#fn.dropAsyncEvent();
      return;
    }
    const { clock } = this.#world;
    const jitterMs = this.#random.integer(-5_000, 5_000);
    clock.at(clock.nowMs + pauseMs + jitterMs, () => this.#attempt({ ...attempts, retries: retries + 1 }));
  }
}
