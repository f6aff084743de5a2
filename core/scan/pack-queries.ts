// As few log queries as possible: StartQuery and GetQueryResults are each limited to ten calls a second in an account.
import type { Window } from "../model/measurement.ts";
import type { QueriedGroup } from "./documents.ts";

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html */
export const MAX_LOG_GROUPS = 50;
/**
 * A line that the query fetches is rarely shorter. In text format one invocation writes START, END and REPORT of together
 * some 280 bytes, and a line of its own begins with a time and a request id of together some 65. Shorter are ids that are
 * printed with nothing round them: where a query's rows are more than its limit, it is split.
 */
const BYTES_A_ROW = 100;

/** A log group that is to be read once, for all paths that share it. */
export interface GroupRead {
  readonly logGroup: string;
  readonly window: Window;
  /** Indexes of the paths. */
  readonly paths: readonly number[];
  /** Bytes at most in that time; null = unknown. */
  readonly most: number | null;
}

export interface PackedQuery {
  readonly groups: QueriedGroup[];
  readonly window: Window;
}

interface OpenQuery extends PackedQuery {
  /** Expected. */
  rows: number;
}

/**
 * Puts log groups that are read over the same time into one query, as long as their lines surely fit into its rows. A
 * group of unknown size, or too large, has a query of its own. In the order of the reads.
 */
export function packQueries(reads: readonly GroupRead[], maxRows: number): PackedQuery[] {
  const queries: OpenQuery[] = [];
  for (const { logGroup, window, paths, most } of reads) {
    const rows = most === null ? Number.POSITIVE_INFINITY : most / BYTES_A_ROW;
    const group = {
      logGroup,
      paths: [...paths],
      bytes: Math.max(1, most ?? 1),
      bytesReadBefore: 0,
    };
    const query = queries.find(
      (one) =>
        one.window.startMs === window.startMs &&
        one.groups.length < MAX_LOG_GROUPS &&
        one.rows + rows <= maxRows,
    );
    if (query === undefined) queries.push({ groups: [group], window, rows });
    else {
      query.groups.push(group);
      query.rows += rows;
    }
  }
  return queries.map(({ groups, window }) => ({ groups, window }));
}
