// An execution environment: one function as it is deployed, one invocation at a time, in a process of its own.
// `node environment-process.ts BUNDLE`, started with an IPC channel on which events come and answers go.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [bundle = ""] = process.argv.slice(2);

export interface EnvironmentAnswer {
  readonly answer?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
  /** The most so far. */
  readonly peakBytes: number;
}

/** Lambda's own limit is not what is measured here. */
const CONTEXT = { functionName: "bench", awsRequestId: "bench", getRemainingTimeInMillis: () => 600_000 };

/** Waits for a turn, or before a retry: who waits needs no memory, and time is not what is measured here. */
const SHORT_WAIT_MS = 10_000;
const FASTER = 20;
const { setTimeout: inRealTime } = globalThis;
globalThis.setTimeout = ((run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) =>
  inRealTime(run, delayMs > SHORT_WAIT_MS ? delayMs : delayMs / FASTER, ...args)) as typeof setTimeout;

const before = process.cpuUsage();
const { handler } = (await import(pathToFileURL(bundle).href)) as {
  readonly handler: (event: unknown, context: unknown) => Promise<unknown>;
};
const { user, system } = process.cpuUsage(before);

/** The kernel's high-water mark. Not `maxRSS`, which begins with what the process that forked this one had. */
function peakBytes(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

process.on("disconnect", () => process.exit());
process.on("message", async (event) => {
  try {
    process.send?.({ answer: await handler(event, CONTEXT), peakBytes: peakBytes() });
  } catch (error) {
    const { name, message } = error as Error;
    process.send?.({ error: { name, message }, peakBytes: peakBytes() });
  }
});
process.send?.({ initMs: (user + system) / 1000 });
