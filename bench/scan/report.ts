// What one run of the benchmark found out, before it becomes tables.
import type { Deployment } from "./functions.ts";
import type { FunctionNeeds } from "./memory.ts";
import type { ScanRun } from "./simulate-scan.ts";

export interface ScheduleName {
  readonly name: "hourly" | "six-hourly" | "daily";
  readonly everyHours: number;
  /** A deployment refuses less than the interval. */
  readonly lookbackMinutes: number;
}

/** The hourly one with the default look-back. */
export const SCHEDULES: readonly ScheduleName[] = [
  { name: "hourly", everyHours: 1, lookbackMinutes: 180 },
  { name: "six-hourly", everyHours: 6, lookbackMinutes: 360 },
  { name: "daily", everyHours: 24, lookbackMinutes: 1440 },
];

export interface SizeReport {
  /** Asked for. */
  readonly paths: number;
  /** Six hours back, with an empty ledger: fills the ratio's history, and everything is new. */
  readonly first: ScanRun;
  /** By schedule; absent where it was not run. */
  readonly usual: Readonly<Partial<Record<ScheduleName["name"], ScanRun>>>;
  /** By state; absent where memory was not measured. */
  readonly functions?: Readonly<Record<string, FunctionNeeds>>;
  /** Real seconds that the benchmark took for it. */
  readonly tookSeconds: number;
}

export interface ScanReport {
  readonly seed: number;
  readonly deployment: Deployment;
  /** Batches at once. */
  readonly mapConcurrency: number;
  readonly batchSize: number;
  readonly sizes: readonly SizeReport[];
}
