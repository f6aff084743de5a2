// The rows of log queries that have ended, page by page, into the readers of the paths that need them.
import type { LogReader } from "../correlate/log-reader.ts";
import { UnreadableError } from "../errors.ts";
import type { AsyncDeliveries, PathDeliveries } from "../model/delivery.ts";
import type { ConsumerFunction, Unreadable } from "../model/delivery-path.ts";
import type { LogLine } from "../ports.ts";
import type { Collectable } from "./collectable.ts";
import type { QueriedGroup, StartedQuery } from "./documents.ts";
import { mayBelongTo } from "./log-stream.ts";
import type { Ending } from "./query-endings.ts";
import { bytesOf, isShared } from "./split-query.ts";
import { asUnreadable } from "./unreadable.ts";

export type EndedQuery = StartedQuery & { readonly ending: Ending };

interface Reading {
  readonly consumer: ConsumerFunction;
  readonly reader: LogReader;
}

/** A path while its rows come in. */
export interface OpenPath {
  readonly index: number;
  readonly correlate: Collectable["correlate"];
  readonly readings: readonly Reading[];
  readonly unreadable: Unreadable[];
  /** Log groups of which rows were read, to their end or not. */
  readonly groupsRead: Set<string>;
  bytesScanned: number;
  truncated: boolean;
}

/** With readers that have read nothing yet. */
export function openPath({ functions, correlate }: Collectable, index: number): OpenPath {
  return {
    index,
    correlate,
    readings: functions.map(({ consumer, reader }) => ({ consumer, reader: reader() })),
    unreadable: [],
    groupsRead: new Set(),
    bytesScanned: 0,
    truncated: false,
  };
}

/** What to make of the path, once the rows of all its log groups are in. */
export function closePath(path: OpenPath): PathDeliveries | AsyncDeliveries {
  const { correlate, readings, groupsRead, bytesScanned, truncated, unreadable } = path;
  return correlate({
    observations: readings
      .filter(({ consumer }) => groupsRead.has(consumer.logGroup))
      .map(({ reader }) => reader.finish()),
    bytesScanned,
    truncated,
    unreadable,
  });
}

const UNNAMED = "the log query's rows do not tell their log groups";

/**
 * Reads a query's rows once, for every path that waits for them.
 * @returns how many; `unnamed` where the query may be split and a row does not tell which of its log groups it is of.
 */
export async function readRows(
  query: EndedQuery,
  paths: readonly OpenPath[],
  { maySplit }: { readonly maySplit: boolean },
): Promise<{ readonly rows: number; readonly pages: number } | "unnamed"> {
  const { groups, limit, ending } = query;
  const usersOf = (group: QueriedGroup) => paths.filter(({ index }) => group.paths.includes(index));
  for (const group of groups) {
    const bytesScanned = ending.state === "complete" ? ending.bytesScanned : 0;
    const bytes = group.bytesReadBefore + bytesOf(group, groups, bytesScanned);
    for (const path of usersOf(group)) {
      // A group that several paths share is shared out, so that the sum over all paths is what was really read.
      path.bytesScanned += bytes / group.paths.length;
      if (ending.state === "complete") path.groupsRead.add(group.logGroup);
      if (ending.state === "complete" && ending.rows >= limit) path.truncated = true;
    }
  }
  const fail = (reason: string) => {
    for (const group of groups) {
      for (const { unreadable } of usersOf(group)) unreadable.push({ resource: group.logGroup, reason });
    }
  };
  if (ending.state === "failed") {
    fail(ending.reason);
    return { rows: 0, pages: 0 };
  }
  const readings = new Map(
    groups.map((group) => [
      group.logGroup,
      usersOf(group)
        .flatMap((path) => path.readings)
        .filter(({ consumer }) => consumer.logGroup === group.logGroup),
    ]),
  );
  let rows = 0;
  let pages = 0;
  try {
    for await (const page of ending.pages) {
      rows += page.length;
      pages += 1;
      for (const [logGroup, lines] of byLogGroup(page, query)) {
        const users = readings.get(logGroup ?? "");
        if (users === undefined && maySplit) return "unnamed";
        if (users === undefined) throw new UnreadableError(logGroup ?? "", UNNAMED);
        for (const { consumer, reader } of users) {
          reader.read(lines.filter((line) => mayBelongTo(line.logStream, consumer.name)));
        }
      }
    }
  } catch (error) {
    fail(asUnreadable(error, groups[0]?.logGroup ?? "").reason);
    for (const path of groups.flatMap(usersOf)) path.truncated = true;
  }
  return { rows, pages };
}

/** What a query of one log group gives is of that group, whether the row says so or not. */
function byLogGroup(
  page: readonly LogLine[],
  query: EndedQuery,
): Iterable<[string | undefined, readonly LogLine[]]> {
  return isShared(query)
    ? Map.groupBy(page, ({ logGroup }) => logGroup)
    : [[query.groups[0]?.logGroup, page]];
}
