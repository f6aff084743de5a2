// Everything that a scan reads of an account, over one connection.
import type { ScanPorts } from "../core/scan/scan-ports.ts";
import { createAccount } from "./account.ts";
import { createAsyncEvents } from "./async-events.ts";
import type { Connection } from "./connection.ts";
import { createLogs } from "./logs.ts";
import { createMappings } from "./mappings.ts";
import { createMetrics } from "./metrics.ts";
import { createQueues } from "./queues.ts";
import { createQueueTagIndex } from "./tags.ts";

type ReadPorts = Omit<ScanPorts, "ledger" | "notifier" | "nowMs">;

/** A Lambda function connects only what it needs; this is for whoever runs the whole scan in one process. */
export const createReadPorts = (connection: Connection): ReadPorts => ({
  account: createAccount(connection),
  mappings: createMappings(connection),
  asyncEvents: createAsyncEvents(connection),
  queues: createQueues(connection, createQueueTagIndex(connection)),
  metrics: createMetrics(connection),
  logs: createLogs(connection),
  calls: connection.calls,
});
