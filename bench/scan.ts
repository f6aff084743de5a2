// What does a scan take, and what does it cost? `npm run bench:scan`: the workflow over simulated accounts of 100, 1,000
// and 5,000 paths, with latencies and quotas like AWS's. docs/cost.md explains the tables.
import { parseArgs } from "node:util";
import { runCommand, wholeNumber } from "./command-line.ts";
import { startSimulation } from "./scan/account.ts";
import { type Deployment, readDeployment, SCAN_STATES } from "./scan/functions.ts";
import { measureSize, type Plan } from "./scan/measure-size.ts";
import { BASE_PATHS } from "./scan/paths.ts";
import type { ScanReport, SizeReport } from "./scan/report.ts";
import { JUDGED, SCHEDULES, type Schedule } from "./scan/schedules.ts";
import { readDefinition } from "./scan/simulate-scan.ts";
import { renderScan } from "./scan/tables.ts";
import { hasMissed, judgeTargets } from "./scan/targets.ts";

/** The most paths for which memory is measured without being asked: it takes real time. */
const MEMORY_PATHS = 1_000;

const HELP = `npm run bench:scan -- [options]

Scans simulated accounts on a virtual clock, and prints time, calls, memory and the bill a month.

  --paths N            size of an account, a multiple of ${BASE_PATHS}; may be repeated (default 100, 1000, 5000)
  --schedule NAME      hourly, six-hourly or daily; may be repeated (default all of ${BASE_PATHS} paths, ${JUDGED} of more)
  --map-concurrency N  batches at once (default what the workflow says)
  --batch-size N       paths a batch (default what the settings say)
  --size STATE=MB      memory of a state's function; may be repeated (default what is deployed)
  --seed S             seed of the account (default 1)
  --memory             also measure the functions' memory in accounts of more than ${MEMORY_PATHS} paths
  --no-memory          measure it in none
  --json               one JSON document instead of tables
  --check              exit with 1 when a target is missed
  --help
`;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      paths: { type: "string", multiple: true, default: ["100", "1000", "5000"] },
      schedule: { type: "string", multiple: true, default: [] },
      "map-concurrency": { type: "string" },
      "batch-size": { type: "string" },
      size: { type: "string", multiple: true, default: [] },
      seed: { type: "string", default: "1" },
      memory: { type: "boolean" },
      json: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const whole = (option: "map-concurrency" | "batch-size", otherwise: number) =>
    values[option] === undefined ? otherwise : wholeNumber(`--${option}`, values[option], 1);
  const seed = wholeNumber("--seed", values.seed, 0);
  const allPaths = values.paths.map((text) => wholeNumber("--paths", text, BASE_PATHS, BASE_PATHS));
  const memoryMb = Object.fromEntries(values.size.map(parseSize));
  const mapConcurrency = whole("map-concurrency", definedConcurrency());
  const plans = SCHEDULES.map((schedule) => planFor(schedule, memoryMb));
  const deployment = plans.find(({ schedule }) => schedule.name === JUDGED)?.deployment;
  if (deployment === undefined) throw new Error(`expected the schedule ${JUDGED}, got none`);
  const batchSize = whole("batch-size", deployment.settings.batchSize);
  const named = values.schedule.map(parseSchedule);
  const plansOf = (paths: number) => {
    const byDefault = paths === BASE_PATHS ? SCHEDULES : SCHEDULES.filter(({ name }) => name === JUDGED);
    const wanted = named.length === 0 ? byDefault : named;
    return plans.filter(({ schedule }) => wanted.includes(schedule));
  };

  const sizes: SizeReport[] = [];
  tellProgress("simulating the account");
  const simulation = startSimulation(seed);
  try {
    for (const paths of allPaths) {
      const memory = values.memory ?? paths <= MEMORY_PATHS;
      const options = { simulation, paths, plans: plansOf(paths), memory, batchSize, mapConcurrency };
      sizes.push(await measureSize({ ...options, onProgress: tellProgress }));
    }
  } finally {
    simulation.close();
  }
  const report: ScanReport = { seed, deployment, mapConcurrency, batchSize, sizes };
  const targets = judgeTargets(report);
  process.stdout.write(
    values.json ? `${JSON.stringify({ targets, ...report }, null, 2)}\n` : renderScan(report),
  );
  return values.check && hasMissed(targets) ? 1 : 0;
}

function planFor(schedule: Schedule, memoryMb: Readonly<Record<string, number>>): Plan {
  const deployed = readDeployment(schedule);
  const functions = Object.fromEntries(
    SCAN_STATES.map((state) => {
      const own = deployed.functions[state];
      return [state, { ...own, memoryMb: memoryMb[state] ?? own.memoryMb }];
    }),
  ) as Deployment["functions"];
  return { schedule, deployment: { ...deployed, functions } };
}

function parseSchedule(text: string): Schedule {
  const schedule = SCHEDULES.find(({ name }) => name === text);
  if (schedule !== undefined) return schedule;
  throw new RangeError(`--schedule: expected ${SCHEDULES.map(({ name }) => name).join(", ")}, got "${text}"`);
}

function parseSize(text: string): [string, number] {
  const [state = "", megabytes = ""] = text.split("=");
  if (!SCAN_STATES.some((known) => known === state)) {
    throw new RangeError(`--size: expected one of ${SCAN_STATES.join(", ")} and its MB, got "${text}"`);
  }
  return [state, wholeNumber("--size", megabytes, 128)];
}

function definedConcurrency(): number {
  const { States } = readDefinition() as { readonly States: { readonly Paths: { MaxConcurrency: number } } };
  return States.Paths.MaxConcurrency;
}

function tellProgress(what: string): void {
  process.stderr.write(`${what}\n`);
}

await runCommand(main);
