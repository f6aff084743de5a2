// The ignore list: a tag on the queue itself, with a reason and a last day, so that nothing is ignored for ever.

/** `2027-01-31 reason`: no proposals and no news of this queue until the end of that day, UTC. */
export const IGNORE_TAG = "doubletake:ignore";

const DAY_MS = 86_400_000;
const IGNORE = /^(\d{4}-\d{2}-\d{2})\s+(\S.*)$/;

export interface Ignored {
  readonly untilMs: number;
  readonly reason: string;
}

/**
 * What the tag says: ignored, not (no such tag, or its day is over), or a clause that says what is wrong with it.
 * @param nowMs epoch ms.
 */
export function parseIgnoreTag(value: string | undefined, nowMs: number): Ignored | string | undefined {
  if (value === undefined) return undefined;
  const [, day = "", reason = ""] = IGNORE.exec(value.trim()) ?? [];
  const startMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(startMs) || new Date(startMs).toISOString().slice(0, 10) !== day) {
    return `its tag ${IGNORE_TAG} is not understood: expected a day and a reason such as "2027-01-31 load test"`;
  }
  const untilMs = startMs + DAY_MS;
  return nowMs < untilMs ? { untilMs, reason } : undefined;
}
