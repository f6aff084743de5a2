// `doubletake scan` with the real adapters: everything it needs of AWS is loaded here, not before.
import { connect } from "../aws/connection.ts";
import { createMemoryLedger } from "../aws/memory-ledger.ts";
import { createReadPorts } from "../aws/read-ports.ts";
import type { FindingDocument } from "../core/model/finding.ts";
import type { Io } from "./io.ts";
import { phaseNarrator } from "./narrate.ts";
import type { Progress } from "./progress.ts";
import type { ScanRequest } from "./scan-request.ts";
import { runScanWorkflow } from "./scan-workflow.ts";
import { watchLogs } from "./watch-logs.ts";

interface Pace {
  /** Wait between two looks at the log queries. */
  readonly pollIntervalMs: number;
  /** Wait before a failed step is tried again. @default what the workflow says */
  readonly retryMs?: number;
  /** Tries a call. @default the connection's own */
  readonly maxAttempts?: number;
  /** Of our part of the account's quotas. @default all of it */
  readonly quotaShare?: number;
}

/** GetQueryResults is limited to ten calls a second in an account, and other people query too. */
const AWS_PACE: Pace = { pollIntervalMs: 2_000 };
/** A simulated or emulated account on this computer answers at once and is nobody else's. */
const LOOPBACK_PACE: Pace = {
  pollIntervalMs: 100,
  retryMs: 100,
  maxAttempts: 3,
  quotaShare: Number.POSITIVE_INFINITY,
};

export interface RunningScan {
  readonly result: Promise<FindingDocument>;
  /** For Ctrl-C: ends the scan and the log queries that still run. @returns how many queries were stopped. */
  stop(): Promise<number>;
}

export function startScan(request: ScanRequest, io: Io, progress: Progress): RunningScan {
  const { maxAttempts, quotaShare, ...pace } = paceOf(
    request.endpointUrl ?? io.env["AWS_ENDPOINT_URL"] ?? "",
  );
  const connection = connect({
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(quotaShare !== undefined && { quotaShare }),
    ...(request.region !== undefined && { region: request.region }),
    ...(request.profile !== undefined && { profile: request.profile }),
    ...(request.endpointUrl !== undefined && { endpointUrl: request.endpointUrl }),
  });
  const narrator = phaseNarrator(progress);
  const read = createReadPorts(connection);
  const logs = watchLogs(read.logs, narrator.logsUsed);
  const abort = new AbortController();
  const result = runScanWorkflow({
    ports: {
      ...read,
      logs,
      // Nothing is deployed: nothing is kept, and nobody is told but the person who asked.
      ledger: createMemoryLedger(),
      notifier: { publish: () => Promise.resolve() },
      nowMs: io.nowMs,
    },
    settings: request.settings,
    scheduledTimeMs: request.scheduledTimeMs,
    ...pace,
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

/** An endpoint elsewhere may well be AWS: in a VPC, for example. */
function paceOf(endpointUrl: string): Pace {
  const host = URL.canParse(endpointUrl) ? new URL(endpointUrl).hostname : "";
  return ["127.0.0.1", "localhost", "[::1]"].includes(host) ? LOOPBACK_PACE : AWS_PACE;
}
