// Times that a tool cut to whole seconds.
import { knownEndMs, type LogObservations } from "../correlate/observations.ts";

/**
 * With times cut to whole seconds, "end − duration" may lie up to a second before the true start, and two runs that
 * followed each other would seem to overlap. The line's own time is never later than the truth by that much.
 */
export function settled(observations: LogObservations, wholeSeconds: ReadonlySet<string>): LogObservations {
  if (wholeSeconds.size === 0) return observations;
  return {
    ...observations,
    invocations: observations.invocations.map((one) =>
      one.startedAtMs === null || !wholeSeconds.has(one.logStream)
        ? one
        : { ...one, startedAtMs: Math.min(Math.max(one.startedAtMs, one.firstLineMs), knownEndMs(one)) },
    ),
  };
}
