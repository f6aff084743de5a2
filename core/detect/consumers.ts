// Which consumers of a path really poll it, and what they have in common.
import type { Consumer, ConsumerFunction, DeliveryPath, EventSourceMapping } from "../model/delivery-path.ts";

/** AWS keeps polling while a mapping is being updated; every other state polls nothing. */
const POLLING_STATES = new Set(["Enabled", "Updating"]);

/** True where the mapping polls its queue. */
export const polls = ({ state }: EventSourceMapping): boolean => POLLING_STATES.has(state);

/** The consumers whose mapping polls the queue. */
export const activeConsumers = (path: DeliveryPath): readonly Consumer[] =>
  path.consumers.filter(({ mapping }) => polls(mapping));

/** The functions behind the polling mappings, each once; those that could not be read are missing. */
export function activeFunctions(path: DeliveryPath): readonly ConsumerFunction[] {
  const byArn = new Map<string, ConsumerFunction>();
  for (const consumer of activeConsumers(path)) {
    if (consumer.function !== undefined) byArn.set(consumer.function.arn, consumer.function);
  }
  return [...byArn.values()];
}

/** True where one failed record of a mapping's batch brings back the others. */
export const returnsWholeBatch = ({ mapping }: Consumer): boolean =>
  mapping.batchSize > 1 && !mapping.reportBatchItemFailures;

/** True where a polling mapping returns whole batches. */
export const returnsWholeBatches = (path: DeliveryPath): boolean =>
  activeConsumers(path).some(returnsWholeBatch);

/** Function timeout and batching window of one polling consumer, in seconds. */
export interface ConsumerTiming {
  readonly functionArn: string;
  readonly functionTimeoutSeconds: number;
  readonly batchingWindowSeconds: number;
}

/** Timing of each polling consumer whose function could be read. Aliases may differ in their timeout. */
export const consumerTimings = (path: DeliveryPath): readonly ConsumerTiming[] =>
  activeConsumers(path).flatMap((consumer) =>
    consumer.function === undefined
      ? []
      : [
          {
            functionArn: consumer.function.arn,
            functionTimeoutSeconds: consumer.function.timeoutSeconds,
            batchingWindowSeconds: consumer.mapping.maximumBatchingWindowSeconds,
          },
        ],
  );
