import {
  CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from "@aws-sdk/client-cloudwatch";
import type { Window } from "../core/model/measurement.ts";
import type { MetricRequest, MetricSeries, MetricsPort } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { accountError, troubleOf } from "./errors.ts";
import { POINTS_A_CALL } from "./metric-points.ts";

const ACTION = "cloudwatch:GetMetricData";
/** Limits of one GetMetricData call; beyond the second, AWS pages. */
const QUERIES_A_CALL = 500;
const POINTS_A_PAGE = 100_800;

/** How many series over that window are asked for together; one always is. */
function queriesACall({ startMs, endMs }: Window, periodSeconds: number): number {
  const points = Math.ceil((endMs - startMs) / (periodSeconds * 1000));
  return Math.min(QUERIES_A_CALL, Math.max(1, Math.floor(POINTS_A_CALL / points)));
}

/**
 * Metric series through CloudWatch. A refusal of the whole call, or an answer that cannot be read, gives series that
 * say so; throttling is thrown, because a later retry of the batch would read them.
 */
export function createMetrics(connection: Connection): MetricsPort {
  const client = connection.client(CloudWatchClient);

  async function getSeries(
    requests: readonly MetricRequest[],
    window: Window,
    periodSeconds: number,
  ): Promise<ReadonlyMap<string, MetricSeries>> {
    const all = new Map<string, MetricSeries>();
    const together = queriesACall(window, periodSeconds);
    for (let start = 0; start < requests.length; start += together) {
      const chunk = requests.slice(start, start + together);
      for (const [id, series] of await getChunk(chunk, window, periodSeconds)) all.set(id, series);
    }
    return all;
  }

  async function getChunk(
    requests: readonly MetricRequest[],
    window: Window,
    periodSeconds: number,
  ): Promise<Map<string, MetricSeries>> {
    const drafts = new Map(requests.map((_, index) => [queryId(index), newDraft(window, periodSeconds)]));
    try {
      for await (const result of pages(requests, window, periodSeconds)) {
        const draft = drafts.get(result.Id ?? "");
        if (draft !== undefined) addResult(draft, result, window, periodSeconds);
      }
    } catch (error) {
      const outcome = refusal(error);
      for (const draft of drafts.values()) draft.outcome = outcome;
    }
    return new Map(
      requests.map(({ id }, index) => {
        const { values, outcome } = drafts.get(queryId(index)) ?? newDraft(window, periodSeconds);
        return [id, { values, periodSeconds, ...outcome }];
      }),
    );
  }

  async function* pages(
    requests: readonly MetricRequest[],
    window: Window,
    periodSeconds: number,
  ): AsyncIterable<MetricDataResult> {
    let nextToken: string | undefined;
    do {
      const page = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(window.startMs),
          EndTime: new Date(window.endMs),
          ScanBy: "TimestampAscending",
          MaxDatapoints: POINTS_A_PAGE,
          MetricDataQueries: requests.map((request, index) => toQuery(request, index, periodSeconds)),
          ...(nextToken !== undefined && { NextToken: nextToken }),
        }),
      );
      yield* page.MetricDataResults ?? [];
      nextToken = page.NextToken || undefined;
    } while (nextToken !== undefined);
  }

  return { getSeries };
}

type Outcome = Pick<MetricSeries, "status" | "reason">;

interface Draft {
  readonly values: (number | null)[];
  outcome: Outcome;
}

/** CloudWatch gives a result for each query, also for those without points: what stays away was not read. */
function newDraft(window: Window, periodSeconds: number): Draft {
  const periods = Math.ceil((window.endMs - window.startMs) / (periodSeconds * 1000));
  return {
    values: new Array<number | null>(periods).fill(null),
    outcome: { status: "error", reason: "CloudWatch left this metric out of its answer" },
  };
}

function addResult(draft: Draft, result: MetricDataResult, window: Window, periodSeconds: number): void {
  (result.Timestamps ?? []).forEach((timestamp, index) => {
    const period = Math.floor((timestamp.getTime() - window.startMs) / (periodSeconds * 1000));
    const value = result.Values?.[index];
    if (value !== undefined && period >= 0 && period < draft.values.length) draft.values[period] = value;
  });
  draft.outcome = outcomeOf(result);
}

/** The last page decides: a series that a page cuts off is PartialData there, and Complete on its last. */
function outcomeOf(result: MetricDataResult): Outcome {
  const message = result.Messages?.[0]?.Value;
  switch (result.StatusCode) {
    case "Complete":
      return { status: "complete" };
    case "PartialData":
      return { status: "partial", reason: message ?? "CloudWatch gave only a part of the points" };
    case "Forbidden":
      return { status: "forbidden", reason: message ?? `${ACTION} is not allowed for this metric` };
    default:
      return {
        status: "error",
        reason: message ?? `CloudWatch answered ${result.StatusCode ?? "no status"}`,
      };
  }
}

/** @throws TransientError | AccountUnreadableError where the call as a whole may be worth another try, or never is. */
function refusal(error: unknown): Outcome {
  const { kind, sentence } = troubleOf(error, ACTION);
  switch (kind) {
    case "account":
    case "throttled":
    case "unavailable":
      throw accountError(error, ACTION);
    case "denied":
      return { status: "forbidden", reason: sentence };
    case "missing":
    case "unintelligible":
    case "other":
      return { status: "error", reason: sentence };
  }
}

/** CloudWatch's ids are ^[a-z][a-zA-Z0-9_]*$, the caller's are any string. */
function queryId(index: number): string {
  return `q${index}`;
}

function toQuery(request: MetricRequest, index: number, periodSeconds: number): MetricDataQuery {
  return {
    Id: queryId(index),
    ReturnData: true,
    MetricStat: {
      Metric: {
        Namespace: request.namespace,
        MetricName: request.metricName,
        Dimensions: Object.entries(request.dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodSeconds,
      Stat: request.stat,
    },
  };
}
