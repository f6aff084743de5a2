// When everything fails for a while, a record that never got through is a victim like all others, not the reason.

import { getOrCreate } from "./get-or-create.ts";
import type { ObservedInvocation } from "./observations.ts";

/** So many failures of one function in a row are no coincidence, however large its batches. */
const FAILURES_IN_A_ROW = 8;
/** A record in more than this share of them may be what fails them all. */
const MAX_SHARE_OF_ONE_RECORD = 0.5;

/**
 * The invocations that failed in an outage: at least eight of their function in a row, no record in most of them.
 * @param invocations in order of start.
 */
export function failedInOutage(invocations: readonly ObservedInvocation[]): Set<ObservedInvocation> {
  const runs = new Map<string, ObservedInvocation[]>();
  const found = new Set<ObservedInvocation>();
  const close = (run: readonly ObservedInvocation[]) => {
    if (isOutage(run)) for (const invocation of run) found.add(invocation);
  };
  for (const invocation of invocations) {
    // Other triggers may well work while every message fails.
    if (invocation.messages.length === 0) continue;
    const run = getOrCreate(runs, invocation.functionArn, () => []);
    if (invocation.outcome === "error") run.push(invocation);
    else if (invocation.outcome === "success") close(run.splice(0));
  }
  for (const run of runs.values()) close(run);
  return found;
}

function isOutage(run: readonly ObservedInvocation[]): boolean {
  if (run.length < FAILURES_IN_A_ROW) return false;
  const times = new Map<string, number>();
  for (const { messageId } of run.flatMap(({ messages }) => messages)) {
    times.set(messageId, (times.get(messageId) ?? 0) + 1);
  }
  return Math.max(...times.values()) <= run.length * MAX_SHARE_OF_ONE_RECORD;
}
