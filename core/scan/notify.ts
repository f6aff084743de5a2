// Notify: sends the digest once. A try that may have sent it is never repeated; its findings are told next time.

import type { NotifyOutput, ScanContext } from "../model/workflow.ts";
import type { ChangeLedger } from "../ports.ts";
import { updateChange } from "../remediate/changes.ts";
import { Digest, notificationOf } from "./digest.ts";
import { documentKey, readDocument, recordCalls, TOLD } from "./documents.ts";
import { publishOnce } from "./publish-once.ts";
import type { ScanPorts } from "./scan-ports.ts";

type NotifyPorts = Pick<ScanPorts, "ledger" | "notifier" | "calls"> & {
  /** Absent where no change is ever made. */
  readonly changes?: ChangeLedger;
};

/** Notes which findings the digest told of; those whose status has changed since are left for their own digest. */
async function markTold(ports: NotifyPorts, scanId: string, { told }: Digest): Promise<void> {
  const status = new Map(told.map((one) => [one.id, one.status]));
  const states = await ports.ledger.listFindingStates();
  await ports.ledger.putFindingStates(
    states
      .filter((state) => status.get(state.id) === state.status)
      .map((state) => ({ ...state, notifiedScanId: scanId })),
  );
}

/** The same of what a deployed system watches beside the findings. */
async function markWatchedTold(
  { ledger, changes }: NotifyPorts,
  scanId: string,
  { toldUndone, toldUnreached }: Digest,
): Promise<void> {
  for (const changeId of toldUndone) {
    if (changes === undefined) break;
    await updateChange(changes, changeId, (change) =>
      change.undoneToldScanId === undefined ? { ...change, undoneToldScanId: scanId } : undefined,
    );
  }
  // Written also when nobody is left: an address that fails again later is news again.
  await ledger.putDocument(TOLD.scanId, TOLD.key, { keys: toldUnreached });
}

/** @throws TransientError when the digest was certainly not sent: safe to try again. */
export async function notify(ports: NotifyPorts, { scanId }: ScanContext): Promise<NotifyOutput> {
  const { ledger } = ports;
  const digest = await readDocument(ledger, scanId, documentKey.digest, Digest);
  if (digest === undefined) return { sent: false };
  const told = await publishOnce(ports, scanId, () => notificationOf(digest));
  if (told === "unknown") return { sent: false };
  await markTold(ports, scanId, digest);
  await markWatchedTold(ports, scanId, digest);
  await recordCalls(ports, scanId, "notify", "all");
  return { sent: true };
}
