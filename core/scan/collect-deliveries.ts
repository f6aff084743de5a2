// CollectDeliveries: looks how the log queries are doing, and turns the rows of those that ended into deliveries.
import type { ScanSettings } from "../model/settings.ts";
import type { CollectInput, CollectOutput } from "../model/workflow.ts";
import { type CollectableOptions, readCollectables } from "./collectable.ts";
import {
  documentKey,
  type PlannedQuery,
  Queries,
  recordCalls,
  requireDocument,
  type StartedQuery,
} from "./documents.ts";
import { queriesTogether } from "./queries-together.ts";
import { lastAttempt, POLL_INTERVAL_MS, patienceLeft } from "./query-endings.ts";
import { closePath } from "./read-rows.ts";
import { MOST_CALLS, readSet } from "./read-set.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { ITS_TURN, startWaiting, wasRefused } from "./start-query.ts";

type CollectPorts = Pick<ScanPorts, "logs" | "ledger" | "calls" | "nowMs">;

export interface CollectOptions extends CollectableOptions {
  /** @default lastAttempt(POLL_INTERVAL_MS) */
  readonly lastAttempt?: number;
}

/**
 * Writes the deliveries of every path whose queries have all ended, of one after the other, so that few rows are in
 * memory; where they are very many, of some paths now and of the others at the next look. A repeat finds them written
 * and reads no rows again. At the last look what still runs is stopped and listed as unreadable.
 */
export async function collectDeliveries(
  ports: CollectPorts,
  settings: ScanSettings,
  { scanId, batchKey, attempt }: CollectInput,
  options: CollectOptions = {},
): Promise<CollectOutput> {
  const { ledger, logs } = ports;
  const key = documentKey.queries(batchKey);
  const queries = await requireDocument(ledger, scanId, key, Queries);
  const save = (started: StartedQuery[]) =>
    ledger.putDocument(scanId, key, { ...queries, started } satisfies Queries);
  const lastLook = options.lastAttempt ?? lastAttempt(POLL_INTERVAL_MS);
  const patience = patienceLeft(attempt, lastLook, ports.nowMs() - queries.startedAtMs);
  const isLast = patience === "none";
  const started = isLast ? queries.started : await startWaiting(logs, settings, queries.started);
  if (started !== queries.started) await save(started);

  const written = new Set(await ledger.listDocumentKeys(scanId, `deliveries/${batchKey}/`));
  const isOpen = (index: number) => !written.has(documentKey.deliveries(batchKey, index));
  const collectables = await readCollectables(ledger, settings, { scanId, batchKey }, options);
  const used = { calls: 0, rows: 0 };
  const split = new Map<StartedQuery, readonly PlannedQuery[]>();
  const waiting = { pending: 0, running: 0, left: 0 };
  for (const set of inTurn(queriesTogether(started, isOpen), attempt)) {
    const result = await readSet(logs, set, collectables, patience, used);
    if (result.state === "read") {
      const { paths } = result;
      for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
        await ledger.putDocument(scanId, documentKey.deliveries(batchKey, path.index), closePath(path));
      }
      continue;
    }
    waiting.pending += set.paths.size;
    if (result.state === "running") waiting.running += 1;
    if (result.state === "left") waiting.left += 1;
    if (result.state === "split") split.set(result.query, result.into);
  }
  if (split.size > 0) {
    await save(
      started.flatMap((query): StartedQuery[] => {
        return split.get(query)?.map((part) => ({ ...part, waitingFor: ITS_TURN })) ?? [query];
      }),
    );
  }
  await recordCalls(ports, scanId, "collect-deliveries", `${batchKey}/${attempt}`);
  const mayStartMore = started.some((query) => "waitingFor" in query) && !started.some(wasRefused);
  const goOn = waiting.left > 0 || split.size > 0 || (mayStartMore && !isLast);
  return { pending: waiting.pending, running: goOn ? 0 : waiting.running, attempt };
}

/** Others first than at the look before, where one look cannot ask about all. */
function inTurn<T>(items: readonly T[], attempt: number): T[] {
  const first = items.length > MOST_CALLS ? ((attempt - 1) * MOST_CALLS) % items.length : 0;
  return [...items.slice(first), ...items.slice(0, first)];
}
