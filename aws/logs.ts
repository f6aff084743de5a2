import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  type ResultField,
  StartQueryCommand,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { AccountUnreadableError, type AppError, TransientError, UnreadableError } from "../core/errors.ts";
import type { Window } from "../core/model/measurement.ts";
import type { LogLine, LogQuery, LogsPort, QueryStatus } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { resourceError, troubleOf } from "./errors.ts";

const ROWS_A_PAGE = 10_000;
/** Few: where the account has no room for another query now, the scan asks again later and longer than the SDK would. */
const START_ATTEMPTS = 2;
/** What StopQuery answers for a query that has ended, or whose results are gone. */
const ALREADY_ENDED = ["InvalidParameterException", "ResourceNotFoundException"];

/** Log lines through Logs Insights queries, which must ask for @timestamp, @logStream and @message. */
export function createLogs(connection: Connection): LogsPort {
  const client = connection.client(CloudWatchLogsClient);
  const startClient = connection.client(CloudWatchLogsClient, { maxAttempts: START_ATTEMPTS });

  async function startQuery({ logGroup, window, query, limit }: LogQuery): Promise<string> {
    try {
      const { queryId } = await startClient.send(
        new StartQueryCommand({
          logGroupName: logGroup,
          queryString: query,
          limit,
          startTime: Math.floor(window.startMs / 1000),
          // Inclusive, to the millisecond: one second less would lose what was logged during that second.
          // @see https://github.com/aws/aws-sdk/issues/280
          endTime: Math.ceil(window.endMs / 1000),
        }),
      );
      if (queryId === undefined) throw new UnreadableError(logGroup, "expected a query id, got none");
      return queryId;
    } catch (error) {
      throw startError(error, logGroup);
    }
  }

  async function queryStatus(queryId: string): Promise<QueryStatus> {
    try {
      // One row is enough: the statistics are what is asked for.
      return statusOf(await client.send(new GetQueryResultsCommand({ queryId, maxItems: 1 })));
    } catch (error) {
      const { kind, sentence } = troubleOf(error, "logs:GetQueryResults");
      switch (kind) {
        case "account":
          throw new AccountUnreadableError(sentence, { cause: error });
        case "throttled":
        case "unavailable":
          // The query goes on; ask again.
          return { state: "running" };
        case "denied":
        case "missing":
        case "unintelligible":
        case "other":
          return { state: "failed", reason: sentence };
      }
    }
  }

  async function* readRows(queryId: string, window?: Window): AsyncIterable<readonly LogLine[]> {
    let nextToken: string | undefined;
    let rows = 0;
    let expected = 0;
    do {
      const page: GetQueryResultsCommandOutput = await client
        .send(
          new GetQueryResultsCommand({
            queryId,
            maxItems: ROWS_A_PAGE,
            ...(nextToken !== undefined && { nextToken }),
          }),
        )
        .catch((error: unknown) => {
          throw resourceError(error, queryId, "logs:GetQueryResults");
        });
      const lines = (page.results ?? []).map((row) => toLine(row, queryId));
      rows += lines.length;
      expected = page.statistics?.resultCount ?? expected;
      yield window === undefined ? lines : lines.filter(isIn(window));
      nextToken = page.nextToken || undefined;
    } while (nextToken !== undefined);
    if (rows < expected) {
      // An endpoint that does not page gives the first rows and no token.
      throw new UnreadableError(queryId, `the query has ${expected} rows, logs:GetQueryResults gave ${rows}`);
    }
  }

  async function stopQuery(queryId: string): Promise<void> {
    try {
      await client.send(new StopQueryCommand({ queryId }));
    } catch (error) {
      if (error instanceof Error && ALREADY_ENDED.includes(error.name)) return;
      throw resourceError(error, queryId, "logs:StopQuery");
    }
  }

  return { startQuery, queryStatus, readRows, stopQuery };
}

/** 100 queries may run in an account and Region at once, and 10 start in a second: the log group is no less readable. */
function startError(error: unknown, logGroup: string): AppError {
  const { kind, sentence } = troubleOf(error, "logs:StartQuery");
  return kind === "throttled" || kind === "unavailable"
    ? new TransientError(sentence, { cause: error })
    : resourceError(error, logGroup, "logs:StartQuery");
}

function statusOf({ status, statistics, results }: GetQueryResultsCommandOutput): QueryStatus {
  switch (status) {
    case "Complete":
      return {
        state: "complete",
        bytesScanned: statistics?.bytesScanned ?? 0,
        rows: statistics?.resultCount ?? statistics?.recordsMatched ?? results?.length ?? 0,
      };
    case "Failed":
    case "Cancelled":
    case "Timeout":
      return { state: "failed", reason: `the log query ended as ${status}` };
    default:
      return { state: "running" };
  }
}

function toLine(row: readonly ResultField[], queryId: string): LogLine {
  const value = (name: string) => row.find(({ field }) => field === name)?.value ?? "";
  return {
    timestampMs: parseTimestamp(value("@timestamp"), queryId),
    logStream: value("@logStream"),
    message: value("@message"),
  };
}

/** "2026-11-23 17:00:00.123", always UTC. */
function parseTimestamp(text: string, queryId: string): number {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3})$/.exec(text);
  const timestampMs = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(timestampMs)) {
    throw new UnreadableError(queryId, `expected @timestamp as "YYYY-MM-DD hh:mm:ss.mmm", got "${text}"`);
  }
  return timestampMs;
}

function isIn({ startMs, endMs }: Window): (line: LogLine) => boolean {
  return ({ timestampMs }) => timestampMs >= startMs && timestampMs < endMs;
}
