// What a contestant says, and what it took.
import type { Cause } from "../../core/model/delivery.ts";

export interface Answer {
  /** Distinct message ids. */
  readonly messages: number;
  /** Pairs of message id and request id. */
  readonly deliveries: number;
  /** Message ids in more than one request: the question to all. */
  readonly redelivered: number;
  /** Redeliveries by cause, where the contestant tells causes. */
  readonly causes?: Readonly<Partial<Record<Cause, number>>>;
}

export interface Cost {
  readonly wallMs: number;
  /** User and system time of all its threads and processes. */
  readonly cpuMs: number;
  /** Resident memory at its highest, summed over its processes; null where the system does not tell. */
  readonly peakBytes: number | null;
}
