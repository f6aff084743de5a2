// The invariants under any number of random sequences: `npm run test:invariants -- --sequences N --seed S`.
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import {
  type Checked,
  type CheckOptions,
  checkInvariants,
  randomSeed,
} from "../support/invariant-model-check.ts";
import { addTally, newTally, type Tally, tallyTable, tooRare } from "../support/invariant-model-tally.ts";

const HELP = `npm run test:invariants -- [options]

Plays random sequences of scans, decisions, faults and changes by others, and checks the invariants I1 to I11 in each.

  --sequences N   how many (default 2000)
  --seed S        a whole number; the same seed plays the same sequences (default: a random one)
  --path P        replays one failure of that seed, as it was printed
  --workers W     threads (default 2)
  --help

Exit code: 0 all hold, 1 an invariant does not hold or too little happened, 2 usage.
`;
/** Sequences of one seed; the next ones have the next seed. */
const CHUNK = 1_000;
const LARGEST_SEED = 2 ** 31 - 1;

class UsageError extends Error {
  override readonly name = "UsageError";
}

interface Request {
  readonly sequences: number;
  readonly seed: number;
  readonly path: string | undefined;
  readonly workers: number;
}

function parseRequest(args: readonly string[]): Request | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sequences: { type: "string", default: "2000" },
      seed: { type: "string" },
      path: { type: "string" },
      workers: { type: "string", default: "2" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { path, seed } = values;
  if (path !== undefined && !/^\d+(:\d+)*$/.test(path)) {
    throw new UsageError(
      `--path: expected numbers with colons between, as a failure prints it, got "${path}"`,
    );
  }
  if (path !== undefined && seed === undefined) throw new UsageError("--path: expected --seed with it");
  return {
    sequences: wholeNumber("--sequences", values.sequences, 1, 1e9),
    seed: seed === undefined ? randomSeed() : wholeNumber("--seed", seed, -LARGEST_SEED, LARGEST_SEED),
    path,
    workers: wholeNumber("--workers", values.workers, 1, 64),
  };
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isInteger(number) && number >= least && number <= most) return number;
  throw new UsageError(`${option}: expected a whole number of ${least} to ${most}, got "${text}"`);
}

/** The sequences in chunks, each of a seed of its own. */
function chunksOf({ sequences, seed }: Request): CheckOptions[] {
  return Array.from({ length: Math.ceil(sequences / CHUNK) }, (_, index) => ({
    sequences: Math.min(CHUNK, sequences - index * CHUNK),
    // Wraps round as the largest seed is passed.
    seed: (seed + index) | 0,
  }));
}

/** @returns the first failure, if there was one. */
async function runChunks(request: Request, tally: Tally): Promise<string | undefined> {
  const chunks = chunksOf(request);
  const threads = Math.min(request.workers, chunks.length);
  let failure: string | undefined;
  const work = async () => {
    const worker = new Worker(new URL(import.meta.url));
    try {
      for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
        if (failure !== undefined) return;
        const checked = await ask(worker, chunk);
        addTally(tally, checked.tally);
        failure ??= checked.failure;
        process.stderr.write(`${tally.sequences} of ${request.sequences} sequences\n`);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return failure;
}

function ask(worker: Worker, chunk: CheckOptions): Promise<Checked> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (checked: Checked) => {
      worker.off("error", reject);
      resolve(checked);
    });
    worker.postMessage(chunk);
  });
}

async function main(args: readonly string[]): Promise<number> {
  const request = parseRequest(args);
  if (request === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  const { seed, path, sequences } = request;
  process.stdout.write(`seed ${seed}\n`);
  const tally = newTally();
  const failure =
    path === undefined
      ? await runChunks(request, tally)
      : (await checkInvariants({ sequences, seed, path })).failure;
  if (path === undefined) process.stdout.write(`${tallyTable(tally)}\n`);
  if (failure !== undefined) {
    process.stdout.write(`${failure}\n`);
    return 1;
  }
  const rare = tooRare(tally);
  for (const clause of rare) process.stdout.write(`too rare: ${clause}\n`);
  if (rare.length > 0) return 1;
  process.stdout.write(
    path === undefined
      ? `all invariants held in ${tally.sequences} sequences\n`
      : "all invariants hold there now\n",
  );
  return 0;
}

async function runMain(): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const isUsage =
      error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE");
    process.stderr.write(`${isUsage ? (error as Error).message : String((error as Error).stack)}\n`);
    process.exitCode = 2;
  }
}

if (isMainThread) await runMain();
else {
  parentPort?.on("message", async (chunk: CheckOptions) => {
    parentPort?.postMessage(await checkInvariants(chunk));
  });
}
