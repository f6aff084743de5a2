// Everything the scan needs from outside, so that each use case can name the part it uses.
import type {
  AccountPort,
  AsyncEventsPort,
  CallCounter,
  Ledger,
  LogsPort,
  MappingsPort,
  MetricsPort,
  NotifierPort,
  QueuesPort,
} from "../ports.ts";

export interface ScanPorts {
  readonly account: AccountPort;
  readonly mappings: MappingsPort;
  readonly asyncEvents: AsyncEventsPort;
  readonly queues: QueuesPort;
  readonly metrics: MetricsPort;
  readonly logs: LogsPort;
  readonly ledger: Ledger;
  readonly notifier: NotifierPort;
  readonly calls: CallCounter;
  /** The clock, in epoch ms. */
  readonly nowMs: () => number;
}
