// Amazon CloudWatch Logs Insights: StartQuery and what follows. A query goes on by one step each time that
// somebody asks for its results: Scheduled, Running, Complete.
import { createHash } from "node:crypto";
import * as z from "zod";
import { type SimulatedAccount, SimulatedAwsError, type SimulatedLogGroup } from "../account.ts";
import type { Faults } from "../faults.ts";
import { QuerySyntaxError } from "./insights/lexer.ts";
import { MAX_LIMIT, planQuery, type QueryPlan } from "./insights/plan.ts";
import { type QueryOutcome, runQuery } from "./insights/run.ts";
import { findLogGroup } from "./log-groups.ts";
import { INVALID, refuseToken } from "./logs-rules.ts";
import { pageOf } from "./paging.ts";
import { wholeNumber } from "./parameters.ts";
import { checked, type Operation } from "./service.ts";

const MAX_LOG_GROUPS = 50;
const MAX_QUERY_LENGTH = 10_000;
const MAX_CONCURRENT_QUERIES = 100;
const DEFAULT_LIMIT = 10_000;
const ROWS_PER_PAGE = 10_000;
const MAX_DESCRIBED = 1_000;
/** Queries whose rows are kept, those asked for last: the rows of a day's queries fill gigabytes. */
const OUTCOMES_KEPT = 12;
const Seconds = wholeNumber(0, 1e11);

const StartQuery = z.object({
  queryLanguage: z.literal("CWLI", "only the Logs Insights query language is modelled").optional(),
  logGroupName: z.string().min(1).optional(),
  logGroupNames: z.array(z.string().min(1)).min(1).max(MAX_LOG_GROUPS).optional(),
  logGroupIdentifiers: z.array(z.string().min(1)).min(1).max(MAX_LOG_GROUPS).optional(),
  startTime: Seconds,
  endTime: Seconds,
  queryString: z.string().max(MAX_QUERY_LENGTH),
  limit: wholeNumber(1, MAX_LIMIT).optional(),
});

type QueryStatus = "Scheduled" | "Running" | "Complete" | "Failed" | "Cancelled";

interface Query {
  readonly id: string;
  readonly text: string;
  readonly plan: QueryPlan;
  readonly logGroups: readonly SimulatedLogGroup[];
  readonly startMs: number;
  readonly endMs: number;
  readonly limit: number;
  readonly createdMs: number;
  status: QueryStatus;
  asked: number;
  statistics: QueryOutcome["statistics"];
}

const NO_STATISTICS: QueryOutcome["statistics"] = {
  recordsMatched: 0,
  recordsScanned: 0,
  bytesScanned: 0,
  logGroupsScanned: 0,
};

function isUnderWay({ status }: Query): boolean {
  return status === "Scheduled" || status === "Running";
}

function parsePlan(text: string): QueryPlan {
  try {
    return planQuery(text);
  } catch (error) {
    if (error instanceof QuerySyntaxError) {
      const compileError = {
        location: { startCharOffset: 0, endCharOffset: text.length },
        message: error.message,
      };
      throw new SimulatedAwsError("MalformedQueryException", error.message, 400, {
        queryCompileError: compileError,
      });
    }
    throw error;
  }
}

