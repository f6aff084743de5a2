// A clock on which waiting takes no time. Everything runs in this process, one event after the other: when nothing is
// left to do, the clock jumps to what comes next. Answers of the simulated account are real requests, for which the clock
// stands still. What the code itself takes is measured in CPU time and put onto the clock, slowed down to the share of a
// CPU that the Lambda function has.
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn, setTimeout as reallyWait } from "node:timers/promises";
import FlatQueue from "flatqueue";

/** Whoever computes: one invocation of a function, which has a CPU, or a share of one, of its own. */
export interface Worker {
  /** Of a CPU: 0.5 takes twice the time. */
  readonly cpuShare: number;
  /** When what it has computed so far is done, on the virtual clock. */
  busyUntilMs: number;
  cpuMs: number;
  /** Ended from outside: what it waits for never comes. */
  stopped: boolean;
}

interface Event {
  readonly worker: Worker | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

/** Turns of the event loop without a request under way, after which nothing is left to do. */
const QUIET_TURNS = 4;
const WAIT_MS = 10;
const MOST_WAITS = 500;

export class VirtualClock {
  readonly #events = new FlatQueue<Event>();
  readonly #workers = new AsyncLocalStorage<Worker>();
  #nowMs = 0;
  #requests = 0;
  #answered = Promise.withResolvers<void>();
  #waits = 0;
  #running: Worker | undefined;
  #cpuAtStartMs = 0;

  /** Whose code runs here. */
  get worker(): Worker | undefined {
    return this.#workers.getStore();
  }

  /** Virtual time, with what the running worker has computed since it was woken. */
  now(): number {
    const { worker } = this;
    if (worker === undefined) return this.#nowMs;
    const sinceMs = worker === this.#running ? cpuMs() - this.#cpuAtStartMs : 0;
    return Math.max(this.#nowMs, worker.busyUntilMs) + sinceMs / worker.cpuShare;
  }

  as<T>(worker: Worker, run: () => T): T {
    return this.#workers.run(worker, run);
  }

  at(timeMs: number, run: () => void, worker = this.worker): Event {
    const event = { worker, run, cancelled: false };
    this.#events.push(event, timeMs);
    return event;
  }

  until(timeMs: number, worker = this.worker): Promise<void> {
    return new Promise((resolve) => void this.at(timeMs, resolve, worker));
  }

  /** The clock stands still until a real request has been answered. */
  async request<T>(answer: Promise<T>): Promise<T> {
    this.#requests += 1;
    try {
      return await answer;
    } finally {
      this.#requests -= 1;
      this.#answered.resolve();
    }
  }

  /** Runs to the end of `main`, with all timers of this process and `Date.now` on this clock. */
  async run<T>(main: () => Promise<T>): Promise<T> {
    const giveBack = this.#takeTimers();
    let ended = false;
    const result = main().finally(() => {
      ended = true;
    });
    result.catch(() => {});
    try {
      await this.#settle();
      while (!ended) await this.#next();
      return await result;
    } finally {
      giveBack();
    }
  }

  async #next(): Promise<void> {
    const timeMs = this.#events.peekValue();
    const event = this.#events.pop();
    if (event === undefined || timeMs === undefined) return this.#waitForOthers();
    const { worker } = event;
    if (event.cancelled || worker?.stopped) return;
    if (worker !== undefined && worker.busyUntilMs > timeMs) {
      this.#events.push(event, worker.busyUntilMs);
      return;
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
    this.#running = worker;
    this.#cpuAtStartMs = cpuMs();
    event.run();
    await this.#settle();
    if (worker !== undefined) {
      const spentMs = cpuMs() - this.#cpuAtStartMs;
      worker.cpuMs += spentMs;
      worker.busyUntilMs = this.#nowMs + spentMs / worker.cpuShare;
    }
    this.#running = undefined;
  }

  /** What is under way and no request: modules that are loaded when first needed. */
  async #waitForOthers(): Promise<void> {
    this.#waits += 1;
    if (this.#waits > MOST_WAITS) throw new Error("nothing is left to do, and the work has not ended");
    await reallyWait(WAIT_MS);
    await this.#settle();
  }

  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      await nextTurn();
      while (this.#requests > 0) {
        quiet = 0;
        // Asleep: to look again and again would be taken for the worker's CPU time.
        this.#answered = Promise.withResolvers();
        await this.#answered.promise;
      }
    }
  }

  #takeTimers(): () => void {
    const { setTimeout, clearTimeout } = globalThis;
    const { now: realNow } = Date;
    const startedMs = realNow() - this.#nowMs;
    Date.now = () => Math.floor(startedMs + this.now());
    const virtual = (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) => {
      const event = this.at(this.now() + delayMs, () => run(...args));
      const timer = { event, ref: () => timer, unref: () => timer, hasRef: () => true };
      return timer;
    };
    globalThis.setTimeout = virtual as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((timer: { event?: Event } | undefined) => {
      if (timer?.event !== undefined) timer.event.cancelled = true;
    }) as typeof clearTimeout;
    return () => {
      Object.assign(globalThis, { setTimeout, clearTimeout });
      Date.now = realNow;
    };
  }
}

/** Of this thread alone: neither the collector's helpers nor the simulated account. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
