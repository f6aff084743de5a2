// CollectDeliveries: asks how the log queries are doing, and turns the rows of those that ended into deliveries.
import pMap from "p-map";
import type { LogReader } from "../correlate/log-reader.ts";
import type { AsyncDeliveries, PathDeliveries } from "../model/delivery.ts";
import type { ConsumerFunction, Unreadable } from "../model/delivery-path.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { CollectInput, CollectOutput } from "../model/workflow.ts";
import { type Collectable, type CollectableOptions, readCollectables } from "./collectable.ts";
import { documentKey, Queries, recordCalls, requireDocument, type StartedQuery } from "./documents.ts";
import { mayBelongTo } from "./log-stream.ts";
import { type EndedQuery, endingOf, lastAttempt, POLL_INTERVAL_MS } from "./query-endings.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { startQuery } from "./start-query.ts";
import { asUnreadable } from "./unreadable.ts";

/** Rows that one invocation reads: a Lambda has a minute, and what is written by then survives a repeat. */
const ROWS_AN_ATTEMPT = 200_000;
/** GetQueryResults is limited to ten calls a second in an account. */
const CONCURRENCY = 4;

type CollectPorts = Pick<ScanPorts, "logs" | "ledger" | "calls">;

export interface CollectOptions extends CollectableOptions {
  /** @default lastAttempt(POLL_INTERVAL_MS) */
  readonly lastAttempt?: number;
}

interface Reading {
  readonly consumer: ConsumerFunction;
  readonly reader: LogReader;
}

interface ReadyPath {
  readonly index: number;
  readonly correlate: Collectable["correlate"];
  readonly queries: readonly EndedQuery[];
  readonly readings: readonly Reading[];
  readonly unreadable: Unreadable[];
  /** Log groups of which rows were read, to their end or not. */
  readonly groupsRead: Set<string>;
  /** Log groups whose rows broke off. */
  readonly groupsCut: Set<string>;
}

/** Reads a query's rows once, for every path that waits for them. */
async function readRows(ports: CollectPorts, query: EndedQuery, ready: readonly ReadyPath[]): Promise<void> {
  const users = ready.filter((one) => query.paths.includes(one.index));
  const fail = (reason: string) => {
    for (const { unreadable } of users) unreadable.push({ resource: query.logGroup, reason });
  };
  const { ending } = query;
  if (ending.state === "failed") return fail(ending.reason);
  const readings = users.flatMap((one) =>
    one.readings.filter(({ consumer }) => consumer.logGroup === query.logGroup),
  );
  for (const { groupsRead } of users) groupsRead.add(query.logGroup);
  try {
    for await (const page of ports.logs.readRows(ending.queryId, query.window)) {
      for (const { consumer, reader } of readings) {
        reader.read(page.filter((line) => mayBelongTo(line.logStream, consumer.name)));
      }
    }
  } catch (error) {
    fail(asUnreadable(error, query.logGroup).reason);
    for (const { groupsCut } of users) groupsCut.add(query.logGroup);
  }
}

function deliveriesOf(ready: ReadyPath): PathDeliveries | AsyncDeliveries {
  const { correlate, queries, readings, unreadable, groupsRead, groupsCut } = ready;
  const complete = queries.flatMap(({ ending, paths, limit }) =>
    ending.state === "complete" ? [{ ...ending, paths, limit }] : [],
  );
  return correlate({
    observations: readings
      .filter(({ consumer }) => groupsRead.has(consumer.logGroup))
      .map(({ reader }) => reader.finish()),
    // A query that several paths share is shared out, so that the sum over all paths is what was really read.
    bytesScanned: complete.reduce((sum, { bytesScanned, paths }) => sum + bytesScanned / paths.length, 0),
    truncated: groupsCut.size > 0 || complete.some(({ rows, limit }) => rows >= limit),
    unreadable,
  });
}