/** Looks like the UUIDs of AWS, but the same for the same run. */
function queryId(sequence: number): string {
  const hex = createHash("md5").update(`query ${sequence}`).digest("hex");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

export function queryOperations(account: SimulatedAccount, faults: Faults): Record<string, Operation> {
  const queries = new Map<string, Query>();
  /** By query id, the one asked for last at the end. */
  const outcomes = new Map<string, QueryOutcome>();

  const find = (id: string): Query => {
    const found = queries.get(id);
    if (found === undefined) {
      throw new SimulatedAwsError("ResourceNotFoundException", `Query ${id} does not exist.`);
    }
    return found;
  };

  /** Rows that were forgotten are made again: what was logged does not change. */
  const outcomeOf = (query: Query): QueryOutcome => {
    const outcome = outcomes.get(query.id) ?? runQuery({ ...query, accountId: account.accountId });
    outcomes.delete(query.id);
    outcomes.set(query.id, outcome);
    const [oldest] = outcomes.keys();
    if (outcomes.size > OUTCOMES_KEPT && oldest !== undefined) outcomes.delete(oldest);
    return outcome;
  };

  const proceed = (query: Query): void => {
    query.asked++;
    if (query.status === "Scheduled" && query.asked > 1) {
      query.status = "Running";
    } else if (query.status === "Running") {
      const fault = faults.queryFault(query.logGroups.map(({ name }) => name));
      if (fault === "query-fails") {
        query.status = "Failed";
      } else if (fault !== "query-hangs") {
        query.statistics = outcomeOf(query).statistics;
        query.status = "Complete";
      }
    }
  };

  return {
    StartQuery: checked(INVALID, StartQuery, (input) => {
      const { logGroupName, logGroupNames, logGroupIdentifiers } = input;
      const given = [logGroupName && [logGroupName], logGroupNames, logGroupIdentifiers].filter(
        (names) => names !== undefined,
      );
      const [names] = given;
      if (given.length !== 1 || !names) {
        const message =
          "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified.";
        throw new SimulatedAwsError(INVALID, message);
      }
      if (input.startTime > input.endTime) {
        throw new SimulatedAwsError(INVALID, "End time should not be less than start time.");
      }
      const plan = parsePlan(input.queryString);
      const logGroups = names.map((name) => findLogGroup(account, name));
      if ([...queries.values()].filter(isUnderWay).length >= MAX_CONCURRENT_QUERIES) {
        const message = `Account maximum query concurrency limit of [${MAX_CONCURRENT_QUERIES}] reached.`;
        throw new SimulatedAwsError("LimitExceededException", message);
      }
      const id = queryId(queries.size);
      queries.set(id, {
        id,
        text: input.queryString,
        plan,
        logGroups,
        startMs: input.startTime * 1000,
        // Both ends are inclusive and given in seconds: the last second belongs to the window as a whole.
        endMs: (input.endTime + 1) * 1000,
        limit: input.limit ?? DEFAULT_LIMIT,
        createdMs: account.nowMs(),
        status: "Scheduled",
        asked: 0,
        statistics: NO_STATISTICS,
      });
      return { queryId: id };
    }),

    GetQueryResults: checked(
      INVALID,
      z.object({
        queryId: z.string(),
        nextToken: z.string().optional(),
        maxItems: wholeNumber(1, ROWS_PER_PAGE).optional(),
      }),
      (input) => {
        const query = find(input.queryId);
        proceed(query);
        const { statistics } = query;
        const rows = query.status === "Complete" ? outcomeOf(query).rows : [];
        const page = pageOf(rows, input.maxItems ?? ROWS_PER_PAGE, input.nextToken, refuseToken);
        return {
          queryLanguage: "CWLI",
          results: page.items,
          statistics,
          status: query.status,
          nextToken: page.nextToken,
        };
      },
    ),

    StopQuery: checked(INVALID, z.object({ queryId: z.string() }), (input) => {
      const query = find(input.queryId);
      if (!isUnderWay(query)) {
        const message = `Query ${query.id} has already ended with status ${query.status}.`;
        throw new SimulatedAwsError(INVALID, message);
      }
      query.status = "Cancelled";
      return { success: true };
    }),

    DescribeQueries: checked(
      INVALID,
      z.object({
        logGroupName: z.string().optional(),
        status: z.enum(["Scheduled", "Running", "Complete", "Failed", "Cancelled"]).optional(),
        maxResults: wholeNumber(1, MAX_DESCRIBED).optional(),
        nextToken: z.string().optional(),
      }),
      (input) => {
        const matching = [...queries.values()]
          .filter(
            ({ status, logGroups }) =>
              (input.status ?? status) === status &&
              (input.logGroupName === undefined || logGroups.some(({ name }) => name === input.logGroupName)),
          )
          .reverse();
        const page = pageOf(matching, input.maxResults ?? MAX_DESCRIBED, input.nextToken, refuseToken);
        const described = page.items.map((query) => ({
          queryLanguage: "CWLI",
          queryId: query.id,
          queryString: query.text,
          status: query.status,
          createTime: query.createdMs,
          logGroupName: query.logGroups[0]?.name,
          bytesScanned: query.statistics.bytesScanned,
        }));
        return { queries: described, nextToken: page.nextToken };
      },
    ),
  };
}
