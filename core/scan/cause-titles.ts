// Each cause in a few words, as a title.
import type { Cause } from "../model/delivery.ts";

export const CAUSE_TITLES: Readonly<Record<Cause, string>> = {
  "visibility-expired": "processed twice, the visibility timeout ends while the function still runs",
  "deleted-too-late": "processed twice, deleted only after the visibility timeout had ended",
  "function-timeout": "begun again after the function timed out",
  "function-error": "retried after the function failed",
  "partial-batch-replay": "processed twice, another record of the batch failed",
  throttled: "received again and again, the function is throttled",
  "dlq-redrive": "came back from the dead-letter queue",
  "several-consumers": "handled by several functions",
  "producer-duplicate": "sent twice by the producer",
  "async-retry": "an asynchronous invocation was retried",
  "at-least-once": "delivered twice by SQS, rarely and without a fault of yours",
  unknown: "delivered more than once, the cause cannot be told",
};
