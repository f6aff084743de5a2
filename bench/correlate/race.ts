// Each contestant in processes of its own, one after the other, so that nobody pays for somebody else's memory.
import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Answer, Cost } from "./answer.ts";
import { jqPipeline } from "./jq.ts";
import { watchChildren } from "./peak-memory.ts";

export const CONTESTANTS = ["doubletake", "duckdb", "jq", "read"] as const;
export type Contestant = (typeof CONTESTANTS)[number];

export interface Result {
  readonly answer: Answer;
  readonly cost: Cost;
}

const ENTRY = fileURLToPath(new URL("../correlate-contestant.ts", import.meta.url));
/** Inside the repository, so that the bundle finds the packages that it does not contain. */
const BUNDLE = fileURLToPath(new URL("../../.cache/bench/correlate-contestant.mjs", import.meta.url));

/**
 * How much room the garbage collector may take. Left alone it fills what the machine has before it looks for garbage;
 * a Lambda function of 256 MB would not let it. Memory grows with the messages, not with the lines, and so does this.
 */
const HEAP_MB = 64;
const HEAP_BYTES_PER_MESSAGE = 240;
const YOUNG_HEAP_MB = 16;

function heapFlags(messages: number): string[] {
  const oldHeapMb = HEAP_MB + Math.ceil((HEAP_BYTES_PER_MESSAGE * messages) / 1e6);
  return [`--max-semi-space-size=${YOUNG_HEAP_MB}`, `--max-old-space-size=${oldHeapMb}`];
}

/** Bundled as it is deployed: to strip types at run time takes 25 MB by itself. */
export async function bundleContestant(): Promise<void> {
  await build({
    entryPoints: [ENTRY],
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    outfile: BUNDLE,
    logLevel: "error",
  });
}

/**
 * @param messages in the file.
 * @returns null when the contestant is not installed.
 */
export async function race(contestant: Contestant, path: string, messages: number): Promise<Result | null> {
  const startedMs = performance.now();
  const flags = contestant === "doubletake" ? heapFlags(messages) : [];
  const result = await (contestant === "jq" ? raceJq(path) : raceNode(contestant, path, flags));
  const wallMs = performance.now() - startedMs;
  return result && { answer: result.answer, cost: { ...result.cost, wallMs } };
}

type Timed = Omit<Result, "cost"> & { readonly cost: Omit<Cost, "wallMs"> };

async function raceNode(name: Contestant, path: string, flags: readonly string[]): Promise<Timed> {
  const { out } = await run(process.execPath, [...flags, BUNDLE, name, path]);
  return JSON.parse(out) as Timed;
}

async function raceJq(path: string): Promise<Timed | null> {
  if (!jqInstalled()) return null;
  const { script, env } = jqPipeline(path);
  const timed = `TIMEFORMAT="%U %S"; time { ${script}; }`;
  const { out, err, peakBytes } = await run("bash", ["-c", timed], env);
  const [messages = 0, deliveries = 0, redelivered = 0] = out.trim().split(" ").map(Number);
  const [userSeconds = 0, systemSeconds = 0] = err.trim().split(" ").map(Number);
  return {
    answer: { messages, deliveries, redelivered },
    cost: { cpuMs: (userSeconds + systemSeconds) * 1000, peakBytes },
  };
}

export function jqInstalled(): boolean {
  return spawnSync("jq", ["--version"]).status === 0;
}

interface Ended {
  readonly out: string;
  readonly err: string;
  readonly peakBytes: number | null;
}

async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const stop = watchChildren(child.pid ?? 0);
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const peakBytes = stop();
  if (code !== 0) throw new Error(`expected ${command} to end with 0, got ${code}: ${err.trim()}`);
  return { out, err, peakBytes };
}
