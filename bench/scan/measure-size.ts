// One size of account: the first scan, those that follow it, and what the functions need.
import { ScanSettings } from "../../core/model/settings.ts";
import type { ScanState } from "../../functions/scan-handlers.ts";
import { NOW_MS, startAccount } from "./account.ts";
import { type Deployment, SCAN_STATES } from "./functions.ts";
import { type FunctionNeeds, measureFunctions } from "./memory.ts";
import { SCHEDULES, type ScheduleName, type SizeReport } from "./report.ts";
import { type ScanRun, simulateScan } from "./simulate-scan.ts";

const MINUTE_MS = 60_000;
const FIRST_LOOKBACK_MINUTES = 360;
/** The target's size, for which every function's heap is set. */
const MEMORY_MB = 256;
/** CPU time to load a function: measured from 117 to 146 ms. */
const INIT_MS = 140;

export interface SizeOptions {
  readonly paths: number;
  readonly seed: number;
  readonly deployment: Deployment;
  readonly schedules: readonly ScheduleName["name"][];
  readonly memory: boolean;
  readonly batchSize: number;
  readonly mapConcurrency: number;
  readonly onProgress: (what: string) => void;
}

export async function measureSize(options: SizeOptions): Promise<SizeReport> {
  const startedMs = performance.now();
  const scans = await measureScans(options);
  const functions =
    options.memory && scans.first.paths > 0 ? { functions: await measureMemory(options) } : undefined;
  const tookSeconds = (performance.now() - startedMs) / 1000;
  return { paths: options.paths, ...scans, ...functions, tookSeconds };
}

async function measureScans(options: SizeOptions): Promise<Pick<SizeReport, "first" | "usual">> {
  const { paths, seed, deployment, batchSize, mapConcurrency, onProgress } = options;
  onProgress(`${paths} paths: simulating the account`);
  const account = await startAccount(paths, seed);
  try {
    const initMs = Object.fromEntries(SCAN_STATES.map((state) => [state, INIT_MS])) as Record<
      ScanState,
      number
    >;
    const scan = (atMs: number, lookbackMinutes: number) =>
      simulateScan({
        account,
        deployment,
        initMs,
        atMs,
        settings: { lookbackMinutes, batchSize },
        mapConcurrency,
      });
    onProgress(`${paths} paths: the first scan`);
    const first = await scan(NOW_MS - 60 * MINUTE_MS, FIRST_LOOKBACK_MINUTES);
    const usual: Partial<Record<ScheduleName["name"], ScanRun>> = {};
    for (const [index, { name, lookbackMinutes }] of SCHEDULES.entries()) {
      // One that could not find the paths will not the next time.
      if (first.paths === 0 || !options.schedules.includes(name)) continue;
      onProgress(`${paths} paths: ${lookbackMinutes / 60} h back`);
      usual[name] = await scan(NOW_MS + index * MINUTE_MS, lookbackMinutes);
    }
    return { first, usual };
  } finally {
    account.close();
  }
}

/** Of a first scan, in an account of its own. */
async function measureMemory({
  paths,
  seed,
  batchSize,
  onProgress,
}: SizeOptions): Promise<Record<string, FunctionNeeds>> {
  onProgress(`${paths} paths: memory`);
  const account = await startAccount(paths, seed);
  try {
    return await measureFunctions({
      account,
      atMs: NOW_MS,
      settings: ScanSettings.parse({ lookbackMinutes: FIRST_LOOKBACK_MINUTES, batchSize }),
      memoryMb: MEMORY_MB,
    });
  } finally {
    account.close();
  }
}
