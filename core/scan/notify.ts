// Notify: sends the digest once. A try that may have sent it is never repeated; its findings are told next time.
import { AppError, OutcomeUnknownError, TransientError } from "../errors.ts";
import type { NotifyOutput, ScanContext } from "../model/workflow.ts";
import { Digest, notificationOf } from "./digest.ts";
import { documentKey, readDocument, recordCalls } from "./documents.ts";
import type { ScanPorts } from "./scan-ports.ts";

type NotifyPorts = Pick<ScanPorts, "ledger" | "notifier" | "calls">;

/**
 * Publishes, or gives the claim back when the publish failed for certain. Where nobody knows (a connection that
 * broke half way) the claim stays taken, and the error ends the scan so that somebody looks.
 */
async function publish(ports: NotifyPorts, scanId: string, digest: Digest): Promise<void> {
  try {
    await ports.notifier.publish(notificationOf(digest));
  } catch (error) {
    if (!(error instanceof AppError) || error instanceof OutcomeUnknownError) throw error;
    await ports.ledger.releaseNotification(scanId);
    throw new TransientError(`the digest was not sent: ${error.message}`, { cause: error });
  }
}

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

/** @throws TransientError when the digest was certainly not sent: safe to try again. */
export async function notify(ports: NotifyPorts, { scanId }: ScanContext): Promise<NotifyOutput> {
  const { ledger } = ports;
  const digest = await readDocument(ledger, scanId, documentKey.digest, Digest);
  if (digest === undefined) return { sent: false };
  const claim = await ledger.claimNotification(scanId);
  if (claim === "unfinished") return { sent: false };
  if (claim === "claimed") {
    await publish(ports, scanId, digest);
    await ledger.markNotified(scanId);
  }
  await markTold(ports, scanId, digest);
  await recordCalls(ports, scanId, "notify", "all");
  return { sent: true };
}
