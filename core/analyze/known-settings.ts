// Settings that somebody saved beside the logs, or none.
import type { ConsumerFunction, EventSourceMapping, QueueSettings } from "../model/delivery-path.ts";

export interface KnownSettings {
  /** By ARN. */
  readonly queues: ReadonlyMap<string, QueueSettings>;
  /** Saved without the queue's ARN: of the only queue, if there is only one. */
  readonly unnamedQueue: QueueSettings | undefined;
  readonly mappings: readonly EventSourceMapping[];
  /** By unqualified ARN. */
  readonly functions: ReadonlyMap<string, ConsumerFunction>;
}
