// Receives that no log line shows: messages that arrived with a higher receive count than they have deliveries here.
// With the queue's settings the classifier tells why; without them silence must not pass for health.
import type { LogObservations } from "../correlate/observations.ts";

/** A few are expected: first deliveries lie before the first line. */
const WORTH_TELLING_MESSAGES = 3;
const WORTH_TELLING_SHARE = 0.005;

/** Messages received more often than they were seen; 0 where so few were that the edge of the logs explains them. */
export function unseenReceives(observations: readonly LogObservations[]): number {
  const seen = new Map<string, { deliveries: number; receiveCount: number }>();
  for (const { messages } of observations.flatMap(({ invocations }) => invocations)) {
    for (const { messageId, receiveCount } of messages) {
      const known = seen.get(messageId);
      seen.set(messageId, {
        deliveries: (known?.deliveries ?? 0) + 1,
        receiveCount: Math.max(known?.receiveCount ?? 0, receiveCount ?? 0),
      });
    }
  }
  const unseen = [...seen.values()].filter(
    ({ deliveries, receiveCount }) => receiveCount > deliveries,
  ).length;
  return unseen >= WORTH_TELLING_MESSAGES && unseen >= WORTH_TELLING_SHARE * seen.size ? unseen : 0;
}
