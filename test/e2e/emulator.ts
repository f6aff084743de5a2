// Installs and runs the AWS emulator MiniStack (Python) in a virtual environment of its own, on loopback only.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Pinned: the emulator's gaps listed in docs/testing.md are those of this version. */
const MINISTACK_VERSION = "1.5.33";
const START_TIMEOUT_MS = 60_000;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The machine cannot run the emulator at all; never the same as a failed test. */
export class EmulatorUnavailableError extends Error {
  override readonly name = "EmulatorUnavailableError";
}

export interface Emulator {
  readonly url: string;
  /** Environment that points an SDK or CLI client at it, and at nothing else. */
  readonly clientEnv: Readonly<Record<string, string>>;
  readonly logFile: string;
  stop(): Promise<void>;
}

async function findPython(): Promise<string> {
  const check = "import sys, venv, ensurepip; raise SystemExit(0 if sys.version_info >= (3, 10) else 1)";
  for (const python of ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"]) {
    const works = await run(python, ["-c", check]).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  throw new EmulatorUnavailableError("needs Python >= 3.10 with the venv module, and found none in PATH");
}

async function installEmulator(cacheFolder: string): Promise<string> {
  const home = join(cacheFolder, `ministack-${MINISTACK_VERSION}`);
  const bin = join(home, "bin", "ministack");
  if (existsSync(bin)) return bin;
  const python = await findPython();
  mkdirSync(cacheFolder, { recursive: true });
  await run(python, ["-m", "venv", "--clear", home]);
  await run(join(home, "bin", "pip"), [
    "install",
    "--quiet",
    "--disable-pip-version-check",
    `ministack==${MINISTACK_VERSION}`,
  ]).catch((error: unknown) => {
    throw new EmulatorUnavailableError("pip could not install the emulator", { cause: error });
  });
  return bin;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

async function waitUntilReady(url: string, child: ChildProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break;
    const ready = await fetch(`${url}/_ministack/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the emulator did not answer within ${START_TIMEOUT_MS / 1000} s; its log: ${logFile}`);
}

export interface EmulatorOptions {
  /** Name of the log file, without its ending. @default "ministack" */
  readonly name?: string;
  /** More environment, which the functions that it runs see too. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts the emulator on a free loopback port.
 * @throws EmulatorUnavailableError when this machine cannot run it.
 */
export async function startEmulator(
  cacheFolder: string,
  { name = "ministack", env = {} }: EmulatorOptions = {},
): Promise<Emulator> {
  const bin = await installEmulator(cacheFolder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(cacheFolder, `${name}.log`);
  const log = openSync(logFile, "w");
  // Outside the project, whose package.json would make ES modules of the emulator's own scripts.
  const scratch = mkdtempSync(join(tmpdir(), "doubletake-e2e-"));
  const child = spawn(bin, [], {
    env: {
      // The functions run in the Node.js that runs this file.
      PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
      HOME: process.env["HOME"],
      // It leaves the code of every function there.
      TMPDIR: scratch,
      ...env,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: "127.0.0.1",
    },
    stdio: ["ignore", log, log],
  });
  const exited = once(child, "exit");
  const endWithUs = () => {
    child.kill("SIGTERM");
    rmSync(scratch, { recursive: true, force: true });
    process.exit(1);
  };
  for (const signal of SIGNALS) process.once(signal, endWithUs);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await exited;
    clearTimeout(timer);
    for (const signal of SIGNALS) process.off(signal, endWithUs);
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(url, child, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    logFile,
    stop,
    clientEnv: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    },
  };
}
