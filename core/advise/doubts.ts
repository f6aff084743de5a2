// What speaks against a finding: what its evidence leaves open, and what else could look like its cause.

import { returnsWholeBatches } from "../detect/consumers.ts";
import type { PathDeliveries } from "../model/delivery.ts";
import { quantity } from "./number-words.ts";
import type { SettleInput } from "./settle.ts";
import { isOutlasted } from "./signs.ts";
import { logsSeeEverything } from "./signs-from-logs.ts";

/** A clause each: lower case, no full stop. */
export const doubtsOf = (input: SettleInput): string[] => [
  ...doubtsOfEvidence(input),
  ...doubtsOfCause(input),
];

function doubtsOfEvidence({ sign, measurement, deliveries }: SettleInput): string[] {
  switch (sign.evidence) {
    case "proven":
      return deliveries?.coverage.truncated === true
        ? ["the logs were cut off, so the counts are lower bounds"]
        : [];
    case "measured":
      return sign.deliveries === null
        ? [`SQS's counters are approximate, and ${unprovenBecause(deliveries)}`]
        : ["whether the work was done twice cannot be told"];
    case "exposed":
    case "advisory":
      return logsSeeEverything(measurement, deliveries) && deliveries?.causes.length === 0
        ? [
            `the logs show ${quantity(deliveries.coverage.messages, "message", "messages")}, each delivered once`,
          ]
        : ["no duplicate was seen"];
  }
}

/** Why nothing was proven from the logs. */
function unprovenBecause(deliveries: PathDeliveries | undefined): string {
  const [unreadable] = deliveries?.unreadable ?? [];
  if (unreadable !== undefined) return `the logs could not be read (${unreadable.reason})`;
  if (deliveries === undefined || deliveries.coverage.logged === "not-read") return "the logs were not read";
  return deliveries.coverage.logged === "nothing"
    ? "the consumers log no message ids that could prove it"
    : "the logs hold only part of the messages";
}

function doubtsOfCause({ path, sign, measurement }: SettleInput): string[] {
  const doubts: string[] = [];
  const { exposure, flow } = measurement;
  if (sign.cause === "function-error" && sign.evidence === "measured" && returnsWholeBatches(path)) {
    doubts.push(
      "a batch that failed came back whole, so records of it that had succeeded were worked on twice",
    );
  }
  if (sign.stray) doubts.push("these are few beside the path's main cause and may be side effects of it");
  if (sign.cause === "visibility-expired" && sign.evidence !== "proven" && exposure !== null) {
    if (exposure.level === "exceeded") {
      doubts.push("durations are of all triggers of the function, not of this queue alone");
    }
    if (exposure.batchingWindowSeconds > 0) {
      doubts.push("with a batching window Lambda may keep messages hidden for longer than the queue says");
    }
  }
  if (isOutlasted(sign.cause) && sign.evidence === "proven" && flow !== null && !flow.deletesSignificant) {
    doubts.push(
      path.settings?.fifo === true
        ? "the counters do not show it, as a late delete fails on a FIFO queue"
        : "the queue's counters alone would not show it",
    );
  }
  return doubts;
}
