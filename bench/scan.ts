// What does a scan take, and what does it cost? `npm run bench:scan`: the workflow over simulated accounts of 100, 1,000
// and 5,000 paths, with latencies and quotas like AWS's. docs/cost.md explains the tables.
import { parseArgs } from "node:util";
import { ScanSettings } from "../core/model/settings.ts";
import { readDeployment } from "./scan/functions.ts";
import { measureSize } from "./scan/measure-size.ts";
import { BASE_PATHS } from "./scan/paths.ts";
import { SCHEDULES, type ScanReport, type SizeReport } from "./scan/report.ts";
import { readDefinition } from "./scan/simulate-scan.ts";
import { renderScan } from "./scan/tables.ts";
import { hasMissed, judgeTargets } from "./scan/targets.ts";

const HELP = `npm run bench:scan -- [options]

Scans simulated accounts on a virtual clock, and prints time, calls, memory and the bill a month.

  --paths N            size of an account, a multiple of ${BASE_PATHS}; may be repeated (default 100, 1000, 5000)
  --schedule NAME      hourly, six-hourly or daily; may be repeated (default all)
  --map-concurrency N  batches at once (default what the workflow says)
  --batch-size N       paths a batch (default what the settings say)
  --seed S             seed of the account (default 1)
  --no-memory          leave out the functions' memory
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
      schedule: { type: "string", multiple: true, default: SCHEDULES.map(({ name }) => name) },
      "map-concurrency": { type: "string" },
      "batch-size": { type: "string" },
      seed: { type: "string", default: "1" },
      memory: { type: "boolean", default: true },
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
  const mapConcurrency = whole("map-concurrency", definedConcurrency());
  const batchSize = whole("batch-size", ScanSettings.parse({}).batchSize);
  const schedules = SCHEDULES.map(({ name }) => name).filter((name) => values.schedule.includes(name));
  const deployment = readDeployment();
  const sizes: SizeReport[] = [];
  for (const paths of values.paths.map((text) => wholeNumber("--paths", text, BASE_PATHS, BASE_PATHS))) {
    const options = { paths, seed, deployment, schedules, memory: values.memory, batchSize, mapConcurrency };
    sizes.push(await measureSize({ ...options, onProgress: tellProgress }));
  }
  const report: ScanReport = { seed, deployment, mapConcurrency, batchSize, sizes };
  const targets = judgeTargets(report);
  process.stdout.write(
    values.json ? `${JSON.stringify({ targets, ...report }, null, 2)}\n` : renderScan(report),
  );
  return values.check && hasMissed(targets) ? 1 : 0;
}

function definedConcurrency(): number {
  const { States } = readDefinition() as { readonly States: { readonly Paths: { MaxConcurrency: number } } };
  return States.Paths.MaxConcurrency;
}

function wholeNumber(option: string, text: string, least: number, step = 1): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isInteger(number / step) && number >= least) return number;
  const kind = step === 1 ? "a whole number" : `a multiple of ${step}`;
  throw new RangeError(`${option}: expected ${kind} from ${least} on, got "${text}"`);
}

function tellProgress(what: string): void {
  process.stderr.write(`${what}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof RangeError || (error instanceof TypeError && "code" in error);
  process.stderr.write(`${isUsage ? (error as Error).message : String((error as Error).stack)}\n`);
  process.exitCode = 2;
}
