// Redeliveries counted by cause, with the clearest examples of each.
import type { Cause, CauseCount, Delivery, RedeliveryExample } from "../model/delivery.ts";
import { compareText } from "./compare-text.ts";
import type { SeenDelivery } from "./deliveries.ts";
import { getOrCreate } from "./get-or-create.ts";
import { knownEndMs, knownStartMs } from "./observations.ts";

const MAX_EXAMPLES = 5;
/** Deliveries shown of one example: a message that loops for hours needs no more to make its point. */
const MAX_DELIVERIES = 10;

interface Counted {
  readonly keys: Set<string>;
  redeliveries: number;
  duplicates: number;
  readonly examples: Map<string, { readonly deliveries: readonly SeenDelivery[]; clarity: number }>;
}

const newCounted = (): Counted => ({ keys: new Set(), redeliveries: 0, duplicates: 0, examples: new Map() });

export interface Redelivery {
  readonly cause: Cause;
  /** Message id, or the shared id of several messages. */
  readonly key: string;
  readonly redeliveries: number;
  readonly duplicates: number;
  readonly deliveries: readonly SeenDelivery[];
  /** How clearly this one shows the cause, e.g. how long two invocations overlapped, in ms. */
  readonly clarity: number;
}

export class Tally {
  readonly #causes = new Map<Cause, Counted>();

  add({ cause, key, redeliveries, duplicates, deliveries, clarity }: Redelivery): void {
    const counted = getOrCreate(this.#causes, cause, newCounted);
    counted.keys.add(key);
    counted.redeliveries += redeliveries;
    counted.duplicates += duplicates;
    const example = counted.examples.get(key);
    counted.examples.set(key, { deliveries, clarity: Math.max(clarity, example?.clarity ?? clarity) });
  }

  /** Most redeliveries first. */
  counts(): CauseCount[] {
    return this.#sorted().map(([cause, { keys, redeliveries, duplicates }]) => ({
      cause,
      messages: keys.size,
      redeliveries,
      duplicates,
    }));
  }

  /**
   * At most five a cause: those first whose times are all known, then those with the fewest deliveries, then the
   * clearest.
   */
  examples(): RedeliveryExample[] {
    return this.#sorted().flatMap(([cause, { examples }]) =>
      [...examples]
        .map(([key, example]) => ({ key, ...example, gaps: example.deliveries.filter(incomplete).length }))
        .sort(
          (a, b) =>
            a.gaps - b.gaps ||
            a.deliveries.length - b.deliveries.length ||
            b.clarity - a.clarity ||
            compareText(a.key, b.key),
        )
        .slice(0, MAX_EXAMPLES)
        .map(({ key, deliveries }) => ({
          key,
          cause,
          deliveries: deliveries.slice(0, MAX_DELIVERIES).map(plain),
        })),
    );
  }

  #sorted(): [Cause, Counted][] {
    return [...this.#causes].sort(
      ([a, { redeliveries: m }], [b, { redeliveries: n }]) => n - m || compareText(a, b),
    );
  }
}

function incomplete({ invocation: { startedAtMs, endedAtMs, outcome } }: SeenDelivery): boolean {
  return startedAtMs === null || endedAtMs === null || outcome === "unknown";
}

/** Only what the model knows: no stream names, and times of lines only where the platform logged none. */
function plain({ messageId, receiveCount, invocation }: SeenDelivery): Delivery {
  const { requestId, functionArn, outcome } = invocation;
  return {
    messageId,
    receiveCount,
    invocation: {
      requestId,
      functionArn,
      startedAtMs: knownStartMs(invocation),
      endedAtMs: knownEndMs(invocation),
      outcome,
      ...(invocation.startedAtMs === null || invocation.endedAtMs === null ? { timesFromLines: true } : {}),
    },
  };
}
