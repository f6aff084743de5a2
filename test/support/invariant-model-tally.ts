// How often what happened in the sequences of a run: tests of a system in which nothing happens prove nothing.
import type { Event } from "./invariant-model-referee.ts";

export interface Tally {
  sequences: number;
  /** By event: in how many sequences, and how often in all. */
  readonly events: Map<Event, { sequences: number; times: number }>;
}

export const newTally = (): Tally => ({ sequences: 0, events: new Map() });

/** Counts one sequence in. */
export function addSequence(tally: Tally, counts: ReadonlyMap<Event, number>): void {
  tally.sequences += 1;
  for (const [event, times] of counts) addEvent(tally, event, { sequences: 1, times });
}

/** Counts another tally in. */
export function addTally(tally: Tally, other: Tally): void {
  tally.sequences += other.sequences;
  for (const [event, counted] of other.events) addEvent(tally, event, counted);
}

function addEvent(
  tally: Tally,
  event: Event,
  { sequences, times }: { sequences: number; times: number },
): void {
  const before = tally.events.get(event) ?? { sequences: 0, times: 0 };
  tally.events.set(event, { sequences: before.sequences + sequences, times: before.times + times });
}

/** Percent of the sequences in which each has to happen at least. */
const FLOORS: readonly (readonly [event: Event, percent: number])[] = [
  ["proposed", 50],
  ["raised", 10],
  ["raised without asking", 2],
  ["rolled back", 2],
  ["calm and applied", 2],
  ["decision counted", 10],
  ["decision refused", 5],
  ["already decided", 3],
  ["plan changed at decision", 0.5],
  ["wrong code", 0.5],
  ["too many tries", 0.2],
  ["closed: better", 2],
  ["closed: worse", 2],
  ["closed: unchanged", 0.5],
  ["closed: not-enough-traffic", 0.5],
  ["closed: rejected", 1],
  ["closed: expired", 10],
  ["closed: superseded", 3],
  ["closed: failed", 2],
  ["closed: overridden", 0.3],
  ["rollback refused", 0.02],
  ["proposed beside a broken queue", 0.5],
  ["lost race of two writes", 0.5],
  ["deaths of a function", 5],
  ["calls that failed", 5],
];
/** Below so many a share says nothing. */
const LEAST_SEQUENCES = 2000;

/** What happened too rarely, a clause each. */
export function tooRare({ sequences, events }: Tally): string[] {
  if (sequences < LEAST_SEQUENCES) return [];
  return FLOORS.flatMap(([event, percent]) => {
    const seen = (100 * (events.get(event)?.sequences ?? 0)) / sequences;
    return seen >= percent
      ? []
      : [`"${event}" in ${seen.toFixed(2)} % of the sequences, expected ${percent} %`];
  });
}

export function tallyTable({ sequences, events }: Tally): string {
  const rows = [...events]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([event, counted]) => {
      const share = ((100 * counted.sequences) / sequences).toFixed(2);
      return `${event.padEnd(32)}${String(counted.times).padStart(10)}${share.padStart(10)} %`;
    });
  return [`${"event".padEnd(32)}${"times".padStart(10)}${"sequences".padStart(12)}`, ...rows].join("\n");
}
