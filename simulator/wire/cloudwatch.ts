// Amazon CloudWatch: reading metrics. Metric math and the statistics beyond percentiles are not modelled and
// are refused. Periods are aligned to the start of the request, floored to the minute.
import * as z from "zod";
import { type MetricId, type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import type { Faults } from "../faults.ts";
import { type Datapoint, readDatapoints, STATISTIC_PATTERN, unitOf } from "./cloudwatch-statistics.ts";
import { decodeToken, encodeToken, pageOf } from "./paging.ts";
import { flag, timeMs, wholeNumber } from "./parameters.ts";
import { checked, type Service } from "./service.ts";

const VALIDATION = "ValidationError";
const MINUTE_SECONDS = 60;
const MAX_QUERIES = 500;
const MAX_POINTS = 100_800;
const MAX_STATISTICS_POINTS = 1_440;
const METRICS_PER_PAGE = 500;

const Dimension = z.object({ Name: z.string().min(1), Value: z.string().min(1) });
const Period = wholeNumber(1, 86_400 * 365).refine(
  (seconds) => seconds % MINUTE_SECONDS === 0,
  "Period must be a multiple of 60",
);
const Statistic = z
  .string()
  .regex(STATISTIC_PATTERN, "expected a basic statistic or a percentile p0 to p100");
const Metric = z.object({
  Namespace: z.string().min(1),
  MetricName: z.string().min(1),
  Dimensions: z.array(Dimension).max(30).optional(),
});

const MetricDataQuery = z.object({
  Id: z.string().regex(/^[a-z][a-zA-Z0-9_]*$/, "expected a lower-case letter, then letters, digits or _"),
  MetricStat: z.object({ Metric, Period, Stat: Statistic, Unit: z.string().optional() }).optional(),
  Expression: z.undefined("metric math is not modelled by this simulated account").optional(),
  Label: z.string().optional(),
  ReturnData: flag.optional(),
  AccountId: z.string().optional(),
});

const GetMetricData = z.object({
  MetricDataQueries: z.array(MetricDataQuery).min(1).max(MAX_QUERIES),
  StartTime: timeMs,
  EndTime: timeMs,
  NextToken: z.string().optional(),
  ScanBy: z.enum(["TimestampDescending", "TimestampAscending"]).optional(),
  MaxDatapoints: wholeNumber(1, MAX_POINTS).optional(),
});

const GetMetricStatistics = Metric.extend({
  StartTime: timeMs,
  EndTime: timeMs,
  Period,
  Statistics: z.array(z.enum(["SampleCount", "Average", "Sum", "Minimum", "Maximum"])).optional(),
  ExtendedStatistics: z.array(Statistic).optional(),
  Unit: z.string().optional(),
});

const ListMetrics = z.object({
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string().optional() })).optional(),
  NextToken: z.string().optional(),
  RecentlyActive: z.literal("PT3H").optional(),
});

function toMetricId(metric: z.output<typeof Metric>): MetricId {
  return {
    namespace: metric.Namespace,
    metricName: metric.MetricName,
    dimensions: Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
  };
}

function checkWindow(startMs: number, endMs: number): void {
  if (startMs >= endMs) {
    const message = "The parameter StartTime must be less than the parameter EndTime.";
    throw new SimulatedAwsError(VALIDATION, message);
  }
}

type StatusCode = "Complete" | "PartialData" | "Forbidden";

interface MetricResult {
  readonly id: string;
  readonly label: string;
  readonly status: StatusCode;
  readonly points: readonly Datapoint[];
}

/**
 * One page of results: at most `size` points over all metrics together, from the `offset`-th on. Every metric
 * is on the first page, if only with its label; one that goes on over the page is PartialData there.
 */
function pageOfPoints(results: readonly MetricResult[], offset: number, size: number) {
  const shown: object[] = [];
  let position = 0;
  for (const { id, label, status, points } of results) {
    const from = Math.max(0, offset - position);
    const to = Math.max(0, Math.min(points.length, offset + size - position));
    const page = points.slice(from, to);
    if (page.length > 0 || offset === 0) {
      shown.push({
        Id: id,
        Label: label,
        Timestamps: page.map(({ timeMs }) => new Date(timeMs)),
        Values: page.map(({ value }) => value),
        StatusCode: status === "Complete" && to < points.length ? "PartialData" : status,
      });
    }
    position += points.length;
  }
  const more = position > offset + size;
  return { MetricDataResults: shown, Messages: [], ...(more && { NextToken: encodeToken(offset + size) }) };
}

