// One message, sent at most once (I6): claimed before it is sent, and never repeated where it may have been sent.
import { AppError, OutcomeUnknownError, TransientError } from "../errors.ts";
import type { Ledger, Notification, NotifierPort } from "../ports.ts";

interface PublishPorts {
  readonly ledger: Pick<Ledger, "claimNotification" | "releaseNotification" | "markNotified">;
  readonly notifier: NotifierPort;
}

/**
 * Publishes unless it was published before. `unknown`: an earlier try may or may not have sent it.
 * @param key what the message is about: a scan, or a step of a change.
 * @param compose called once the claim is ours.
 * @throws TransientError when it was certainly not sent: safe to try again.
 * @throws OutcomeUnknownError when nobody knows: the claim stays taken.
 */
export async function publishOnce(
  { ledger, notifier }: PublishPorts,
  key: string,
  compose: () => Notification | Promise<Notification>,
): Promise<"sent" | "done" | "unknown"> {
  const claim = await ledger.claimNotification(key);
  if (claim === "unfinished") return "unknown";
  if (claim === "done") return "done";
  try {
    await notifier.publish(await compose());
  } catch (error) {
    if (!(error instanceof AppError) || error instanceof OutcomeUnknownError) throw error;
    await ledger.releaseNotification(key);
    throw new TransientError(`the message was not sent: ${error.message}`, { cause: error });
  }
  await ledger.markNotified(key);
  return "sent";
}
