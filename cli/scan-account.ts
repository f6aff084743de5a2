// `doubletake scan` with the real adapters: everything it needs of AWS is loaded here, not before.
import { createAccount } from "../aws/account.ts";
import { connect } from "../aws/connection.ts";
import { createLogs } from "../aws/logs.ts";
import { createMappings } from "../aws/mappings.ts";
import { createMemoryLedger } from "../aws/memory-ledger.ts";
import { createMetrics } from "../aws/metrics.ts";
import { createQueues } from "../aws/queues.ts";
import type { FindingDocument } from "../core/model/finding.ts";
import type { Io } from "./io.ts";
import { phaseNarrator } from "./narrate.ts";
import type { Progress } from "./progress.ts";
import type { ScanRequest } from "./scan-request.ts";
import { runScanWorkflow } from "./scan-workflow.ts";
import { watchLogs } from "./watch-logs.ts";

/** GetQueryResults is limited to ten calls a second in an account, and other people query too. */
const POLL_INTERVAL_MS = 2_000;
/** A simulated or emulated account answers at once and is nobody else's. */
const LOCAL_POLL_INTERVAL_MS = 100;

export interface RunningScan {
  readonly result: Promise<FindingDocument>;
  /** For Ctrl-C: ends the scan and the log queries that still run. @returns how many queries were stopped. */
  stop(): Promise<number>;
}

export function startScan(request: ScanRequest, io: Io, progress: Progress): RunningScan {
  const connection = connect({
    ...(request.region !== undefined && { region: request.region }),
    ...(request.profile !== undefined && { profile: request.profile }),
    ...(request.endpointUrl !== undefined && { endpointUrl: request.endpointUrl }),
  });
  const narrator = phaseNarrator(progress);
  const logs = watchLogs(createLogs(connection), narrator.logsUsed);
  const local = request.endpointUrl !== undefined || (io.env["AWS_ENDPOINT_URL"] ?? "") !== "";
  const abort = new AbortController();
  const result = runScanWorkflow({
    ports: {
      account: createAccount(connection),
      mappings: createMappings(connection),
      queues: createQueues(connection),
      metrics: createMetrics(connection),
      logs,
      // Nothing is deployed: nothing is kept, and nobody is told but the person who asked.
      ledger: createMemoryLedger(),
      notifier: { publish: () => Promise.resolve() },
      calls: connection.calls,
      nowMs: io.nowMs,
    },
    settings: request.settings,
    scheduledTimeMs: request.scheduledTimeMs,
    pollIntervalMs: local ? LOCAL_POLL_INTERVAL_MS : POLL_INTERVAL_MS,
    ...(local && { retryMs: LOCAL_POLL_INTERVAL_MS }),
    narrator,
    signal: abort.signal,
  });
  return {
    result,
    stop: () => {
      abort.abort();
      return logs.stopAll();
    },
  };
}
