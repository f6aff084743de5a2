// `npm run e2e`: the scan against an AWS emulator that this project did not write, from real messages to proof.
// Exit codes: 0 proven · 1 not proven, or a step failed · 77 this machine cannot run the emulator (nothing was tested).
import { spawn } from "node:child_process";
import { join } from "node:path";
import { FindingDocument } from "../../core/model/finding.ts";
import { type Emulator, EmulatorUnavailableError, startEmulator } from "./emulator.ts";
import { findProblems } from "./expectations.ts";
import { createClients, createWorkload, produceOverlaps } from "./workload.ts";

const EXIT_UNAVAILABLE = 77;
const ROOT = join(import.meta.dirname, "../..");
const startedMs = Date.now();

function say(text: string): void {
  process.stdout.write(`${((Date.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
}

interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a person would, in an environment that reaches nothing but the emulator. */
function doubletake(args: readonly string[], emulator: Emulator): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, "bin/doubletake.ts"), ...args], {
      env: { ...emulator.clientEnv, PATH: process.env["PATH"], HOME: process.env["HOME"] },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 180_000,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
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
  const result = await doubletake(args, emulator);
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

async function main(): Promise<number> {
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

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof EmulatorUnavailableError)) throw error;
  process.stderr.write(`e2e did not run: ${error.message}. Nothing was tested.\n`);
  process.exitCode = EXIT_UNAVAILABLE;
}
