// Turns for calls of which AWS allows few, taken by all functions of the stack from one row of the ledger: together they
// leave at our rate, and whoever has more to ask gets more of it. Fixed shares would leave most of it unused.
import { LEDGER_TABLE } from "../core/model/ledger-table.ts";
import type { Connection } from "./connection.ts";
import { createLedgerItems } from "./ledger-items.ts";
import { createTurns, QUOTA_SHARE_OF_A_BATCH, rateOf, type Turn } from "./rates.ts";

const SHARED: ReadonlySet<string> = new Set(["logs:StartQuery", "logs:GetQueryResults"]);
const PARTITION = "turns";
const KEPT_SECONDS = 86_400;

export interface SharedTurnsOptions {
  readonly tableName: string;
  /** @default the computer's clock; that of all functions must be the same to some milliseconds, as Lambda's are */
  readonly nowMs?: () => number;
  /** @default really waits */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/**
 * Time is cut into slots, as many a second as our rate, and each call takes the next one that nobody has: one
 * conditional write counts on from the last slot taken, or begins afresh at the current one. So no two calls leave in
 * one slot, in the order in which they asked. What the ledger does not answer about goes by a fixed share.
 *
 * @param connection for the ledger alone.
 */
export function createSharedTurns(connection: Connection, options: SharedTurnsOptions): Turn {
  const { tableName, nowMs = Date.now, wait = reallyWait } = options;
  const items = createLedgerItems(connection, tableName);
  const ownShare = createTurns(QUOTA_SHARE_OF_A_BATCH);

  async function takeSlot(call: string, slotMs: number): Promise<number> {
    const key = { pk: PARTITION, sk: call };
    const names = { "#slot": "slot", "#expiresAt": LEDGER_TABLE.timeToLiveAttribute };
    const expiresAt = Math.floor(nowMs() / 1000) + KEPT_SECONDS;
    for (;;) {
      const current = Math.ceil(nowMs() / slotMs);
      const values = { ":current": current, ":expiresAt": expiresAt };
      const next = await items.updateNumber(
        key,
        "slot",
        "SET #slot = #slot + :one, #expiresAt = :expiresAt",
        {
          condition: "#slot >= :current",
          names,
          values: { ...values, ":one": 1 },
        },
      );
      if (next !== undefined) return next;
      const afresh = await items.updateNumber(key, "slot", "SET #slot = :current, #expiresAt = :expiresAt", {
        condition: "attribute_not_exists(#slot) OR #slot < :current",
        names,
        values,
      });
      if (afresh !== undefined) return afresh;
    }
  }

  return async (call, input) => {
    const perSecond = SHARED.has(call) ? rateOf(call) : undefined;
    if (perSecond === undefined) return ownShare(call, input);
    const slotMs = 1000 / perSecond;
    const slot = await takeSlot(call, slotMs).catch(() => undefined);
    if (slot === undefined) return ownShare(call, input);
    const waitMs = slot * slotMs - nowMs();
    if (waitMs > 0) await wait(waitMs);
  };
}

const reallyWait = (milliseconds: number) =>
  new Promise<void>((resolve) => void setTimeout(resolve, milliseconds));
