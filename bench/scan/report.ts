// What one run of the benchmark found out, before it becomes tables.
import type { Deployment } from "./functions.ts";
import type { FunctionNeeds } from "./memory.ts";
import type { Schedule } from "./schedules.ts";
import type { ScanRun } from "./simulate-scan.ts";

/** Two scans of an account, a day apart. */
export interface ScheduledScans {
  readonly schedule: Schedule;
  /** With an empty ledger: fills the ratio's history, and everything is new. */
  readonly first: ScanRun;
  readonly firstReadLogs: boolean;
  /** The one that a month is made of; absent where the first one failed. */
  readonly usual?: ScanRun;
}

export interface SizeReport {
  /** Asked for. */
  readonly paths: number;
  /** By schedule, in the order of SCHEDULES. */
  readonly scans: readonly ScheduledScans[];
  /** By state; absent where memory was not measured. */
  readonly functions?: Readonly<Record<string, FunctionNeeds>>;
  /** Real seconds that the benchmark took for it. */
  readonly tookSeconds: number;
}

export interface ScanReport {
  readonly seed: number;
  readonly deployment: Pick<Deployment, "functions" | "alarms">;
  /** Batches at once. */
  readonly mapConcurrency: number;
  readonly batchSize: number;
  readonly sizes: readonly SizeReport[];
}
