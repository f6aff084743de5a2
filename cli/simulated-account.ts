// A simulated account that runs in another thread. It is reached over the wire only; what really happened in it is
// told when the scan is over.
import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { PublishedMessage } from "../simulator/server.ts";
import type { TrueAsyncPath, TruePath, TruthSummary } from "../simulator/truth.ts";

export interface ThreadOptions {
  readonly seed: number;
  /** Virtual "now", epoch ms. */
  readonly endMs: number;
  readonly region: string;
}

/** What should have been found on a path, and what happened on it in the window that was asked about. */
export type PathTruth = (TruePath | (TrueAsyncPath & { readonly planExpected: false })) &
  Pick<TruthSummary, "redeliveriesByCause">;

interface Revelation {
  readonly published: readonly PublishedMessage[];
  readonly paths: readonly PathTruth[];
}

export type ThreadRequest =
  | { readonly kind: "reveal"; readonly startMs: number; readonly endMs: number }
  | { readonly kind: "close" };

export type ThreadReply =
  | { readonly kind: "listening"; readonly url: string }
  | ({ readonly kind: "revealed" } & Revelation);

export interface SimulatedAccountThread {
  readonly url: string;
  /** What SNS was given, and the truth of a window of epoch ms. */
  reveal(startMs: number, endMs: number): Promise<Revelation>;
  close(): Promise<void>;
}

export async function startSimulatedAccount(options: ThreadOptions): Promise<SimulatedAccountThread> {
  // Run from source this is a .ts file; in the published bundle both are .js files side by side.
  const entry = new URL(`./simulator-thread${extname(import.meta.url)}`, import.meta.url);
  // Most of what it makes is log lines, gone as soon as they are sent: room for them spares collections.
  const resourceLimits = { maxYoungGenerationSizeMb: 64 };
  const worker = new Worker(entry, { workerData: options, resourceLimits });
  const { url } = await nextReply(worker, "listening");
  return {
    url,
    reveal: (startMs, endMs) => {
      worker.postMessage({ kind: "reveal", startMs, endMs } satisfies ThreadRequest);
      return nextReply(worker, "revealed");
    },
    close: async () => {
      const exited = once(worker, "exit");
      worker.postMessage({ kind: "close" } satisfies ThreadRequest);
      await exited;
    },
  };
}

/** @throws what the thread died of, or that its reply was another. */
async function nextReply<Kind extends ThreadReply["kind"]>(
  worker: Worker,
  kind: Kind,
): Promise<Extract<ThreadReply, { kind: Kind }>> {
  const [reply] = (await once(worker, "message")) as [ThreadReply];
  if (reply.kind === kind) return reply as Extract<ThreadReply, { kind: Kind }>;
  throw new Error(`expected the simulator's thread to say ${kind}, got ${reply.kind}`);
}
