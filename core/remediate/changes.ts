// Reading and writing one change, safe against whoever else writes it at the same time.
import { ContractError, TransientError } from "../errors.ts";
import type { Change, ChangeOutcome, ChangeStatus } from "../model/change.ts";
import type { ChangeLedger } from "../ports.ts";

/** Each lost race is somebody else's write; more of them than this in a row is no race any more. */
const MOST_TRIES = 25;

/** @throws ContractError when there is none of that id. */
export async function requireChange(changes: ChangeLedger, changeId: string): Promise<Change> {
  const change = await changes.get(changeId);
  if (change === undefined) throw new ContractError(`expected a change ${changeId} in the ledger, got none`);
  return change;
}

/**
 * Reads, changes and writes until nobody wrote in between.
 * @param next the change as it should be; undefined = leave it.
 * @returns the change as it is in the ledger now.
 */
export async function updateChange(
  changes: ChangeLedger,
  changeId: string,
  next: (change: Change) => Change | undefined,
): Promise<Change> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const change = await requireChange(changes, changeId);
    const wanted = next(change);
    if (wanted === undefined) return change;
    if (await changes.save(wanted)) return { ...wanted, version: change.version + 1 };
  }
  throw new TransientError(`change ${changeId} was written by others ${MOST_TRIES} times in a row`);
}

/**
 * Closes a change and gives its queue free. A repeat, or one that was closed otherwise, keeps the first outcome.
 * @param onlyFrom leaves a change alone that has moved on from this status; absent = closes it wherever it is.
 */
export async function conclude(
  { changes, nowMs }: { readonly changes: ChangeLedger; readonly nowMs: () => number },
  changeId: string,
  outcome: ChangeOutcome,
  reason?: string,
  onlyFrom?: ChangeStatus,
): Promise<Change> {
  const closed = await updateChange(changes, changeId, (change) =>
    change.status === "closed" || (onlyFrom !== undefined && change.status !== onlyFrom)
      ? undefined
      : {
          ...change,
          status: "closed",
          outcome,
          ...(reason === undefined ? {} : { outcomeReason: reason }),
          closedMs: nowMs(),
        },
  );
  if (closed.status === "closed") await changes.release(closed);
  return closed;
}
