// Commands as a person would run them, in an environment that reaches nothing but the endpoint under test.
import { spawn } from "node:child_process";
import { basename, delimiter, dirname, join } from "node:path";
import type { Lifetime } from "../lifetime.ts";
import { killGroup } from "../process-group.ts";

export const ROOT = join(import.meta.dirname, "../../..");
export const CDK = join(ROOT, "node_modules/aws-cdk/bin/cdk");
const TIMEOUT_MS = 300_000;

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command said, kept for the case that the run fails. */
export interface Said extends CommandResult {
  readonly command: string;
}

export interface CommandPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly lifetime: Lifetime;
  /** Grows with every command. */
  readonly said: Said[];
}

function runCommand(
  command: string,
  args: readonly string[],
  { env, folder, lifetime, said }: CommandPlace,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    // In a group of its own, so that what it started ends with it.
    const child = spawn(command, args, {
      cwd: folder,
      env: {
        PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
        HOME: folder,
        TMPDIR: folder,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const forget = lifetime.add(() => killGroup(child, "SIGKILL"));
    const timer = setTimeout(() => killGroup(child, "SIGKILL"), TIMEOUT_MS);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (exitCode) => {
      clearTimeout(timer);
      forget();
      said.push({
        command: [basename(args[0] ?? command), ...args.slice(1)].join(" "),
        exitCode,
        stdout,
        stderr,
      });
      resolve({ exitCode, stdout, stderr });
    });
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
    throw new Error(`${args.slice(0, 3).join(" ")} ended with ${result.exitCode}:\n${said}`);
  }
  return result;
}

/** The project's own command line. */
export const doubletake = (args: readonly string[], place: CommandPlace): Promise<CommandResult> =>
  runCommand(process.execPath, [join(ROOT, "bin/doubletake.ts"), ...args], place);
