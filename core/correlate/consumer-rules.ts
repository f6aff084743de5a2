// The settings of a path that decide what a redelivery means, by function.
import type { DeliveryPath } from "../model/delivery-path.ts";

export interface ConsumerRules {
  /** How long a received message may wait for its batch before the invocation starts. */
  readonly batchingWindowMs: number;
  /** True when a successful invocation may still have handed single records back. */
  readonly reportBatchItemFailures: boolean;
  /** The function's own timeout: no invocation lasts longer. */
  readonly functionTimeoutMs: number;
}

/** Lambda's limit, for a function that could not be described. */
const MAX_FUNCTION_TIMEOUT_MS = 900_000;

const DEFAULT_RULES: ConsumerRules = {
  batchingWindowMs: 0,
  reportBatchItemFailures: false,
  functionTimeoutMs: MAX_FUNCTION_TIMEOUT_MS,
};

/** The rules of each consumer function by unqualified ARN; several mappings of one function are taken together. */
export function consumerRules(path: DeliveryPath): (functionArn: string) => ConsumerRules {
  const rules = new Map<string, ConsumerRules>();
  for (const { mapping, function: consumer } of path.consumers) {
    const arn = consumer?.arn ?? unqualified(mapping.functionArn);
    const known = rules.get(arn) ?? DEFAULT_RULES;
    rules.set(arn, {
      batchingWindowMs: Math.max(known.batchingWindowMs, mapping.maximumBatchingWindowSeconds * 1000),
      reportBatchItemFailures: known.reportBatchItemFailures || mapping.reportBatchItemFailures,
      functionTimeoutMs: consumer ? consumer.timeoutSeconds * 1000 : MAX_FUNCTION_TIMEOUT_MS,
    });
  }
  return (functionArn) => rules.get(functionArn) ?? DEFAULT_RULES;
}

/** `arn:aws:lambda:region:account:function:name` without alias or version. */
export function unqualified(functionArn: string): string {
  return functionArn.split(":").slice(0, 7).join(":");
}
