// The virtual clock: time jumps from event to event. Engine times are whole milliseconds since the start of
// the run (small integers, which keeps a million records compact); `epochMs` turns them into calendar time.
import FlatQueue from "flatqueue";

export class Clock {
  readonly originMs: number;
  #nowMs = 0;
  readonly #events = new FlatQueue<() => void>();

  /** @param originMs epoch ms of engine time 0, a whole minute. */
  constructor(originMs: number) {
    this.originMs = originMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  epochMs(engineMs: number): number {
    return this.originMs + engineMs;
  }

  /** Runs `action` at an engine time; a time that has passed means now. */
  at(timeMs: number, action: () => void): void {
    this.#events.push(action, Math.max(this.#nowMs, Math.round(timeMs)));
  }

  /** Runs every event up to and including `timeMs`, and stands there. */
  runUntil(timeMs: number): void {
    for (let next = this.#events.peekValue(); next !== undefined && next <= timeMs; ) {
      this.#nowMs = next;
      this.#events.pop()?.();
      next = this.#events.peekValue();
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }
}
