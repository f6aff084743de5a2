import { randomUUID } from "node:crypto";
import type { FindingState } from "../core/model/finding.ts";
import { LEDGER_TABLE } from "../core/model/ledger-table.ts";
import type { Ledger, ScanClaim } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { bytesOf, compress, expand, getDocument, listDocumentKeys, putDocument } from "./ledger-documents.ts";
import { createLedgerItems, type Item, isExpired, type Key, type LedgerItems } from "./ledger-items.ts";

export interface LedgerOptions {
  readonly tableName: string;
  /** How long scans and resolved findings are kept. @default 90 */
  readonly retentionDays?: number;
  /** @default the computer's clock */
  readonly nowMs?: () => number;
}

const DAY_SECONDS = 86_400;
const FINDINGS = "findings";
const FINDING = "finding#";
/** Longer than any history (63 days), so that only the baselines of paths that are gone expire. */
const BASELINE_RETENTION_DAYS = 90;

/**
 * The ledger in one DynamoDB table. A partition a scan holds `claim`, `budget`, `notification`, `document#…` and
 * `part#…`; the partition `findings` holds one item a finding; a partition a queue holds the baseline of its path, at
 * most some 30 KB before compression (63 days of hours). Conditional writes alone make it safe under
 * concurrency and repeats: no transactions, and nothing depends on when expired items go.
 */
export function createLedger(connection: Connection, options: LedgerOptions): Ledger {
  const { tableName, retentionDays = 90, nowMs = Date.now } = options;
  const items = createLedgerItems(connection, tableName);
  const nowSeconds = () => Math.floor(nowMs() / 1000);
  const expiry = () => ({ [LEDGER_TABLE.timeToLiveAttribute]: nowSeconds() + retentionDays * DAY_SECONDS });

  return {
    claimScan: (claim) => claimScan(items, claim, expiry()),

    putDocument: (scanId, key, value) => putDocument(items, scanOf(scanId), key, value, expiry()),
    getDocument: (scanId, key) => getDocument(items, scanOf(scanId), key),
    listDocumentKeys: (scanId, prefix) => listDocumentKeys(items, scanOf(scanId), prefix),

    reserve: (scanId, holder, wanted, budget) =>
      reserve(items, scanId, holder, Math.floor(wanted), Math.floor(budget), expiry()),

    listFindingStates: () => listFindingStates(items, nowSeconds()),
    putFindingStates: (states) => items.putAll(toFindingItems(states, expiry())),

    getBaseline: async (queueArn) => {
      const item = await items.get(baselineOf(queueArn));
      return item === undefined ? undefined : expand(bytesOf(item));
    },
    putBaseline: (queueArn, baseline) =>
      items.put({
        ...baselineOf(queueArn),
        bytes: compress(JSON.stringify(baseline)),
        [LEDGER_TABLE.timeToLiveAttribute]: nowSeconds() + BASELINE_RETENTION_DAYS * DAY_SECONDS,
      }),

    claimNotification: (scanId) => claimNotification(items, notificationOf(scanId), expiry()),
    releaseNotification: async (scanId) => {
      await items.remove(notificationOf(scanId), {
        condition: "#state = :unfinished",
        names: { "#state": "state" },
        values: { ":unfinished": "unfinished" },
      });
    },
    markNotified: (scanId) => items.put({ ...notificationOf(scanId), state: "done", ...expiry() }),
  };
}

type Expiry = { readonly [LEDGER_TABLE.timeToLiveAttribute]: number };

function scanOf(scanId: string): string {
  return `scan#${scanId}`;
}

function notificationOf(scanId: string): Key {
  return { pk: scanOf(scanId), sk: "notification" };
}

function baselineOf(queueArn: string): Key {
  return { pk: `baseline#${queueArn}`, sk: "ratio" };
}

async function claimScan(items: LedgerItems, claim: ScanClaim, expiry: Expiry): Promise<boolean> {
  const { scanId, owner, window, startedAtMs } = claim;
  const key = { pk: scanOf(scanId), sk: "claim" };
  if (await items.create({ ...key, owner, window, startedAtMs, ...expiry })) return true;
  return (await items.get(key))?.["owner"] === owner;
}

/**
 * One item holds the total and every holder's grant, so that one conditional write decides both. A write that lost a
 * race is tried again on the new total; each loss is somebody else's gain, so the loop ends.
 */
async function reserve(
  items: LedgerItems,
  scanId: string,
  holder: string,
  wanted: number,
  budget: number,
  expiry: Expiry,
): Promise<number> {
  const key = { pk: scanOf(scanId), sk: "budget" };
  const names = {
    "#grant": `grant#${holder}`,
    "#total": "total",
    "#expiresAt": LEDGER_TABLE.timeToLiveAttribute,
  };
  for (;;) {
    const item = await items.get(key);
    const before = item?.[names["#grant"]];
    if (typeof before === "number") return before;
    const total = Number(item?.["total"] ?? 0);
    const grant = Math.max(0, Math.min(wanted, budget - total));
    const unchanged = item === undefined ? "attribute_not_exists(#total)" : "#total = :total";
    const won = await items.update(key, "SET #grant = :grant, #total = :next, #expiresAt = :expiresAt", {
      condition: `attribute_not_exists(#grant) AND ${unchanged}`,
      names,
      values: {
        ":grant": grant,
        ":next": total + grant,
        ":expiresAt": expiry.expiresAt,
        ...(item !== undefined && { ":total": total }),
      },
    });
    if (won) return grant;
  }
}

async function listFindingStates(items: LedgerItems, nowSeconds: number): Promise<FindingState[]> {
  const states: FindingState[] = [];
  for await (const item of items.query(FINDINGS, FINDING)) {
    if (!isExpired(item, nowSeconds)) states.push(expand(bytesOf(item)) as FindingState);
  }
  return states;
}

/** Open findings stay until they are resolved, resolved ones for a while. Of two with one id the later counts. */
function toFindingItems(states: readonly FindingState[], expiry: Expiry): Item[] {
  const byId = new Map(states.map((state) => [state.id, state]));
  return [...byId.values()].map((state) => ({
    pk: FINDINGS,
    sk: FINDING + state.id,
    bytes: compress(JSON.stringify(state)),
    ...(state.status === "resolved" && expiry),
  }));
}

/**
 * The token tells our own write from another's: when the SDK repeats a write whose answer was lost, the repeat finds
 * the condition broken by the first.
 */
async function claimNotification(
  items: LedgerItems,
  key: Key,
  expiry: Expiry,
): Promise<"claimed" | "unfinished" | "done"> {
  const token = randomUUID();
  for (;;) {
    if (await items.create({ ...key, state: "unfinished", token, ...expiry })) return "claimed";
    const item = await items.get(key);
    // Released between the two calls: take it.
    if (item === undefined) continue;
    if (item["state"] === "done") return "done";
    return item["token"] === token ? "claimed" : "unfinished";
  }
}
