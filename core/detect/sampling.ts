// May a queue be sampled? ReceiveMessage is itself a receive, so the answer is no unless everything allows it (I11).
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { ScanSettings } from "../model/settings.ts";

/** The owner's consent: this tag with the value `true`. */
export const SAMPLE_TAG = "doubletake:sample";

/**
 * A sample takes one of a message's receives. With this many or more, only a message that has already failed
 * nine times could lose its last try to it; with fewer, one that merely was unlucky could be dead-lettered.
 */
const LEAST_MAX_RECEIVE_COUNT = 10;

export type SamplingDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string };

const refuse = (reason: string): SamplingDecision => ({ allowed: false, reason });

/** Whether the queue of a path may be sampled with ReceiveMessage. */
export function maySample(path: DeliveryPath, settings: Pick<ScanSettings, "sampling">): SamplingDecision {
  const consent = hasConsented(path, settings);
  if (!consent.allowed) return consent;
  const maxReceiveCount = path.settings?.redrive?.maxReceiveCount;
  if (maxReceiveCount !== undefined && maxReceiveCount < LEAST_MAX_RECEIVE_COUNT) {
    return refuse(
      `its maxReceiveCount is ${maxReceiveCount}: a sample is a receive and could send a message to the dead-letter queue (needs ${LEAST_MAX_RECEIVE_COUNT} or more, or no redrive policy)`,
    );
  }
  return consent;
}

/**
 * Whether the dead-letter queue of a path may be sampled: by the same consent, which its source queue gives.
 * No consumer of the path reads it, so a receive count there can push nothing further.
 */
export function maySampleDeadLetterQueue(
  path: DeliveryPath,
  settings: Pick<ScanSettings, "sampling">,
): SamplingDecision {
  const consent = hasConsented(path, settings);
  if (!consent.allowed) return consent;
  return path.settings?.redrive === undefined ? refuse("the queue has no dead-letter queue") : consent;
}

function hasConsented(path: DeliveryPath, settings: Pick<ScanSettings, "sampling">): SamplingDecision {
  if (!settings.sampling) return refuse("sampling is switched off");
  if (path.foreign) return refuse("the queue belongs to another account");
  if (path.settings === undefined) return refuse("the queue's settings could not be read");
  if (path.settings.tags[SAMPLE_TAG] !== "true") {
    return refuse(`the queue has not opted in with the tag ${SAMPLE_TAG}=true`);
  }
  if (path.settings.fifo) {
    return refuse("it is a FIFO queue: a received message blocks its whole group");
  }
  return { allowed: true };
}
