// Installs and runs the AWS emulator MiniStack (Python) in a virtual environment of its own, on loopback only.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Lifetime } from "./lifetime.ts";
import { killGroup } from "./process-group.ts";
import { UnavailableError } from "./steps.ts";

const run = promisify(execFile);

/** Pinned: the emulator's gaps listed in docs/testing.md are those of this version. */
const MINISTACK_VERSION = "1.5.33";
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const PYTHONS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

export interface Emulator {
  readonly url: string;
  readonly logFile: string;
}

const succeeds = (command: string, args: readonly string[]): Promise<boolean> =>
  run(command, args).then(
    () => true,
    () => false,
  );

async function findPython(): Promise<string> {
  const check = "import sys, venv, ensurepip; raise SystemExit(0 if sys.version_info >= (3, 10) else 1)";
  for (const python of PYTHONS) if (await succeeds(python, ["-c", check])) return python;
  const old = await run("python3", ["--version"]).then(
    ({ stdout }) => `, only ${stdout.trim()} or one without venv`,
    () => "",
  );
  throw new UnavailableError(`needs Python >= 3.10 with the venv module, and found none in PATH${old}`);
}

async function installEmulator(cacheFolder: string): Promise<string> {
  const home = join(cacheFolder, `ministack-${MINISTACK_VERSION}`);
  const bin = join(home, "bin", "ministack");
  // A cached one may be half installed, or its Python gone.
  if (existsSync(bin) && (await succeeds(join(home, "bin", "python"), ["-c", "import ministack.app"])))
    return bin;
  const python = await findPython();
  mkdirSync(cacheFolder, { recursive: true });
  await run(python, ["-m", "venv", "--clear", home]);
  await run(join(home, "bin", "pip"), [
    "install",
    "--quiet",
    "--disable-pip-version-check",
    `ministack==${MINISTACK_VERSION}`,
  ]).catch((error: unknown) => {
    const said = String(error).trim().split("\n").at(-1);
    throw new UnavailableError(`pip could not install the emulator: ${said}`, { cause: error });
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
  while (Date.now() < deadline && child.exitCode === null) {
    const ready = await fetch(`${url}/_ministack/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the emulator did not answer within ${START_TIMEOUT_MS / 1000} s; its log: ${logFile}`);
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  killGroup(child, "SIGTERM");
  const timer = setTimeout(() => killGroup(child, "SIGKILL"), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
  // The functions that it was running.
  killGroup(child, "SIGKILL");
}

export interface EmulatorOptions {
  readonly cacheFolder: string;
  /** Name of the log file, without its ending. */
  readonly name: string;
  /** More environment, which the functions that it runs see too. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts the emulator on a free loopback port, until `lifetime` ends.
 * @throws UnavailableError when this machine cannot run it.
 */
export async function startEmulator(
  lifetime: Lifetime,
  { cacheFolder, name, env = {} }: EmulatorOptions,
): Promise<Emulator> {
  const bin = await installEmulator(cacheFolder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(cacheFolder, `${name}.log`);
  const log = openSync(logFile, "w");
  // Outside the project, whose package.json would make ES modules of the emulator's own scripts.
  const scratch = mkdtempSync(join(tmpdir(), "doubletake-e2e-"));
  lifetime.add(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
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
    detached: true,
  });
  const exited = once(child, "exit");
  lifetime.add(() => stop(child, exited));
  closeSync(log);
  await waitUntilReady(url, child, logFile);
  return { url, logFile };
}
