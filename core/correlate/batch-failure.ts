// A batch failed: was it this record, or another one of the batch? The platform only says that the invocation
// failed, so the answer comes from error lines that name records, or from what the records did afterwards.
// Without such lines it is asked only of functions whose failures stick to records (failure-pattern.ts).
// Limits: when all records succeed next time (an outage, a record that fails once), or when a batch stays together
// until the dead-letter queue, nothing tells them apart, and all count as plain retries.
import { failed, historyOf, type SeenDeliveries, type SeenDelivery } from "./deliveries.ts";

/** A record that failed this often and never succeeded fails by itself. */
const POISON_FAILURES = 2;

/**
 * True when the batch of `previous` (a failed invocation) failed because of another record, so that this one's work
 * is repeated for nothing.
 * @param later the delivery of the same message after `previous`.
 */
export function isReplayOfSibling(
  previous: SeenDelivery,
  later: SeenDelivery,
  seen: SeenDeliveries,
): boolean {
  const { messageId, invocation } = previous;
  const siblings = siblingsOf(previous);
  if (siblings.length === 0) return false;
  if (invocation.blamed.length > 0) return !invocation.blamed.includes(messageId);
  const { namesFailedRecords, sticksToRecords } = seen.failures;
  // Where it is usual to name the record that failed, naming none means that the whole batch did.
  if (namesFailedRecords.has(invocation.functionArn)) return false;
  if (!sticksToRecords.has(invocation.functionArn) || seen.failedInOutage.has(invocation)) return false;
  if (!historyOf(messageId, seen).some(succeeded)) return false;
  if (siblings.some((id) => isPoison(id, seen))) return true;
  return succeeded(later) && siblings.some((id) => failsAgainByItself(id, previous, seen));
}

/** Messages of the same invocation. */
function siblingsOf({ messageId, invocation }: SeenDelivery): string[] {
  return invocation.messages.map((message) => message.messageId).filter((id) => id !== messageId);
}

function isPoison(messageId: string, seen: SeenDeliveries): boolean {
  const history = historyOf(messageId, seen);
  return !history.some(succeeded) && history.filter(failed).length >= POISON_FAILURES;
}

/** True when the record's next delivery failed too, and no poison record was there to blame for that. */
function failsAgainByItself(messageId: string, previous: SeenDelivery, seen: SeenDeliveries): boolean {
  const history = historyOf(messageId, seen);
  const next = history[history.findIndex((d) => d.invocation === previous.invocation) + 1];
  if (next?.invocation.outcome !== "error") return false;
  return !siblingsOf(next).some((id) => isPoison(id, seen));
}

function succeeded({ invocation }: SeenDelivery): boolean {
  return invocation.outcome === "success";
}
