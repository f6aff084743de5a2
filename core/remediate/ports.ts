// Everything outside that the states of the remediation workflow touch; each takes only what it uses.

import { ConfigError } from "../errors.ts";
import type {
  CallbackPort,
  ChangeLedger,
  ExecutionsPort,
  MappingsPort,
  NotifierPort,
  QueuesPort,
  QueueWriterPort,
  SecretsPort,
} from "../ports.ts";
import type { ScanPorts } from "../scan/scan-ports.ts";

export interface RemediationPorts extends Pick<ScanPorts, "ledger" | "nowMs"> {
  readonly mappings: Pick<MappingsPort, "listQueueMappings" | "describeFunction">;
  /** One by one: the tags of a listing may be those of a while ago, and a decision needs those of now. */
  readonly queues: Pick<QueuesPort, "describeQueue">;
  readonly changes: ChangeLedger;
  readonly queueWriter: QueueWriterPort;
  readonly executions: ExecutionsPort;
  readonly callbacks: CallbackPort;
  readonly secrets: SecretsPort;
  /** The digest's topic: everybody. */
  readonly notifier: NotifierPort;
  /** The approvers' topic: each message has one recipient. */
  readonly approvalNotifier: NotifierPort;
}

/** Where nothing is deployed that could change a queue: in the mode `observe`, and for a scan from a laptop. */
export const NO_EXECUTIONS: ExecutionsPort = {
  start: (changeId) => {
    throw new ConfigError(`change ${changeId} cannot be started: there is no remediation workflow here`);
  },
  status: () => Promise.resolve("absent"),
};
