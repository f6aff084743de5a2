// One size of account: two scans for each schedule, and what the functions need.
import { NOW_MS, type Simulation } from "./account.ts";
import type { Deployment } from "./functions.ts";
import { type FunctionNeeds, measureFunctions } from "./memory.ts";
import type { ScheduledScans, SizeReport } from "./report.ts";
import { JUDGED, type Schedule } from "./schedules.ts";
import { simulateScan } from "./simulate-scan.ts";

const DAY_MS = 24 * 3_600_000;
/**
 * Of more paths the first scan reads no logs: it reads every path in full, which takes minutes of real time, and only
 * what it leaves in the ledger is wanted.
 */
const MOST_WITH_FIRST_LOGS = 1_000;
/** The target's size, for which every function's heap is set. */
const MEMORY_MB = 256;

export interface Plan {
  readonly schedule: Schedule;
  readonly deployment: Deployment;
}

export interface SizeOptions {
  readonly simulation: Simulation;
  readonly paths: number;
  readonly plans: readonly Plan[];
  readonly memory: boolean;
  readonly batchSize: number;
  readonly mapConcurrency: number;
  readonly onProgress: (what: string) => void;
}

export async function measureSize(options: SizeOptions): Promise<SizeReport> {
  const startedMs = performance.now();
  const scans: ScheduledScans[] = [];
  for (const plan of options.plans) scans.push(await measureScans(plan, options));
  const judged = options.plans.find(({ schedule }) => schedule.name === JUDGED);
  const functions =
    options.memory && judged !== undefined ? { functions: await measureMemory(judged, options) } : undefined;
  const tookSeconds = (performance.now() - startedMs) / 1000;
  return { paths: options.paths, scans, ...functions, tookSeconds };
}

/** In an account of their own, so that no schedule knows what another one read. */
async function measureScans(
  { schedule, deployment }: Plan,
  { simulation, paths, batchSize, mapConcurrency, onProgress }: SizeOptions,
): Promise<ScheduledScans> {
  const account = await simulation.open(paths);
  const settings = { ...deployment.settings, batchSize };
  const scan = (what: string, atMs: number, readLogs: boolean) => {
    onProgress(`${paths} paths, ${schedule.name}: ${what} scan`);
    return simulateScan({ account, deployment, atMs, settings: { ...settings, readLogs }, mapConcurrency });
  };
  const firstReadLogs = paths <= MOST_WITH_FIRST_LOGS;
  const first = await scan("first", NOW_MS - DAY_MS, firstReadLogs);
  const scans = { schedule, first, firstReadLogs };
  // One that could not find the paths will not the next time.
  return first.paths === 0 ? scans : { ...scans, usual: await scan("later", NOW_MS, true) };
}

async function measureMemory(
  { deployment }: Plan,
  { simulation, paths, batchSize, onProgress }: SizeOptions,
): Promise<Record<string, FunctionNeeds>> {
  onProgress(`${paths} paths: memory`);
  const account = await simulation.open(paths);
  const settings = { ...deployment.settings, batchSize };
  return measureFunctions({ account, atMs: NOW_MS, settings, memoryMb: MEMORY_MB });
}
