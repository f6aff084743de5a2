// FIFO queues remember every deduplication id for five minutes, at send.
import type { Message } from "./records.ts";

const REMEMBERED_MS = 5 * 60_000;

export class Deduplication {
  /** In order of sending, so the oldest come first. */
  readonly #sent = new Map<string, Message>();

  /** The message that was sent under this id within five minutes; "" is no id. */
  find(id: string, nowMs: number): Message | undefined {
    if (id === "") return undefined;
    for (const [old, { sentMs }] of this.#sent) {
      if (sentMs > nowMs - REMEMBERED_MS) break;
      this.#sent.delete(old);
    }
    return this.#sent.get(id);
  }

  remember(id: string, message: Message): void {
    if (id !== "") this.#sent.set(id, message);
  }
}
