// All that the lines of one invocation say about its messages, settled once the last line is in. A window holds as many
// entries as deliveries, so this is where memory goes: those of an invocation that has ended rest as one piece of text,
// a third of the size and nothing for the garbage collector to follow, until a late line or the end wakes them.
import { getOrCreate } from "./get-or-create.ts";
import type { Correlation, ReceivedMessage } from "./observations.ts";
import type { FieldValue, ScannedLine } from "./scan-line.ts";

interface Entry {
  readonly messageId: string;
  received: boolean;
  /** True when a line that names the request itself showed it, not only one that stands inside START … END. */
  named: boolean;
  receiveCount: number | null;
  /** At most one value of each field. */
  correlations: readonly FieldValue[];
}

/** An entry without the names of its properties, which would be longer than their values. */
type Packed = readonly [
  messageId: string,
  received: boolean,
  named: boolean,
  receiveCount: number | null,
  correlations: readonly (readonly [field: string, value: string])[],
];

export interface SettledMessages {
  readonly messages: readonly ReceivedMessage[];
  readonly correlations: readonly Correlation[];
  /** Messages that an error line names, when it names some of the batch but not all. */
  readonly blamed: readonly string[];
}

/** Found outside any record. */
interface Loose {
  readonly counts: Set<number>;
  /** Field → its values. */
  readonly correlations: Map<string, Set<string>>;
}

const NO_CORRELATIONS: Entry["correlations"] = [];
const NO_UUIDS: readonly ReadonlySet<string>[] = [];
const NONE: SettledMessages = { messages: [], correlations: [], blamed: [] };

const newEntry = (messageId: string): Entry => ({
  messageId,
  received: false,
  named: false,
  receiveCount: null,
  correlations: NO_CORRELATIONS,
});

export class InvocationMessages {
  #entries: Map<string, Entry> | undefined;
  #resting = "[]";
  #loose: Loose | undefined;
  #errorUuids = NO_UUIDS;
  #source: ScannedLine["source"] = "not-said";

  add(line: ScannedLine, enclosed: boolean, errorUuids: readonly string[]): void {
    if (line.source !== "not-said") this.#source = line.source;
    for (const record of line.records) {
      const entry = getOrCreate(this.#awake(), record.messageId, () => newEntry(record.messageId));
      entry.received ||= record.received;
      entry.named ||= !enclosed;
      if (record.receiveCount !== null)
        entry.receiveCount = Math.max(record.receiveCount, entry.receiveCount ?? 0);
      for (const one of record.correlations) entry.correlations = withSmallest(entry.correlations, one);
    }
    const { receiveCounts, correlations } = line.loose;
    if (receiveCounts.length + correlations.length > 0) {
      this.#loose ??= { counts: new Set(), correlations: new Map() };
      for (const count of receiveCounts) this.#loose.counts.add(count);
      for (const { field, value } of correlations) {
        getOrCreate(this.#loose.correlations, field, () => new Set<string>()).add(value);
      }
    }
    if (errorUuids.length > 0) this.#errorUuids = [...this.#errorUuids, new Set(errorUuids)];
  }

  /** No line is expected soon. */
  rest(): void {
    if (!this.#entries) return;
    this.#resting = JSON.stringify(Array.from(this.#entries.values(), packed));
    this.#entries = undefined;
  }

  #awake(): Map<string, Entry> {
    this.#entries ??= new Map(this.#all().map((entry) => [entry.messageId, entry]));
    return this.#entries;
  }

  #all(): Entry[] {
    return this.#entries
      ? [...this.#entries.values()]
      : (JSON.parse(this.#resting) as Packed[]).map(unpacked);
  }

  /**
   * @param only.onlyNamed in environments that run several invocations at once, lines that name no request prove nothing
   * @param only.onlyStatedSource for functions that consume several queues, ids of unknown origin prove nothing
   */
  settle(only: { readonly onlyNamed: boolean; readonly onlyStatedSource: boolean }): SettledMessages {
    // A batch comes from one queue, so one record that names another queue speaks for all of them.
    if (this.#source === "another-queue") return NONE;
    if (only.onlyStatedSource && this.#source === "not-said") return NONE;
    const named = this.#all().filter((entry) => entry.named || !only.onlyNamed);
    // Where received records were logged, other ids are somebody else's: sent on, or read from a body.
    const someReceived = named.some((entry) => entry.received);
    const mine = someReceived ? named.filter((entry) => entry.received) : named;
    const [first, ...others] = mine;
    if (first && others.length === 0 && !only.onlyNamed) this.#giveLooseTo(first);
    return {
      messages: mine.map(({ messageId, receiveCount }) => ({ messageId, receiveCount })),
      correlations: mine.flatMap(({ messageId, correlations }) =>
        correlations.map(({ field, value }) => ({ messageId, field, value })),
      ),
      blamed: this.#blamed(mine.map(({ messageId }) => messageId)),
    };
  }

  /** With one message in the invocation, a count or an id on a line of its own can only be that message's. */
  #giveLooseTo(entry: Entry): void {
    if (!this.#loose) return;
    const { counts, correlations } = this.#loose;
    const [count] = counts;
    if (entry.receiveCount === null && count !== undefined && counts.size === 1) entry.receiveCount = count;
    for (const [field, values] of correlations) {
      const [value] = values;
      const known = entry.correlations.some((one) => one.field === field);
      if (value !== undefined && values.size === 1 && !known) {
        entry.correlations = [...entry.correlations, { field, value }];
      }
    }
  }

  #blamed(messageIds: readonly string[]): string[] {
    const named = new Set<string>();
    for (const uuids of this.#errorUuids) {
      const inLine = messageIds.filter((id) => uuids.has(id));
      // A line that prints a whole batch blames nobody.
      if (inLine.length === 1 || inLine.length < messageIds.length) for (const id of inLine) named.add(id);
    }
    return [...named];
  }
}

function packed({ messageId, received, named, receiveCount, correlations }: Entry): Packed {
  return [messageId, received, named, receiveCount, correlations.map(({ field, value }) => [field, value])];
}

function unpacked([messageId, received, named, receiveCount, pairs]: Packed): Entry {
  const correlations = pairs.map(([field, value]) => ({ field, value }));
  return { messageId, received, named, receiveCount, correlations };
}

/** Any fixed choice among the values of a field will do, but not "the last line": equal timestamps come in any order. */
function withSmallest(known: readonly FieldValue[], one: FieldValue): readonly FieldValue[] {
  const same = known.findIndex(({ field }) => field === one.field);
  if (same === -1) return [...known, one];
  return one.value < (known[same]?.value ?? "") ? known.with(same, one) : known;
}
