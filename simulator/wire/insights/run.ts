// Runs a plan over log groups.
import type { SimulatedLogGroup } from "../../account.ts";
import { encodeToken } from "../paging.ts";
import type { Counting, QueryPlan } from "./plan.ts";
import { formatTime, Row } from "./row.ts";

export interface ResultField {
  readonly field: string;
  readonly value: string;
}

export interface QueryOutcome {
  readonly rows: readonly (readonly ResultField[])[];
  readonly statistics: {
    readonly recordsMatched: number;
    readonly recordsScanned: number;
    readonly bytesScanned: number;
    readonly logGroupsScanned: number;
  };
}

export interface QueryRun {
  readonly plan: QueryPlan;
  readonly logGroups: readonly SimulatedLogGroup[];
  readonly accountId: string;
  /** Inclusive. */
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  /** Used when the query itself has no limit. */
  readonly limit: number;
}

export function runQuery({ plan, logGroups, accountId, startMs, endMs, limit }: QueryRun): QueryOutcome {
  const matched: Row[] = [];
  let recordsScanned = 0;
  let bytesScanned = 0;
  for (const group of logGroups) {
    for (const event of group.events(startMs, endMs)) {
      recordsScanned++;
      bytesScanned += Buffer.byteLength(event.message);
      const row = new Row(event, group.name, accountId);
      if (plan.conditions.every((condition) => condition(row))) {
        matched.push(row);
      }
    }
  }
  const statistics = {
    recordsMatched: matched.length,
    recordsScanned,
    bytesScanned,
    logGroupsScanned: logGroups.length,
  };
  const size = plan.limit ?? limit;
  if (plan.counting !== undefined) {
    const counted = countRows(matched, plan.counting);
    return { rows: sortCounted(counted, plan.sort).slice(0, size), statistics };
  }
  const rows = sortRows(matched, plan.sort)
    .slice(0, size)
    .map((row, index) => showRow(row, plan, index));
  return { rows, statistics };
}

/** Equal keys keep the order of the log; without `sort` the newest come first, as on AWS. */
function sortRows(rows: Row[], sort: QueryPlan["sort"]): Row[] {
  const { field, descending } = sort ?? { field: "@timestamp", descending: true };
  const inOrder =
    field === "@timestamp"
      ? rows.sort((a, b) => a.event.timestampMs - b.event.timestampMs)
      : rows.sort((a, b) => compareValues(a.get(field), b.get(field)));
  return descending ? inOrder.reverse() : inOrder;
}

function compareValues(a: string | undefined, b: string | undefined): number {
  const difference = Number(a) - Number(b);
  if (!Number.isNaN(difference) && a?.trim() !== "" && b?.trim() !== "") {
    return difference;
  }
  return (a ?? "") < (b ?? "") ? -1 : (a ?? "") > (b ?? "") ? 1 : 0;
}

function showRow(row: Row, { shown }: QueryPlan, index: number): ResultField[] {
  const fields = shown.flatMap(({ field, as }) => {
    const value = field === "@ptr" ? undefined : row.get(field);
    return value === undefined ? [] : [{ field: as, value }];
  });
  const { logStream, timestampMs } = row.event;
  return [...fields, { field: "@ptr", value: encodeToken([row.get("@log"), logStream, timestampMs, index]) }];
}

function countRows(rows: readonly Row[], { counts, by }: Counting): ResultField[][] {
  const groups = new Map<string, { key: ResultField[]; totals: number[] }>();
  for (const row of rows) {
    const key = by.flatMap((grouping) => {
      const value =
        grouping.kind === "bin"
          ? formatTime(Math.floor(row.event.timestampMs / grouping.sizeMs) * grouping.sizeMs)
          : row.get(grouping.field);
      return value === undefined ? [] : [{ field: grouping.as, value }];
    });
    const id = JSON.stringify(key);
    const group = groups.get(id) ?? { key, totals: counts.map(() => 0) };
    groups.set(id, group);
    counts.forEach(({ field }, index) => {
      if (field === undefined || row.get(field) !== undefined) {
        group.totals[index] = (group.totals[index] ?? 0) + 1;
      }
    });
  }
  return [...groups.values()].map(({ key, totals }) => [
    ...key,
    ...counts.map(({ as }, index) => ({ field: as, value: String(totals[index] ?? 0) })),
  ]);
}

function sortCounted(rows: ResultField[][], sort: QueryPlan["sort"]): ResultField[][] {
  if (sort === undefined) {
    return rows;
  }
  const columnOf = (row: ResultField[]) => row.find(({ field }) => field === sort.field)?.value;
  const inOrder = rows.sort((a, b) => compareValues(columnOf(a), columnOf(b)));
  return sort.descending ? inOrder.reverse() : inOrder;
}
