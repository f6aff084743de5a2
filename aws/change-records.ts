// The records of changes in the ledger table: one item a change, all in one partition. A record's version decides
// who may write next, and a closed record stays closed.
import { randomUUID } from "node:crypto";
import type { Change } from "../core/model/change.ts";
import { LEDGER_TABLE } from "../core/model/ledger-table.ts";
import { bytesOf, compress, expand } from "./ledger-documents.ts";
import type { Item, Key, LedgerItems } from "./ledger-items.ts";

const CHANGES = "changes";
const CHANGE = "change#";

const { timeToLiveAttribute } = LEDGER_TABLE;

function recordOf(changeId: string): Key {
  return { pk: CHANGES, sk: CHANGE + changeId };
}

export function packChange(change: Change): Uint8Array {
  return compress(JSON.stringify(change));
}

export function unpackChange(item: Item): Change {
  return expand(bytesOf(item)) as Change;
}

/** Leaves a record that is there as it is. */
export async function createRecord(items: LedgerItems, change: Change): Promise<void> {
  const { id, version, status } = change;
  await items.create({ ...recordOf(id), version, status, bytes: packChange(change) });
}

export function getRecord(items: LedgerItems, changeId: string): Promise<Item | undefined> {
  return items.get(recordOf(changeId));
}

export function listRecords(items: LedgerItems): AsyncIterable<Item> {
  return items.query(CHANGES, CHANGE);
}

/**
 * The id of the write tells our own from another's: when the SDK repeats a write whose answer was lost, the repeat
 * finds the version raised by the first.
 *
 * @param expiresAt epoch seconds; only closed records get it.
 * @returns false when the record has another version, is closed and should not stay so, or is not there.
 */
export async function saveRecord(items: LedgerItems, change: Change, expiresAt: number): Promise<boolean> {
  const { id, version, status } = change;
  const writeId = randomUUID();
  const closes = status === "closed";
  const won = await items.update(
    recordOf(id),
    `SET #bytes = :bytes, #version = :next, #status = :status, #writeId = :writeId${closes ? ", #expiresAt = :expiresAt" : ""}`,
    {
      condition: `#version = :version${closes ? "" : " AND #status <> :closed"}`,
      names: {
        "#bytes": "bytes",
        "#version": "version",
        "#status": "status",
        "#writeId": "writeId",
        ...(closes && { "#expiresAt": timeToLiveAttribute }),
      },
      values: {
        ":bytes": packChange({ ...change, version: version + 1 }),
        ":version": version,
        ":next": version + 1,
        ":status": status,
        ":writeId": writeId,
        ...(closes ? { ":expiresAt": expiresAt } : { ":closed": "closed" }),
      },
    },
  );
  return won || (await getRecord(items, id))?.["writeId"] === writeId;
}
