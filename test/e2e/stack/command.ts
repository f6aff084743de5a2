// Commands as a person would run them, in an environment that reaches nothing but the emulator.
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";

export const ROOT = join(import.meta.dirname, "../../..");
const TIMEOUT_MS = 180_000;

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

function runCommand(
  command: string,
  args: readonly string[],
  { env, folder }: CommandPlace,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      env: {
        PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
        HOME: folder,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
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

/** @throws Error with the end of what it said, unless it ends with 0. */
export async function mustRun(
  command: string,
  args: readonly string[],
  place: CommandPlace,
): Promise<CommandResult> {
  const result = await runCommand(command, args, place);
  if (result.exitCode !== 0) {
    const said = `${result.stdout}\n${result.stderr}`.trim().slice(-4000);
    throw new Error(`${args[0]} ended with ${result.exitCode}:\n${said}`);
  }
  return result;
}

/** The project's own command line. */
export const doubletake = (args: readonly string[], place: CommandPlace): Promise<CommandResult> =>
  runCommand(process.execPath, [join(ROOT, "bin/doubletake.ts"), ...args], place);
