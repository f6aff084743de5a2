// All that the lines of one invocation say about its messages, settled once the last line is in.
import { getOrCreate } from "./get-or-create.ts";
import type { ReceivedMessage } from "./observations.ts";
import type { FieldValue, ScannedLine } from "./scan-line.ts";

interface Entry {
  received: boolean;
  /** True when a line that names the request itself showed it, not only one that stands inside START … END. */
  named: boolean;
  receiveCount: number | null;
  readonly correlations: Map<string, string>;
}

export interface SettledMessages {
  readonly messages: readonly ReceivedMessage[];
  readonly correlations: readonly (FieldValue & { readonly messageId: string })[];
  /** Messages that an error line names, when it names some of the batch but not all. */
  readonly blamed: readonly string[];
}

const newEntry = (): Entry => ({
  received: false,
  named: false,
  receiveCount: null,
  correlations: new Map(),
});

const NONE: SettledMessages = { messages: [], correlations: [], blamed: [] };

export class InvocationMessages {
  readonly #entries = new Map<string, Entry>();
  readonly #looseCounts = new Set<number>();
  /** Field → its values outside any record. */
  readonly #looseCorrelations = new Map<string, Set<string>>();
  readonly #errorUuids: Set<string>[] = [];
  #source: ScannedLine["source"] = "not-said";

  add(line: ScannedLine, enclosed: boolean, errorUuids: readonly string[]): void {
    if (line.source !== "not-said") this.#source = line.source;
    for (const record of line.records) {
      const entry = getOrCreate(this.#entries, record.messageId, newEntry);
      entry.received ||= record.received;
      entry.named ||= !enclosed;
      if (record.receiveCount !== null)
        entry.receiveCount = Math.max(record.receiveCount, entry.receiveCount ?? 0);
      for (const { field, value } of record.correlations) {
        // Any fixed choice will do, but not "the last line": equal timestamps come in any order.
        const known = entry.correlations.get(field);
        if (known === undefined || value < known) entry.correlations.set(field, value);
      }
    }
    for (const count of line.loose.receiveCounts) this.#looseCounts.add(count);
    for (const { field, value } of line.loose.correlations) {
      getOrCreate(this.#looseCorrelations, field, () => new Set<string>()).add(value);
    }
    if (errorUuids.length > 0) this.#errorUuids.push(new Set(errorUuids));
  }

  /**
   * @param only.onlyNamed in environments that run several invocations at once, lines that name no request prove nothing
   * @param only.onlyStatedSource for functions that consume several queues, ids of unknown origin prove nothing
   */
  settle(only: { readonly onlyNamed: boolean; readonly onlyStatedSource: boolean }): SettledMessages {
    // A batch comes from one queue, so one record that names another queue speaks for all of them.
    if (this.#source === "another-queue") return NONE;
    if (only.onlyStatedSource && this.#source === "not-said") return NONE;
    const named = [...this.#entries].filter(([, entry]) => entry.named || !only.onlyNamed);
    // Where received records were logged, other ids are somebody else's: sent on, or read from a body.
    const someReceived = named.some(([, entry]) => entry.received);
    const mine = someReceived ? named.filter(([, entry]) => entry.received) : named;
    const [first, ...others] = mine;
    if (first && others.length === 0 && !only.onlyNamed) this.#giveLooseTo(first[1]);
    return {
      messages: mine.map(([messageId, { receiveCount }]) => ({ messageId, receiveCount })),
      correlations: mine.flatMap(([messageId, { correlations }]) =>
        [...correlations].map(([field, value]) => ({ messageId, field, value })),
      ),
      blamed: this.#blamed(mine.map(([messageId]) => messageId)),
    };
  }

  /** With one message in the invocation, a count or an id on a line of its own can only be that message's. */
  #giveLooseTo(entry: Entry): void {
    const [count] = this.#looseCounts;
    if (entry.receiveCount === null && count !== undefined && this.#looseCounts.size === 1)
      entry.receiveCount = count;
    for (const [field, values] of this.#looseCorrelations) {
      const [value] = values;
      if (value !== undefined && values.size === 1 && !entry.correlations.has(field)) {
        entry.correlations.set(field, value);
      }
    }
  }

  #blamed(messageIds: readonly string[]): string[] {
    const named = new Set<string>();
    for (const uuids of this.#errorUuids) {
      const inLine = messageIds.filter((id) => uuids.has(id));
      // A line that prints the whole batch blames nobody.
      if (inLine.length < messageIds.length) for (const id of inLine) named.add(id);
    }
    return [...named];
  }
}
