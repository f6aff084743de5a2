// A run as named steps: how long each took, and for one that fails its name, what is known about it, and an exit code.
import { createLifetime, type Lifetime } from "./lifetime.ts";

/** This machine cannot run the test at all; never the same as a failed one. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/** What the run was told cannot be: nobody needs a stack trace for that. */
export class MisconfiguredError extends Error {
  override readonly name = "MisconfiguredError";
}

/** Somebody ended the run. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** 128 and the signal's number, as shells have it. */
const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;
const EXIT = { passed: 0, failed: 1, unavailable: 77 } as const;

export interface Run {
  /** A line of the timeline. */
  say(text: string): void;
  step<Result>(name: string, body: () => Promise<Result>): Promise<Result>;
  /** Asked after a failure, before anything is taken away: lines to print. The last one given is the one asked. */
  onFailure(evidence: () => Promise<readonly string[]>): void;
  readonly lifetime: Lifetime;
}

export interface RunOptions {
  print(line: string): void;
  nowMs(): number;
  /** Rejects with an InterruptedError when somebody ends the run. */
  readonly interrupted: Promise<never>;
}

interface Timed {
  readonly name: string;
  readonly durationMs: number;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`;

/** Plays it, prints what happened, and leaves nothing behind. @returns the exit code. */
export async function runSteps(
  play: (run: Run) => Promise<void>,
  { print, nowMs, interrupted }: RunOptions,
): Promise<number> {
  const startedMs = nowMs();
  const done: Timed[] = [];
  let running: { name: string; startedMs: number } | undefined;
  let evidence = async (): Promise<readonly string[]> => [];
  const lifetime = createLifetime();
  const say = (text: string) => print(`${seconds(nowMs() - startedMs)}  ${text}`);
  const run: Run = {
    say,
    lifetime,
    onFailure: (ask) => {
      evidence = ask;
    },
    step: async (name, body) => {
      running = { name, startedMs: nowMs() };
      const result = await body();
      const durationMs = nowMs() - running.startedMs;
      done.push({ name, durationMs });
      running = undefined;
      say(`✔ ${name} (${seconds(durationMs).trim()})`);
      return result;
    },
  };

  let exitCode: number = EXIT.passed;
  try {
    await Promise.race([play(run), interrupted]);
  } catch (error) {
    exitCode = exitCodeOf(error);
    const where = running === undefined ? "between two steps" : `in the step "${running.name}"`;
    if (error instanceof UnavailableError || error instanceof MisconfiguredError)
      print(`e2e did not run: ${error.message}. Nothing was tested.`);
    else if (error instanceof InterruptedError) say(`${error.message} ${where}`);
    else {
      const took = running === undefined ? "" : `, after ${seconds(nowMs() - running.startedMs).trim()}`;
      say(
        `✘ FAILED ${where}${took}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      for (const line of await evidence().catch((e: unknown) => [`no evidence could be kept: ${e}`]))
        print(line);
    }
  } finally {
    await lifetime.end();
  }
  for (const line of timeline(done, nowMs() - startedMs)) print(line);
  return exitCode;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UnavailableError) return EXIT.unavailable;
  return error instanceof InterruptedError ? INTERRUPTED[error.signal] : EXIT.failed;
}

function timeline(done: readonly Timed[], totalMs: number): string[] {
  if (done.length === 0) return [];
  return [
    "",
    ...done.map(({ name, durationMs }) => `${seconds(durationMs)}  ${name}`),
    `${seconds(totalMs)}  in all, ${done.length} steps`,
  ];
}
