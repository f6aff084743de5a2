// What each function needs: the whole scan once more, without latencies, each function bundled as it is deployed and in a
// Node process of its own whose heap is as large as Lambda lets it be in a function of that size.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { ScanSettings } from "../../core/model/settings.ts";
import type { ScanState } from "../../functions/scan-handlers.ts";
import { runWorkflow } from "../../statemachine/interpreter.ts";
import { type BenchAccount, CREDENTIALS, LEDGER_TABLE, REGION } from "./account.ts";
import type { EnvironmentAnswer } from "./environment-process.ts";
import { firstMessage } from "./first-message.ts";
import { SCAN_STATES } from "./functions.ts";
import { readDefinition } from "./simulate-scan.ts";

/** ProposeChanges needs the other workflow, and has nothing to do with how many paths there are. */
const MEASURED_STATES = SCAN_STATES.filter((state) => state !== "ProposeChanges");

const BUNDLES = fileURLToPath(new URL("../../.cache/bench/scan/", import.meta.url));
const ENTRY = fileURLToPath(import.meta.resolve("./environment-process.ts"));
const WAIT_MS = 20;

export interface FunctionNeeds {
  /** Resident memory of the process at its most. */
  readonly peakBytes: number;
  /** CPU time of loading the function. */
  readonly initMs: number;
  readonly invocations: number;
}

const folderOf = (state: ScanState) => state.replaceAll(/(?<=.)(?=[A-Z])/g, "-").toLowerCase();

/** As infra/app-function.ts does it. */
async function bundle(state: ScanState): Promise<string> {
  const outfile = `${BUNDLES}${folderOf(state)}.mjs`;
  await build({
    entryPoints: [fileURLToPath(new URL(`../../functions/${folderOf(state)}/index.ts`, import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    mainFields: ["module", "main"],
    banner: {
      js: 'import { createRequire as createRequireOfDoubletakeBundle } from "node:module"; const require = createRequireOfDoubletakeBundle(import.meta.url);',
    },
    outfile,
    logLevel: "error",
  });
  return outfile;
}

/**
 * What Lambda's Node.js runtime starts node with: nine tenths for the old heap, a twentieth for half of the young one.
 * Inferred from the command lines of such processes; AWS does not document it.
 */
function heapFlags(memoryMb: number): string[] {
  return [
    `--max-semi-space-size=${Math.max(1, Math.floor(memoryMb * 0.05))}`,
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
  ];
}

/** One invocation after the other, as in one environment. */
class Environment {
  readonly #child: ChildProcess;
  readonly initMs: number;
  #last: Promise<unknown> = Promise.resolve();
  peakBytes = 0;
  invocations = 0;

  constructor(child: ChildProcess, initMs: number) {
    this.#child = child;
    this.initMs = initMs;
  }

  invoke(event: unknown): Promise<unknown> {
    const answered = this.#last.then(() => this.#ask(event));
    this.#last = answered.catch(() => {});
    return answered;
  }

  async #ask(event: unknown): Promise<unknown> {
    const answered = firstMessage<EnvironmentAnswer>(this.#child, "the function");
    this.#child.send(event as object);
    const { answer, error, peakBytes } = await answered;
    this.peakBytes = peakBytes;
    this.invocations += 1;
    if (error !== undefined) throw Object.assign(new Error(error.message), { name: error.name });
    return answer;
  }

  close(): void {
    this.#child.kill();
  }
}

async function startEnvironment(path: string, memoryMb: number, env: Record<string, string>) {
  const child = fork(ENTRY, [path], {
    execArgv: heapFlags(memoryMb),
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const { initMs } = await firstMessage<{ initMs: number }>(child, "the function");
  return new Environment(child, initMs);
}

export interface MemoryOptions {
  readonly account: BenchAccount;
  readonly atMs: number;
  readonly settings: ScanSettings;
  /** Given to each function. */
  readonly memoryMb: number;
}

/** Each state's function in one environment, which therefore sees more than each of several would. */
export async function measureFunctions(options: MemoryOptions): Promise<Record<string, FunctionNeeds>> {
  const { account, atMs, settings, memoryMb } = options;
  const env = {
    AWS_ENDPOINT_URL: account.url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    LEDGER_TABLE,
    SETTINGS: JSON.stringify(settings),
    DIGEST_TOPIC_ARN: account.topicArn,
    DIGEST_SUBSCRIBERS: "",
    POWERTOOLS_TRACE_ENABLED: "false",
  };
  const environments = new Map<ScanState, Environment>();
  try {
    for (const state of MEASURED_STATES) {
      environments.set(state, await startEnvironment(await bundle(state), memoryMb, env));
    }
    const handlers = Object.fromEntries(
      [...environments].map(([state, environment]) => [state, (event: unknown) => environment.invoke(event)]),
    );
    await runWorkflow({
      definition: readDefinition(),
      handlers: { ...handlers, ProposeChanges: async () => ({ proposed: 0, open: 0 }) },
      input: { scheduledTime: new Date(atMs).toISOString() },
      executionName: `bench-memory-${atMs}`,
      waitMs: WAIT_MS,
      retryMs: WAIT_MS,
    });
    return Object.fromEntries(
      [...environments].map(([state, { peakBytes, initMs, invocations }]) => [
        state,
        { peakBytes, initMs, invocations },
      ]),
    );
  } finally {
    for (const environment of environments.values()) environment.close();
  }
}
