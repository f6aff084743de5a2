// Cause → advice, the most useful first.
import type { Cause } from "../../model/delivery.ts";
import type { Advice } from "../../model/finding.ts";
import { conditionalWrite } from "./conditional-write.ts";
import type { AdviceContext } from "./context.ts";
import { correlationId } from "./correlation-id.ts";
import { fifoDeduplicationId } from "./fifo-deduplication-id.ts";
import { fixFunctionError } from "./fix-function-error.ts";
import { logMessageId } from "./log-message-id.ts";
import { longerFunctionTimeout } from "./longer-function-timeout.ts";
import { maxReceiveCount } from "./max-receive-count.ts";
import { maximumConcurrency } from "./maximum-concurrency.ts";
import { onFailureDestination } from "./on-failure-destination.ts";
import { raiseVisibilityTimeout } from "./raise-visibility-timeout.ts";
import { reportBatchItemFailures } from "./report-batch-item-failures.ts";
import { snsFanOut } from "./sns-fan-out.ts";
import { sqlOnConflict } from "./sql-on-conflict.ts";

type Writer = (context: AdviceContext) => Advice | undefined;

const idempotency: readonly Writer[] = [() => conditionalWrite("message"), () => sqlOnConflict("message")];
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
  "producer-duplicate": [
    fifoDeduplicationId,
    () => conditionalWrite("business"),
    () => sqlOnConflict("business"),
    correlationId,
  ],
  "async-retry": [onFailureDestination, ...idempotency],
  "at-least-once": idempotency,
  unknown: idempotency,
};

export interface CauseAdviceInput {
  readonly cause: Cause;
  readonly context: AdviceContext;
  /** True where the path's logs were read and held no message ids. */
  readonly logsHoldNoIds: boolean;
}

/** Everything that helps against a cause on this path; pieces that do not apply are left out. */
export function adviseCause({ cause, context, logsHoldNoIds }: CauseAdviceInput): Advice[] {
  const writers = logsHoldNoIds ? [...WRITERS[cause], logMessageId] : WRITERS[cause];
  return writers.map((write) => write(context)).filter((advice) => advice !== undefined);
}
