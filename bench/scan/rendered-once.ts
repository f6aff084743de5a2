// The simulated account renders log lines whenever somebody reads them. Here many copies of an account are read, one after
// the other, for the same hours: their lines are rendered once.
import type { LogEvent, MetricId, MetricPoint, SimulatedLogGroup } from "../../simulator/account.ts";
import { type Account, otherAccount } from "./other-account.ts";

export function renderedOnce(account: Account): Account {
  const groups = new Map<SimulatedLogGroup, SimulatedLogGroup>();
  const remember = (group: SimulatedLogGroup) => {
    const known = groups.get(group) ?? remembering(group);
    groups.set(group, known);
    return known;
  };
  const points = new Map<string, readonly MetricPoint[]>();
  return otherAccount(account, {
    logGroups: () => account.logGroups().map(remember),
    metricPoints(id, startMs, endMs) {
      if (id.namespace !== "AWS/Logs") return account.metricPoints(id, startMs, endMs);
      const key = keyOf(id, startMs, endMs);
      const known = points.get(key) ?? account.metricPoints(id, startMs, endMs);
      points.set(key, known);
      return known;
    },
  });
}

function keyOf({ metricName, dimensions }: MetricId, startMs: number, endMs: number): string {
  return JSON.stringify([metricName, dimensions, startMs, endMs]);
}

/** Keeps the lines of the longest time asked for. */
function remembering(group: SimulatedLogGroup): SimulatedLogGroup {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let lines: readonly LogEvent[] = [];
  let bytes: number | undefined;
  return {
    name: group.name,
    arn: group.arn,
    creationMs: group.creationMs,
    storedBytes() {
      bytes ??= group.storedBytes();
      return bytes;
    },
    streams: () => group.streams(),
    events(startMs, endMs, logStream) {
      if (startMs < fromMs || endMs > toMs) {
        [fromMs, toMs] = [Math.min(startMs, fromMs), Math.max(endMs, toMs)];
        lines = [...group.events(fromMs, toMs)];
      }
      const between = lines.slice(firstAt(lines, startMs), firstAt(lines, endMs));
      return logStream === undefined ? between : between.filter((line) => line.logStream === logStream);
    },
  };
}

/** Where the first line of that time or later is. */
function firstAt(lines: readonly LogEvent[], timeMs: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.timestampMs ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
