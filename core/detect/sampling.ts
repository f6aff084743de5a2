// May a queue be sampled? ReceiveMessage is itself a receive, so the answer is no unless everything allows it (I11).
import type { QueueSettings } from "../model/delivery-path.ts";
import type { ScanSettings } from "../model/settings.ts";

/** The owner's consent: this tag with the value `true`, on the very queue that is sampled. */
export const SAMPLE_TAG = "doubletake:sample";

export type SamplingDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string };

const refuse = (reason: string): SamplingDecision => ({ allowed: false, reason });

/**
 * Whether a queue, the one of a path or its dead-letter queue, may be sampled with ReceiveMessage. What a message
 * has already been through is known only after it was received, so any redrive policy forbids it: the sample could
 * be the receive that sends the message to the dead-letter queue.
 * @param queue undefined when it belongs to another account or could not be read.
 */
export function maySample(
  queue: QueueSettings | undefined,
  settings: Pick<ScanSettings, "sampling">,
): SamplingDecision {
  if (!settings.sampling) return refuse("sampling is switched off");
  if (queue === undefined) return refuse("the queue's settings could not be read");
  if (queue.tags[SAMPLE_TAG] !== "true") {
    return refuse(`the queue has not opted in with the tag ${SAMPLE_TAG}=true`);
  }
  if (queue.fifo) return refuse("it is a FIFO queue: a received message blocks its whole group");
  if (queue.redrive !== undefined) {
    return refuse(
      `a sample counts as one of the ${queue.redrive.maxReceiveCount} receives after which a message goes to the dead-letter queue`,
    );
  }
  return { allowed: true };
}
