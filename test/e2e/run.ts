// `npm run e2e`: against an AWS emulator that this project did not write. First the scan, from real messages to proof;
// then the whole stack, from its deployment to the change of a queue. `npm run e2e -- scan` or `-- stack` runs one.
// Exit codes: 0 all as it must be · 1 a step failed · 77 this machine cannot run the emulator (nothing was tested).
import { join } from "node:path";
import { FindingDocument } from "../../core/model/finding.ts";
import { type Emulator, EmulatorUnavailableError, startEmulator } from "./emulator.ts";
import { findProblems } from "./expectations.ts";
import { doubletake, ROOT } from "./stack/command.ts";
import { runStack } from "./stack/story.ts";
import { createClients, createWorkload, produceOverlaps } from "./workload.ts";

const EXIT_UNAVAILABLE = 77;
const startedMs = Date.now();

function say(text: string): void {
  process.stdout.write(`${((Date.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
}

async function scanProves(emulator: Emulator): Promise<readonly string[]> {
  const clients = createClients(emulator.url);
  const workload = await createWorkload(clients);
  say("queue with a 2 s visibility timeout, consumer that takes 5 s, mapping: created");
  const invocations = await produceOverlaps(clients, workload, {
    messages: 6,
    pollers: 4,
    durationMs: 14_000,
  });
  say(`6 messages sent; our pollers invoked the consumer ${invocations} times`);

  const until = new Date().toISOString();
  const args = [
    "scan",
    "--endpoint-url",
    emulator.url,
    "--lookback",
    "10m",
    "--until",
    until,
    "--format",
    "json",
  ];
  say(`doubletake ${args.join(" ")}`);
  const result = await doubletake(args, { env: emulator.clientEnv, folder: ROOT });
  say(`exit code ${result.exitCode}`);
  const problems: string[] = [];
  if (result.exitCode !== 1) problems.push(`expected exit code 1 (findings), got ${result.exitCode}`);
  try {
    const document = FindingDocument.parse(JSON.parse(result.stdout));
    problems.push(...findProblems(document, workload, say));
  } catch (error) {
    problems.push(`stdout is not a finding document: ${String(error).slice(0, 500)}`);
  }
  if (problems.length > 0) {
    process.stdout.write(
      `\n--- stderr of the scan\n${result.stderr}\n--- stdout\n${result.stdout.slice(0, 20_000)}\n`,
    );
  }
  return problems;
}

async function runScan(): Promise<number> {
  const emulator = await startEmulator(join(ROOT, ".cache"));
  say(`emulator on ${emulator.url}`);
  try {
    const problems = await scanProves(emulator);
    for (const problem of problems) say(`FAILED: ${problem}`);
    if (problems.length > 0) say(`the emulator's log: ${emulator.logFile}`);
    else say("the duplicate is proven from the consumer's own log lines");
    return problems.length === 0 ? 0 : 1;
  } finally {
    await emulator.stop();
  }
}

const RUNS: Readonly<Record<string, () => Promise<number>>> = { scan: runScan, stack: () => runStack(say) };

async function main(names: readonly string[]): Promise<number> {
  for (const name of names.length > 0 ? names : Object.keys(RUNS)) {
    const run = RUNS[name];
    if (run === undefined) throw new Error(`expected ${Object.keys(RUNS).join(" or ")}, got ${name}`);
    say(`--- ${name}`);
    const exitCode = await run();
    if (exitCode !== 0) return exitCode;
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof EmulatorUnavailableError)) throw error;
  process.stderr.write(`e2e did not run: ${error.message}. Nothing was tested.\n`);
  process.exitCode = EXIT_UNAVAILABLE;
}