/** As many of the ready paths as one invocation can read the rows of, and always the first. */
function affordable(ready: readonly ReadyPath[]): ReadyPath[] {
  const groups = new Set<string>();
  let rows = 0;
  return ready.filter(({ queries }, position) => {
    const fresh = queries.filter(({ logGroup }) => !groups.has(logGroup));
    const more = fresh.reduce((sum, { ending }) => sum + (ending.state === "complete" ? ending.rows : 0), 0);
    if (position > 0 && rows + more > ROWS_AN_ATTEMPT) return false;
    rows += more;
    for (const { logGroup } of fresh) groups.add(logGroup);
    return true;
  });
}

/**
 * Writes the deliveries of every path whose queries have all ended; where they hold very many rows, of some paths now
 * and of the others on the next attempt. A repeat finds them written and reads no rows again. On the last attempt
 * what still runs is stopped and listed as unreadable.
 */
export async function collectDeliveries(
  ports: CollectPorts,
  settings: ScanSettings,
  { scanId, batchKey, attempt }: CollectInput,
  options: CollectOptions = {},
): Promise<CollectOutput> {
  const { ledger } = ports;
  const isLast = attempt >= (options.lastAttempt ?? lastAttempt(POLL_INTERVAL_MS));
  const started = await startWaiting(ports, settings, { scanId, batchKey }, isLast);
  const written = new Set(await ledger.listDocumentKeys(scanId, `deliveries/${batchKey}/`));
  const isOpen = (index: number) => !written.has(documentKey.deliveries(batchKey, index));
  const open = [...new Set(started.flatMap(({ paths }) => paths))].filter(isOpen);
  const needed = started.filter(({ paths }) => paths.some(isOpen));

  const answers = await pMap(
    needed,
    async (query): Promise<EndedQuery[]> => {
      const ending = await endingOf(ports.logs, query, isLast);
      return ending === undefined ? [] : [{ ...query, ending }];
    },
    { concurrency: CONCURRENCY },
  );
  const ended = answers.flat();

  const paths = await readCollectables(ledger, settings, { scanId, batchKey }, options);
  const all = readyPaths(paths, open, started, ended);
  const ready = isLast ? all : affordable(all);
  const wanted = ended.filter(({ paths }) => ready.some(({ index }) => paths.includes(index)));
  await pMap(wanted, (query) => readRows(ports, query, ready), { concurrency: CONCURRENCY });
  for (const one of ready) {
    await ledger.putDocument(scanId, documentKey.deliveries(batchKey, one.index), deliveriesOf(one));
  }
  await recordCalls(ports, scanId, "collect-deliveries", `${batchKey}/${attempt}`);
  return { pending: open.length - ready.length, attempt };
}

/** The batch's queries, after another try to start those that AWS had no room for; none on the last attempt. */
async function startWaiting(
  { logs, ledger }: CollectPorts,
  settings: ScanSettings,
  { scanId, batchKey }: { scanId: string; batchKey: string },
  isLast: boolean,
): Promise<readonly StartedQuery[]> {
  const key = documentKey.queries(batchKey);
  const queries = await requireDocument(ledger, scanId, key, Queries);
  if (isLast || !queries.started.some((query) => "waitingFor" in query)) return queries.started;
  const started = await pMap(
    queries.started,
    (query) => ("waitingFor" in query ? startQuery(logs, settings, query) : query),
    { concurrency: CONCURRENCY },
  );
  await ledger.putDocument(scanId, key, { ...queries, started } satisfies Queries);
  return started;
}

/** Those whose queries have all ended, with readers that have read nothing yet. */
function readyPaths(
  paths: readonly Collectable[],
  open: readonly number[],
  started: readonly StartedQuery[],
  ended: readonly EndedQuery[],
): ReadyPath[] {
  const endedGroups = new Set(ended.map((query) => query.logGroup));
  const isReady = (index: number) =>
    started.every((query) => !query.paths.includes(index) || endedGroups.has(query.logGroup));
  return paths.flatMap(({ functions, correlate }, index) => {
    if (!open.includes(index) || !isReady(index)) return [];
    const ready: ReadyPath = {
      index,
      correlate,
      queries: ended.filter((query) => query.paths.includes(index)),
      readings: functions.map(({ consumer, reader }) => ({ consumer, reader: reader() })),
      unreadable: [],
      groupsRead: new Set(),
      groupsCut: new Set(),
    };
    return [ready];
  });
}
