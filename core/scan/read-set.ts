// One set of log queries at one look: whether all have ended, and then their rows.
import type { LogsPort } from "../ports.ts";
import type { Collectable } from "./collectable.ts";
import type { PlannedQuery, StartedQuery } from "./documents.ts";
import type { QuerySet } from "./queries-together.ts";
import { type Look, lookAt, type Patience } from "./query-endings.ts";
import { type EndedQuery, type OpenPath, openPath, readRows } from "./read-rows.ts";
import { singly } from "./split-query.ts";

/** That one look makes of GetQueryResults: a share of the account's quota, and a Lambda has a minute for them. */
export const MOST_CALLS = 20;
/** After so many rows a look ends: what is written by then survives a repeat. */
const MOST_ROWS = 100_000;

/** What one look has used so far. */
export interface Used {
  calls: number;
  rows: number;
}

export type SetResult =
  | { readonly state: "read"; readonly paths: OpenPath[] }
  | { readonly state: "running" }
  /** For the next look. */
  | { readonly state: "left" }
  | { readonly state: "split"; readonly query: StartedQuery; readonly into: readonly PlannedQuery[] };

const NO_TIME: Look = { state: "failed", reason: "the scan had no time left to read its rows" };

/** Reads the rows of a set whose queries have all ended; at the last look every set is `read`. */
export async function readSet(
  logs: LogsPort,
  { queries, paths: indexes }: QuerySet,
  collectables: readonly Collectable[],
  patience: Patience,
  used: Used,
): Promise<SetResult> {
  const isLast = patience === "none";
  const isSpent = used.calls >= MOST_CALLS || used.rows >= MOST_ROWS;
  if (isSpent && !isLast) return { state: "left" };
  const ended: { readonly query: StartedQuery; readonly whole: EndedQuery }[] = [];
  for (const query of queries) {
    const look = isSpent ? NO_TIME : await lookAt(logs, query, patience);
    if (!isSpent && "queryId" in query) used.calls += 1;
    if (look.state === "running") return look;
    if (look.state === "split") return { ...look, query };
    ended.push({ query, whole: { ...query, ending: look } });
  }
  const paths = collectables.flatMap((collectable, index) =>
    indexes.has(index) ? [openPath(collectable, index)] : [],
  );
  for (const { query, whole } of ended) {
    const read = await readRows(whole, paths, { maySplit: !isLast });
    if (read === "unnamed") return { state: "split", query, into: singly(query, bytesOf(whole)) };
    used.rows += read.rows;
    // The first page came with the answer that the query is complete.
    used.calls += Math.max(0, read.pages - 1);
  }
  return { state: "read", paths };
}

function bytesOf({ ending }: EndedQuery): number {
  return ending.state === "complete" ? ending.bytesScanned : 0;
}
