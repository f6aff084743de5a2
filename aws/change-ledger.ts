import { randomUUID } from "node:crypto";
import { hashOf } from "../core/advise/canonical-json.ts";
import { ApprovalLink, AuditRow, type Change } from "../core/model/change.ts";
import { LEDGER_TABLE } from "../core/model/ledger-table.ts";
import type { ChangeLedger } from "../core/ports.ts";
import { getRecord, listRecords, saveRecord, unpackChange } from "./change-records.ts";
import type { Connection } from "./connection.ts";
import { createLedgerItems, isExpired, type Key, type LedgerItems } from "./ledger-items.ts";
import { openChange, releasePlace } from "./queue-place.ts";

export interface ChangeLedgerOptions {
  readonly tableName: string;
  /** How long closed changes and what belongs to changes are kept; open changes always are. @default 400 */
  readonly retentionDays?: number;
  /** @default the computer's clock */
  readonly nowMs?: () => number;
}

const DAY_SECONDS = 86_400;
/** Anybody can send requests with links that are made up. */
const UNKNOWN_LINK_RETENTION_DAYS = 30;
const UNKNOWN_CHANGE = "unknown";
const AUDIT_ROW = "row#";
/** Followed by a hash, so that the same token is one item. */
const TOKEN = "token#";
const PAUSED: Key = { pk: "control", sk: "paused" };

/**
 * Changes in the ledger's DynamoDB table. The partition `changes` holds one item a change (change-records.ts), a
 * partition a queue the place of its open change (queue-place.ts); a change has one for its task tokens and one for
 * its audit rows, a link one of its own. Conditional writes alone make it safe under concurrency and repeats: no
 * transactions, and nothing depends on when expired items go.
 */
export function createChangeLedger(connection: Connection, options: ChangeLedgerOptions): ChangeLedger {
  const { tableName, retentionDays = 400, nowMs = Date.now } = options;
  const items = createLedgerItems(connection, tableName);
  const nowSeconds = () => Math.floor(nowMs() / 1000);
  const expiresIn = (days: number) => nowSeconds() + days * DAY_SECONDS;
  const expiry = (days = retentionDays) => ({ [LEDGER_TABLE.timeToLiveAttribute]: expiresIn(days) });

  /** Undefined too when it has expired. */
  async function getLive(key: Key) {
    const item = await items.get(key);
    return item === undefined || isExpired(item, nowSeconds()) ? undefined : item;
  }

  return {
    open: (change) => openChange(items, change),
    get: async (changeId) => {
      const record = await getRecord(items, changeId);
      return record === undefined || isExpired(record, nowSeconds()) ? undefined : unpackChange(record);
    },
    save: (change) => saveRecord(items, change, expiresIn(retentionDays)),
    release: (change) => releasePlace(items, change),
    list: () => listChanges(items, nowSeconds()),

    addTaskToken: (changeId, taskToken) =>
      items.put({ pk: tokensOf(changeId), sk: TOKEN + hashOf(taskToken), taskToken, ...expiry() }),
    listTaskTokens: (changeId) => listTaskTokens(items, changeId, nowSeconds()),

    // Only once: a repeat must not give tries back.
    putLink: async (link) => {
      await items.create({ ...linkOf(link.idHash), ...link, ...expiry() });
    },
    getLink: async (idHash) => {
      const item = await getLive(linkOf(idHash));
      return item === undefined ? undefined : ApprovalLink.parse(item);
    },
    countTry: (idHash, most) => countTry(items, linkOf(idHash), most),

    audit: (row) => {
      const days = row.changeId === undefined ? UNKNOWN_LINK_RETENTION_DAYS : retentionDays;
      const sk = `${AUDIT_ROW}${new Date(row.atMs).toISOString()}#${randomUUID()}`;
      return items.put({ pk: auditOf(row.changeId), sk, ...row, ...expiry(days) });
    },
    listAudit: (changeId) => listAudit(items, changeId, nowSeconds()),

    isPaused: async () => (await items.get(PAUSED))?.["paused"] === true,
    setPaused: (paused) => items.put({ ...PAUSED, paused }),
  };
}

/** A partition of their own, so that no reader of a change meets a token. */
function tokensOf(changeId: string): string {
  return `change#${changeId}`;
}

async function listTaskTokens(items: LedgerItems, changeId: string, nowSeconds: number): Promise<string[]> {
  const tokens: string[] = [];
  for await (const item of items.query(tokensOf(changeId), TOKEN)) {
    if (!isExpired(item, nowSeconds)) tokens.push(String(item["taskToken"]));
  }
  return tokens;
}

function linkOf(idHash: string): Key {
  return { pk: `link#${idHash}`, sk: "link" };
}

function auditOf(changeId = UNKNOWN_CHANGE): string {
  return `audit#${changeId}`;
}

async function listChanges(items: LedgerItems, nowSeconds: number): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const record of listRecords(items)) {
    if (!isExpired(record, nowSeconds)) changes.push(unpackChange(record));
  }
  return changes.sort((a, b) => a.createdMs - b.createdMs);
}

async function listAudit(items: LedgerItems, changeId: string, nowSeconds: number): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  for await (const item of items.query(auditOf(changeId), AUDIT_ROW)) {
    if (!isExpired(item, nowSeconds)) rows.push(AuditRow.parse(item));
  }
  return rows;
}

/** A link that is not there has no tries. One that the SDK repeats may count twice: never one too few. */
function countTry(items: LedgerItems, key: Key, most: number): Promise<boolean> {
  return items.update(key, "ADD #tries :one", {
    condition: "#tries < :most",
    names: { "#tries": "tries" },
    values: { ":one": 1, ":most": most },
  });
}
