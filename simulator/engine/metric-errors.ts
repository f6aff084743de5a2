// What CloudWatch gets wrong: counts that are a little off, points that are lost, points that come late.
import type { MetricId, MetricPoint } from "../account.ts";
import { hash32 } from "./random.ts";

export interface MetricErrors {
  /** SQS's counts are off by up to this share of each point, up or down. @default 0 */
  readonly countErrorShare?: number;
  /** Share of points that never come. @default 0 */
  readonly lostShare?: number;
  /** The latest points come this late, each by up to as much. @default 0 */
  readonly lateMs?: number;
}

const COUNTS = /^NumberOfMessages|^ApproximateNumberOfMessages/;
const DICE = { error: 1, lost: 2, late: 3 } as const;

/** The points of a metric as they can be read at `nowMs`; the same each time they are read. */
export function withErrors(
  points: readonly MetricPoint[],
  id: MetricId,
  errors: MetricErrors,
  seed: number,
  nowMs: number,
): MetricPoint[] {
  const { countErrorShare = 0, lostShare = 0, lateMs = 0 } = errors;
  let series = seed;
  for (const character of JSON.stringify([id.metricName, id.dimensions])) {
    series = hash32(series, character.charCodeAt(0));
  }
  const isCount = id.namespace === "AWS/SQS" && COUNTS.test(id.metricName);
  return points.flatMap((point) => {
    const dice = (what: number): number =>
      hash32(hash32(series, what), point.minuteStartMs / 60_000) / 2 ** 32;
    if (dice(DICE.lost) < lostShare) return [];
    if (point.minuteStartMs > nowMs - dice(DICE.late) * lateMs) return [];
    if (!isCount) return [point];
    const factor = 1 + (2 * dice(DICE.error) - 1) * countErrorShare;
    const off = (count: number): number => Math.round(count * factor);
    return [{ ...point, sum: off(point.sum), min: off(point.min), max: off(point.max) }];
  });
}
