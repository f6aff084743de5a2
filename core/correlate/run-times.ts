// How long the runs of a path's deliveries took, kept so that any visibility timeout can be judged by them.
import type { RunTimes } from "../model/delivery.ts";
import type { SeenDeliveries } from "./deliveries.ts";
import { knownStartMs } from "./observations.ts";

/**
 * Counts the deliveries that start in the window by the run time of their invocation, rounded up to whole seconds:
 * timeouts are whole seconds too, so that nothing is lost for the question how many outlast one. A delivery counts
 * once however large its batch. Bounded by the longest run, at most 900 seconds, not by the number of deliveries.
 */
export function runTimesOf({ histories }: SeenDeliveries, windowStartMs: number): RunTimes {
  const bySeconds = new Map<number, number>();
  let deliveries = 0;
  let untimed = 0;
  for (const history of histories.values()) {
    for (const { invocation } of history) {
      if (knownStartMs(invocation) < windowStartMs) continue;
      const { startedAtMs, endedAtMs } = invocation;
      if (startedAtMs === null || endedAtMs === null) {
        untimed++;
        continue;
      }
      const seconds = Math.max(0, Math.ceil((endedAtMs - startedAtMs) / 1000));
      bySeconds.set(seconds, (bySeconds.get(seconds) ?? 0) + 1);
      deliveries++;
    }
  }
  return { deliveries, untimed, bySeconds: [...bySeconds].sort(([a], [b]) => a - b) };
}
