// One invocation at a time in each lane, several lanes at once: every call of a port is a point where another lane may go
// on, where AWS may throttle, and where the function may die.
import { OutcomeUnknownError, TransientError } from "../../core/errors.ts";
import type { Event } from "./invariant-model-referee.ts";

/**
 * `throttle`: not done, and said so · `unanswered`: done, but nobody knows · `lost`: not done, and nobody knows ·
 * `die-before`, `die-after`: the function ends there.
 */
export type FaultKind = "throttle" | "unanswered" | "lost" | "die-before" | "die-after";

export interface Fault {
  readonly kind: FaultKind;
  /** Calls that go well before. */
  readonly after: number;
  /** Calls of the same port that fail, one after another. */
  readonly times: number;
  /** Whether the definition tries again after that death. */
  readonly isRetried: boolean;
}

interface ArmedFault extends Fault {
  after: number;
  times: number;
  /** The port that was hit first. */
  port?: string;
}

class Death extends Error {
  override readonly name: string;

  constructor(isRetried: boolean) {
    super("the function has died");
    this.name = isRetried ? "Lambda.ServiceException" : "Runtime.ExitError";
  }
}

export class Lane {
  /** Of the change that the invocation is about. */
  changeId: string | undefined;
  /** Queues that it could not read. */
  unread = new Set<string>();
  /** What the last audit row of the invocation says. */
  audited: string | undefined;
  dead: Error | undefined;
  /** Waits for its turn; absent where it is alone. */
  turn: (() => Promise<void>) | undefined;
}

export class Lanes {
  readonly all: readonly Lane[];
  readonly #count: (event: Event) => void;
  #faults: ArmedFault[] = [];

  constructor(lanes: number, count: (event: Event) => void) {
    this.all = Array.from({ length: lanes }, () => new Lane());
    this.#count = count;
  }

  get isFaultArmed(): boolean {
    return this.#faults.length > 0;
  }

  arm(fault: Fault): void {
    this.#faults.push({ ...fault });
  }

  disarm(): void {
    this.#faults = [];
  }

  /** One invocation of a function. */
  async invoke<T>(lane: Lane, changeId: string | undefined, run: () => Promise<T>): Promise<T> {
    lane.changeId = changeId;
    lane.unread = new Set();
    lane.audited = undefined;
    lane.dead = undefined;
    try {
      const answer = await run();
      if (lane.dead !== undefined) throw lane.dead;
      return answer;
    } catch (error) {
      throw lane.dead ?? error;
    }
  }

  /** One call of a port. */
  async call<T>(lane: Lane, port: string, effect: () => Promise<T>): Promise<T> {
    await lane.turn?.();
    if (lane.dead !== undefined) throw lane.dead;
    const fault = this.#fault(port);
    if (fault === undefined) return effect();
    this.#count(fault.kind.startsWith("die") ? "deaths of a function" : "calls that failed");
    const isUnknown = fault.kind === "lost" || fault.kind === "unanswered";
    if (isUnknown && port.endsWith(".publish")) this.#count("mail of unknown outcome");
    const unknown = port.endsWith(".publish")
      ? new OutcomeUnknownError(`${port} was not answered`)
      : new TransientError(`${port} was not answered`);
    switch (fault.kind) {
      case "throttle":
        throw new TransientError(`${port} was throttled`);
      case "lost":
        throw unknown;
      case "unanswered":
        await effect();
        throw unknown;
      case "die-before":
        break;
      case "die-after":
        await effect();
    }
    lane.dead = new Death(fault.isRetried);
    throw lane.dead;
  }

  #fault(port: string): Fault | undefined {
    const [fault] = this.#faults;
    if (fault === undefined) return undefined;
    if (fault.port === undefined && fault.after > 0) {
      fault.after -= 1;
      return undefined;
    }
    fault.port ??= port;
    if (fault.port !== port) return undefined;
    fault.times -= 1;
    if (fault.times <= 0) this.#faults.shift();
    return fault;
  }

  /**
   * Runs tasks in lanes of their own, at any time only one of them.
   * @param turns who goes on at each call, by position among those that can; then round and round.
   * @param onTurn told before each turn, counted from 0.
   */
  async race(
    tasks: readonly ((lane: Lane) => Promise<void>)[],
    turns: readonly number[],
    onTurn: (turn: number) => void,
  ): Promise<void> {
    let told = () => {};
    const runners = tasks.map((task, index) => {
      const lane = this.all[index];
      if (lane === undefined) throw new Error(`expected at most ${this.all.length} tasks`);
      return { lane, task, parked: [] as (() => void)[], isDone: false, error: undefined as unknown };
    });
    const untilItStops = async ({ parked, isDone }: (typeof runners)[number]) => {
      if (parked.length > 0 || isDone) return;
      await new Promise<void>((resolve) => {
        told = resolve;
      });
    };
    for (const runner of runners) {
      runner.lane.turn = () =>
        new Promise((resolve) => {
          runner.parked.push(resolve);
          told();
        });
      runner
        .task(runner.lane)
        .catch((error: unknown) => {
          runner.error = error ?? new Error("failed");
        })
        .finally(() => {
          runner.isDone = true;
          told();
        });
      await untilItStops(runner);
    }
    for (let turn = 0; ; turn += 1) {
      const waiting = runners.filter(({ parked }) => parked.length > 0);
      if (waiting.length === 0) break;
      onTurn(turn);
      const runner = waiting[(turns[turn] ?? turn) % waiting.length];
      runner?.parked.shift()?.();
      if (runner !== undefined) await untilItStops(runner);
    }
    for (const { lane, error } of runners) {
      lane.turn = undefined;
      if (error !== undefined) throw error;
    }
  }
}
