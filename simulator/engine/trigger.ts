// Other ways to a function than its queue: synchronous calls, and asynchronous events with Lambda's own retries.
import type { LambdaFunction } from "./function.ts";
import type { Random } from "./random.ts";
import type { Invocation } from "./records.ts";
import type { World } from "./world.ts";

export interface TriggerSpec {
  readonly kind: "sync" | "async";
  readonly perSecond: number;
  /** Share of its invocations that fail. @default the function's own */
  readonly errorShare?: number;
}

/** Lambda tries a failed asynchronous event twice more, after about one and two minutes. */
const ASYNC_RETRY_MS = [60_000, 120_000] as const;

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
      if (this.#spec.kind === "async") this.#fn.acceptAsyncEvent();
      this.#attempt(0, undefined);
      this.#planNext();
    });
  }

  #attempt(retries: number, requestIndex: number | undefined): void {
    const { kind, errorShare } = this.#spec;
    const started = this.#fn.invoke(kind, [], (ended) => this.#ended(ended, retries), {
      ...(errorShare === undefined ? {} : { errorShare }),
      ...(requestIndex === undefined ? {} : { requestIndex }),
    });
    // A throttled event stays in Lambda's own queue; a throttled caller gives up.
    if (started === undefined && kind === "async") this.#retry(retries, requestIndex);
  }

  #ended(invocation: Invocation, retries: number): void {
    if (this.#spec.kind === "async" && invocation.outcome !== "success") {
      this.#retry(retries, invocation.requestIndex);
    }
  }

  #retry(retries: number, requestIndex: number | undefined): void {
    const pauseMs = ASYNC_RETRY_MS[retries];
    if (pauseMs === undefined) return;
    const { clock } = this.#world;
    const jitterMs = this.#random.integer(-5_000, 5_000);
    clock.at(clock.nowMs + pauseMs + jitterMs, () => this.#attempt(retries + 1, requestIndex));
  }
}
