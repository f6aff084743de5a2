// The handlers as Lambda runs them: in environments that take time to start, with a share of a CPU, and up to a time limit.
import type { ScanState } from "../../functions/scan-handlers.ts";
import type { DeployedFunction } from "./functions.ts";
import { NEW_ENVIRONMENT_MS, STATE_MS } from "./latencies.ts";
import type { VirtualClock, Worker } from "./virtual-clock.ts";

/** Memory that comes with one whole CPU. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const ONE_CPU_MB = 1769;

export interface Invocation {
  readonly state: ScanState;
  readonly startMs: number;
  /** Without the environment's start. */
  readonly durationMs: number;
  /** Loading the function, in a new environment; 0 in one that has run before. */
  readonly initMs: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
  readonly outcome: "success" | "error" | "timeout";
}

/** As billed, whole ms. */
export function gigabyteSeconds({ durationMs, initMs, memoryMb }: Invocation): number {
  return ((Math.ceil(durationMs) + Math.ceil(initMs)) / 1000) * (memoryMb / 1024);
}

type Handler = (event: unknown) => Promise<unknown>;

export interface LambdaOptions {
  readonly clock: VirtualClock;
  /** Called for each new environment: what one remembers, the others do not know. */
  readonly load: (state: ScanState) => Handler;
  readonly functions: Readonly<Record<ScanState, DeployedFunction>>;
  /** CPU time that loading a function takes. */
  readonly initMs: number;
  readonly onEnd: (invocation: Invocation) => void;
}

export function lambdaHandlers(options: LambdaOptions): Record<ScanState, Handler> {
  const states = Object.keys(options.functions) as ScanState[];
  return Object.fromEntries(states.map((state) => [state, lambdaHandler(state, options)])) as Record<
    ScanState,
    Handler
  >;
}

function lambdaHandler(state: ScanState, options: LambdaOptions): Handler {
  const { clock, onEnd } = options;
  const { memoryMb, timeoutSeconds } = options.functions[state];
  const idle: Handler[] = [];
  return async (event) => {
    const warm = idle.pop();
    const handler = warm ?? options.load(state);
    // Loading has a whole CPU.
    const initMs = warm === undefined ? options.initMs : 0;
    const startingMs = warm === undefined ? NEW_ENVIRONMENT_MS + initMs : 0;
    const worker: Worker = {
      cpuShare: Math.min(1, memoryMb / ONE_CPU_MB),
      busyUntilMs: 0,
      cpuMs: 0,
      stopped: false,
    };
    await clock.until(clock.now() + STATE_MS + startingMs, worker);
    const startMs = clock.now();
    const end = (outcome: Invocation["outcome"]) => {
      const durationMs = clock.now() - startMs;
      onEnd({ state, startMs, durationMs, initMs, memoryMb, outcome, cpuMs: worker.cpuMs });
      if (outcome !== "timeout") idle.push(handler);
    };
    const timedOut = Promise.withResolvers<never>();
    const limit = clock.at(
      startMs + timeoutSeconds * 1000,
      () => {
        worker.stopped = true;
        end("timeout");
        // Middy ends a function with this error shortly before Lambda ends it with none.
        timedOut.reject(Object.assign(new Error(`${state} ran out of time`), { name: "TransientError" }));
      },
      undefined,
    );
    const run = async () => {
      try {
        const answer = await handler(event);
        await clock.until(clock.now());
        end("success");
        return answer;
      } catch (error) {
        await clock.until(clock.now());
        end("error");
        throw error;
      }
    };
    try {
      return await Promise.race([clock.as(worker, run), timedOut.promise]);
    } finally {
      limit.cancelled = true;
    }
  };
}
