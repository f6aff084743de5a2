// Cause → advice, the most useful first.
import type { Cause } from "../../model/delivery.ts";
import type { Advice } from "../../model/finding.ts";
import type { SettlingAdvice } from "../settle.ts";
import { conditionalWrite } from "./conditional-write.ts";
import type { AdviceContext } from "./context.ts";
import { correlationId } from "./correlation-id.ts";
import { fifoDeduplicationId } from "./fifo-deduplication-id.ts";
import { fixFunctionError } from "./fix-function-error.ts";
import type { IdempotencyKey } from "./idempotency-key.ts";
import { logMessageId, logReceiveCount } from "./log-message-id.ts";
import { logAsJson, logInfoLines, logPlatformLines } from "./logging-config.ts";
import { longerFunctionTimeout } from "./longer-function-timeout.ts";
import { maxReceiveCount } from "./max-receive-count.ts";
import { maximumConcurrency } from "./maximum-concurrency.ts";
import { onFailureDestination } from "./on-failure-destination.ts";
import { powertoolsIdempotency } from "./powertools-idempotency.ts";
import { raiseVisibilityTimeout } from "./raise-visibility-timeout.ts";
import { reportBatchItemFailures } from "./report-batch-item-failures.ts";
import { snsFanOut } from "./sns-fan-out.ts";
import { sqlOnConflict } from "./sql-on-conflict.ts";

type Writer = (context: AdviceContext) => Advice | undefined;

const once = (key: IdempotencyKey): readonly Writer[] => [
  () => conditionalWrite(key),
  () => sqlOnConflict(key),
  (context) => powertoolsIdempotency(key, context),
];
const idempotency = once("message");
const outlasted: readonly Writer[] = [raiseVisibilityTimeout, ...idempotency];

const WRITERS: Record<Cause, readonly Writer[]> = {
  "visibility-expired": outlasted,
  "deleted-too-late": outlasted,
  "function-timeout": [longerFunctionTimeout, ...idempotency],
  "function-error": [fixFunctionError, reportBatchItemFailures, maxReceiveCount],
  "partial-batch-replay": [reportBatchItemFailures, ...idempotency],
  throttled: [maximumConcurrency, maxReceiveCount],
  "dlq-redrive": idempotency,
  "several-consumers": [snsFanOut, ...idempotency],
  "producer-duplicate": [fifoDeduplicationId, ...once("business"), correlationId],
  "async-retry": [onFailureDestination, ...idempotency],
  "at-least-once": idempotency,
  unknown: idempotency,
};

const SETTLERS: Record<SettlingAdvice, Writer> = {
  "log-message-id": logMessageId,
  "log-receive-count": logReceiveCount,
  "log-platform-lines": logPlatformLines,
  "log-info-lines": logInfoLines,
  "log-format-json": logAsJson,
};

export interface CauseAdviceInput {
  readonly cause: Cause;
  readonly context: AdviceContext;
  /** What would settle the finding where it is in doubt. */
  readonly settling: readonly SettlingAdvice[];
}

/**
 * Everything that helps against a cause on this path; pieces that do not apply are left out. Of a cause that
 * cannot be told the first thing to do is to make it tellable.
 */
export function adviseCause({ cause, context, settling }: CauseAdviceInput): Advice[] {
  const settlers = settling.map((kind) => SETTLERS[kind]);
  const writers = cause === "unknown" ? [...settlers, ...WRITERS[cause]] : [...WRITERS[cause], ...settlers];
  return writers.map((write) => write(context)).filter((advice) => advice !== undefined);
}
