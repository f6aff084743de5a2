import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  type ResultField,
  StartQueryCommand,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { type AppError, TransientError, UnreadableError } from "../core/errors.ts";
import type { Window } from "../core/model/measurement.ts";
import type { LogLine, LogQuery, LogsPort, QueryStatus } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { resourceError, troubleOf } from "./errors.ts";

/**
 * AWS gives up to 10,000, with which the function that reads them needed 246 to 257 MB of the 256 that it is to stay
 * below; with these 235, measured in an account of 300 paths.
 */
const ROWS_A_PAGE = 7_500;
/** Few: where the account has no room for another query now, the scan asks again later and longer than the SDK would. */
const START_ATTEMPTS = 2;
/** What StopQuery answers for a query that has ended, or whose results are gone. */
const ALREADY_ENDED = ["InvalidParameterException", "ResourceNotFoundException"];

/** Log lines through Logs Insights queries, which must ask for @timestamp, @log, @logStream and @message. */
export function createLogs(connection: Connection): LogsPort {
  const client = connection.client(CloudWatchLogsClient);
  const startClient = connection.client(CloudWatchLogsClient, { maxAttempts: START_ATTEMPTS });
  /** Queries found running: they are asked for one row only, because those that there are so far are of no use. */
  const slow = new Set<string>();

  async function startQuery({ logGroups, window, query, limit }: LogQuery): Promise<string> {
    const named = logGroups.join(", ");
    try {
      const { queryId } = await startClient.send(
        new StartQueryCommand({
          logGroupNames: [...logGroups],
          queryString: query,
          limit,
          startTime: Math.floor(window.startMs / 1000),
          // Inclusive, to the millisecond: one second less would lose what was logged during that second.
          // @see https://github.com/aws/aws-sdk/issues/280
          endTime: Math.ceil(window.endMs / 1000),
        }),
      );
      if (queryId === undefined) throw new UnreadableError(named, "expected a query id, got none");
      return queryId;
    } catch (error) {
      throw startError(error, named);
    }
  }

  const ask = (queryId: string, maxItems: number, nextToken?: string) =>
    client.send(
      new GetQueryResultsCommand({ queryId, maxItems, ...(nextToken !== undefined && { nextToken }) }),
    );

  async function queryStatus(queryId: string, window?: Window): Promise<QueryStatus> {
    const wasSlow = slow.has(queryId);
    try {
      const answer = await ask(queryId, wasSlow ? 1 : ROWS_A_PAGE);
      const { status, statistics, results } = answer;
      if (isUnderWay(status)) {
        slow.add(queryId);
        return { state: "running" };
      }
      slow.delete(queryId);
      if (status !== "Complete") return { state: "failed", reason: `the log query ended as ${status}` };
      return {
        state: "complete",
        bytesScanned: statistics?.bytesScanned ?? 0,
        rows: statistics?.resultCount ?? statistics?.recordsMatched ?? results?.length ?? 0,
        pages: readPages(queryId, window, wasSlow ? [] : [answer]),
      };
    } catch (error) {
      const { kind } = troubleOf(error, "logs:GetQueryResults");
      // The query goes on; ask again.
      if (kind === "throttled" || kind === "unavailable") return { state: "running" };
      throw resourceError(error, queryId, "logs:GetQueryResults");
    }
  }

  /** @param here the first page, where it came already. Each is taken out, so that it can be forgotten. */
  async function* readPages(
    queryId: string,
    window: Window | undefined,
    here: GetQueryResultsCommandOutput[],
  ): AsyncIterable<readonly LogLine[]> {
    let nextToken: string | undefined;
    let rows = 0;
    let expected = 0;
    do {
      if (here.length === 0) {
        here.push(
          await ask(queryId, ROWS_A_PAGE, nextToken).catch((error: unknown) => {
            throw resourceError(error, queryId, "logs:GetQueryResults");
          }),
        );
      }
      rows += here[0]?.results?.length ?? 0;
      expected = here[0]?.statistics?.resultCount ?? expected;
      nextToken = here[0]?.nextToken || undefined;
      yield toLines(here.pop()?.results ?? [], queryId, window);
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

  return { startQuery, queryStatus, stopQuery };
}

/** 100 queries may run in an account and Region at once, and 10 start in a second: the log group is no less readable. */
function startError(error: unknown, logGroup: string): AppError {
  const { kind, sentence } = troubleOf(error, "logs:StartQuery");
  return kind === "throttled" || kind === "unavailable"
    ? new TransientError(sentence, { cause: error })
    : resourceError(error, logGroup, "logs:StartQuery");
}

const ENDED: readonly (string | undefined)[] = ["Complete", "Failed", "Cancelled", "Timeout"];

function isUnderWay(status: string | undefined): boolean {
  return !ENDED.includes(status);
}

function toLines(
  rows: readonly (readonly ResultField[])[],
  queryId: string,
  window: Window | undefined,
): LogLine[] {
  const lines = rows.map((row) => toLine(row, queryId));
  return window === undefined ? lines : lines.filter(isIn(window));
}

function toLine(row: readonly ResultField[], queryId: string): LogLine {
  const value = (name: string) => row.find(({ field }) => field === name)?.value ?? "";
  // "account:log group"; emulators leave the account out, or both.
  const logGroup = value("@log").replace(/^.*:/, "");
  return {
    timestampMs: parseTimestamp(value("@timestamp"), queryId),
    logStream: value("@logStream"),
    message: value("@message"),
    ...(logGroup !== "" && { logGroup }),
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