export function createCloudWatch(account: SimulatedAccount, faults: Faults): Service {
  const readQuery = (
    query: z.output<typeof MetricDataQuery>,
    request: z.output<typeof GetMetricData>,
  ): MetricResult => {
    const { MetricStat } = query;
    if (MetricStat === undefined) {
      const message = `The query ${query.Id} must have a MetricStat; metric math is not modelled here.`;
      throw new SimulatedAwsError(VALIDATION, message);
    }
    const id = toMetricId(MetricStat.Metric);
    const found = { id: query.Id, label: query.Label ?? id.metricName };
    const fault = faults.metricFault(Object.values(id.dimensions));
    if (fault === "metrics-forbidden") {
      return { ...found, status: "Forbidden", points: [] };
    }
    const points = readDatapoints(account, id, {
      startMs: request.StartTime,
      endMs: request.EndTime,
      periodSeconds: MetricStat.Period,
      statistic: MetricStat.Stat,
    });
    if (request.ScanBy !== "TimestampAscending") {
      points.reverse();
    }
    return fault === "partial-data"
      ? { ...found, status: "PartialData", points: points.filter((_, index) => index % 2 === 0) }
      : { ...found, status: "Complete", points };
  };

  return {
    name: "cloudwatch",
    operations: {
      GetMetricData: checked(VALIDATION, GetMetricData, (request) => {
        checkWindow(request.StartTime, request.EndTime);
        const ids = request.MetricDataQueries.map(({ Id }) => Id);
        if (new Set(ids).size < ids.length) {
          throw new SimulatedAwsError(VALIDATION, "The values for Id in MetricDataQueries must be unique.");
        }
        const offset = request.NextToken === undefined ? 0 : decodeToken(request.NextToken);
        if (typeof offset !== "number") {
          throw new SimulatedAwsError("InvalidNextToken", "The next token is not valid.");
        }
        const results = request.MetricDataQueries.filter(({ ReturnData }) => ReturnData !== false).map(
          (query) => readQuery(query, request),
        );
        return pageOfPoints(results, offset, request.MaxDatapoints ?? MAX_POINTS);
      }),

      GetMetricStatistics: checked("InvalidParameterValue", GetMetricStatistics, (request) => {
        checkWindow(request.StartTime, request.EndTime);
        const id = toMetricId(request);
        const statistics = [...(request.Statistics ?? []), ...(request.ExtendedStatistics ?? [])];
        if (statistics.length === 0) {
          throw new SimulatedAwsError(
            "InvalidParameterCombination",
            "Must specify either Statistics or ExtendedStatistics.",
          );
        }
        const periods = (request.EndTime - request.StartTime) / 1000 / request.Period;
        if (periods > MAX_STATISTICS_POINTS) {
          const message = `You have requested up to ${Math.ceil(periods)} datapoints, which exceeds the limit of ${MAX_STATISTICS_POINTS}.`;
          throw new SimulatedAwsError("InvalidParameterCombination", message);
        }
        if (faults.metricFault(Object.values(id.dimensions)) === "metrics-forbidden") {
          const message = "User is not authorized to perform: cloudwatch:GetMetricStatistics";
          throw new SimulatedAwsError("AccessDenied", message, 403);
        }
        const byTime = new Map<number, Record<string, unknown>>();
        for (const statistic of statistics) {
          const window = { startMs: request.StartTime, endMs: request.EndTime };
          const series = readDatapoints(account, id, {
            ...window,
            periodSeconds: request.Period,
            statistic,
          });
          for (const { timeMs, value } of series) {
            const point = byTime.get(timeMs) ?? { Timestamp: new Date(timeMs), Unit: unitOf(id) };
            byTime.set(timeMs, point);
            if (statistic.startsWith("p")) {
              point["ExtendedStatistics"] = new Map([
                ...((point["ExtendedStatistics"] as Map<string, number> | undefined) ?? []),
                [statistic, value],
              ]);
            } else {
              point[statistic] = value;
            }
          }
        }
        return { Label: id.metricName, Datapoints: [...byTime.values()] };
      }),

      ListMetrics: checked("InvalidParameterValue", ListMetrics, (request) => {
        const matching = [...account.metrics()].filter(
          (id) =>
            (request.Namespace === undefined || request.Namespace === id.namespace) &&
            (request.MetricName === undefined || request.MetricName === id.metricName) &&
            (request.Dimensions ?? []).every(({ Name, Value }) => {
              const value = id.dimensions[Name];
              return value !== undefined && (Value === undefined || value === Value);
            }),
        );
        const page = pageOf(matching, METRICS_PER_PAGE, request.NextToken, () => {
          throw new SimulatedAwsError("InvalidParameterValue", "The next token is not valid.");
        });
        const metrics = page.items.map(({ namespace, metricName, dimensions }) => ({
          Namespace: namespace,
          MetricName: metricName,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        }));
        return { Metrics: metrics, NextToken: page.nextToken };
      }),
    },
    throttled: { code: "Throttling", httpStatus: 400 },
    accessDenied: { code: "AccessDenied", httpStatus: 403 },
    unknownOperation: { code: "InvalidAction", httpStatus: 400 },
  };
}
