// GetMetricData is limited by the points that are asked for, too, and the more so the more recent they are: calls are
// kept small, so that they fit below that, and weighed, so that they wait their turn.
import type { GetMetricDataCommandInput } from "@aws-sdk/client-cloudwatch";

/** What a call is filled with; a metric that has more points by itself is asked for alone. */
export const POINTS_A_CALL = 12_000;

const RECENT_MS = 3 * 3_600_000;
/**
 * Of points of the last three hours an account gets 180,000 a second, of older ones 396,000.
 * @see https://repost.aws/knowledge-center/cloudwatch-getmetricdata-api
 */
const WEIGHT_OF_RECENT = 396_000 / 180_000;

/** What a full call weighs at most, in older points. */
export const HEAVIEST_METRICS_CALL = POINTS_A_CALL * WEIGHT_OF_RECENT;

/** What a call of GetMetricData takes of the points of a second, in older points. */
export function weightOfMetricsCall(input: unknown): number {
  const { MetricDataQueries = [], StartTime, EndTime } = input as GetMetricDataCommandInput;
  const startMs = Number(StartTime);
  const lengthSeconds = (Number(EndTime) - startMs) / 1000;
  const points = MetricDataQueries.reduce(
    (sum, { MetricStat }) => sum + Math.ceil(lengthSeconds / (MetricStat?.Period ?? 60)),
    0,
  );
  // It depends on where the start lies, whatever the end.
  return Date.now() - startMs <= RECENT_MS ? points * WEIGHT_OF_RECENT : points;
}
