// The one place that a queue has for an open change (I4): how a change gets it, and gives it back.
//
// One conditional write takes the place and carries the whole change; the change's record is written afterwards, by
// whoever first finds the place without it. So a record is made only while its change has the place, and the place
// goes to the next change only once that record is closed, which is for good. Two open changes of one queue are
// therefore impossible, wherever a writer stops or pauses between two calls.
import type { Change } from "../core/model/change.ts";
import { createRecord, getRecord, packChange, unpackChange } from "./change-records.ts";
import type { Item, Key, LedgerItems } from "./ledger-items.ts";

function placeOf(queueArn: string): Key {
  return { pk: `queue#${queueArn}`, sk: "change" };
}

/**
 * Each round that does not end it was lost to somebody who took the place or gave it free, so the loop ends. Writes
 * that the SDK repeats do no harm: whether the place is ours is read, not concluded from the write.
 */
export async function openChange(items: LedgerItems, change: Change): Promise<Change | undefined> {
  const before = await getRecord(items, change.id);
  if (before?.["status"] === "closed") {
    await releasePlace(items, change);
    return undefined;
  }
  const key = placeOf(change.queueArn);
  const mine = { changeId: change.id, bytes: packChange(change) };
  for (;;) {
    await items.create({ ...key, ...mine });
    const place = await items.get(key);
    const holder = place && (await recordedHolder(items, place));
    if (holder === undefined) continue;
    if (holder.status !== "closed") return holder;
    if (holder.id === change.id) {
      await releasePlace(items, change);
      return undefined;
    }
    await items.update(key, "SET #changeId = :changeId, #bytes = :bytes", {
      condition: "#changeId = :closed",
      names: { "#changeId": "changeId", "#bytes": "bytes" },
      values: { ":closed": holder.id, ":changeId": mine.changeId, ":bytes": mine.bytes },
    });
  }
}

export async function releasePlace(
  items: LedgerItems,
  { id, queueArn }: Pick<Change, "id" | "queueArn">,
): Promise<void> {
  await items.remove(placeOf(queueArn), {
    condition: "#changeId = :changeId",
    names: { "#changeId": "changeId" },
    values: { ":changeId": id },
  });
}

/** The change that has the place. Its record is made good where whoever took the place got no further. */
async function recordedHolder(items: LedgerItems, place: Item): Promise<Change | undefined> {
  const change = unpackChange(place);
  await createRecord(items, change);
  const record = await getRecord(items, change.id);
  return record && unpackChange(record);
}
