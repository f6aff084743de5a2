// Which visible messages a receive gets next: standard queues hand out anything, FIFO queues one group at a time.
import type { Message } from "./records.ts";

export interface MessageOrder {
  /** A message has become visible (again). */
  add(message: Message): void;
  /** Up to `max` visible messages; the caller puts them in flight. */
  take(max: number): Message[];
  /** A message that was taken is no longer in flight, deleted or not. */
  release(message: Message): void;
  /** FIFO: groups that have a message in flight. */
  groupsInFlight(): number;
}

/** First in, first out as far as nothing comes back; SQS itself promises no order here. */
export class StandardOrder implements MessageOrder {
  #messages: Message[] = [];
  #head = 0;

  add(message: Message): void {
    this.#messages.push(message);
  }

  take(max: number): Message[] {
    const taken: Message[] = [];
    while (taken.length < max) {
      const message = this.#messages[this.#head];
      if (message === undefined) break;
      this.#head += 1;
      // Deleted through an old handle, expired or purged while it waited.
      if (message.state === "visible") taken.push(message);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  release(): void {
    // Nothing waits for another message.
  }

  groupsInFlight(): number {
    return 0;
  }
}

interface Group {
  /** In order of sending. */
  readonly waiting: Message[];
  inFlight: number;
}

/** While a message of a group is in flight, the whole group waits. */
export class FifoOrder implements MessageOrder {
  readonly #groups = new Map<string, Group>();

  add(message: Message): void {
    const group = this.#groups.get(message.group) ?? { waiting: [], inFlight: 0 };
    this.#groups.set(message.group, group);
    const later = group.waiting.findIndex((other) => other.index > message.index);
    group.waiting.splice(later === -1 ? group.waiting.length : later, 0, message);
  }

  take(max: number): Message[] {
    const taken: Message[] = [];
    for (const [name, group] of this.#groups) {
      if (taken.length === max) break;
      if (group.inFlight > 0) continue;
      while (taken.length < max) {
        const message = group.waiting.shift();
        if (message === undefined) break;
        if (message.state !== "visible") continue;
        taken.push(message);
        group.inFlight += 1;
      }
      if (group.inFlight === 0) this.#groups.delete(name);
    }
    return taken;
  }

  release(message: Message): void {
    const group = this.#groups.get(message.group);
    if (group === undefined) return;
    group.inFlight -= 1;
    if (group.inFlight === 0 && group.waiting.length === 0) this.#groups.delete(message.group);
  }

  groupsInFlight(): number {
    let count = 0;
    for (const group of this.#groups.values()) if (group.inFlight > 0) count += 1;
    return count;
  }
}
