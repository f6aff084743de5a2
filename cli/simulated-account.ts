// A simulated account that runs in another thread. It is reached over the wire; what really happened in it, and what
// only people outside AWS do or see (their time, their mail), is asked of the thread.
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
  /** Names. @default all that an account has by default */
  readonly scenarios?: readonly string[];
  /** Length of the run before "now". @default 24 */
  readonly hours?: number;
}

/** What should have been found on a path, and what happened on it in the window that was asked about. */
export type PathTruth = (TruePath | (TrueAsyncPath & { readonly planExpected: false })) &
  Pick<TruthSummary, "redeliveriesByCause">;

interface Revelation {
  readonly published: readonly PublishedMessage[];
  readonly paths: readonly PathTruth[];
}

export type ThreadQuestion =
  | { readonly kind: "reveal"; readonly startMs: number; readonly endMs: number }
  | { readonly kind: "published" }
  | { readonly kind: "advance"; readonly timeMs: number }
  | { readonly kind: "confirm-subscriptions" };

export interface ThreadAnswers {
  readonly reveal: Revelation;
  readonly published: readonly PublishedMessage[];
  readonly advance: undefined;
  readonly "confirm-subscriptions": undefined;
}

/** An answer carries its question's id, so that several may be under way. */
export type ThreadRequest =
  | { readonly kind: "question"; readonly id: number; readonly question: ThreadQuestion }
  | { readonly kind: "close" };

export type ThreadReply =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "answer"; readonly id: number; readonly answer: ThreadAnswers[ThreadQuestion["kind"]] };

export interface SimulatedAccountThread {
  readonly url: string;
  /** What SNS was given, and the truth of a window of epoch ms. */
  reveal(startMs: number, endMs: number): Promise<Revelation>;
  /** What SNS was given so far. */
  published(): Promise<readonly PublishedMessage[]>;
  /** Lets the account run on to a virtual time, epoch ms; one that has passed changes nothing. */
  advanceTo(timeMs: number): Promise<void>;
  /** Confirms every pending subscription, as whoever follows the link in the mail does. */
  confirmSubscriptions(): Promise<void>;
  /** What was asked before is answered first. */
  close(): Promise<void>;
}

/** @throws what the thread died of. */
export async function startSimulatedAccount(options: ThreadOptions): Promise<SimulatedAccountThread> {
  // Run from source this is a .ts file; in the published bundle both are .js files side by side.
  const entry = new URL(`./simulator-thread${extname(import.meta.url)}`, import.meta.url);
  // Most of what it makes is log lines, gone as soon as they are sent: room for them spares collections.
  const resourceLimits = { maxYoungGenerationSizeMb: 64 };
  const worker = new Worker(entry, { workerData: options, resourceLimits });
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  const [reply] = (await once(worker, "message")) as [ThreadReply];
  if (reply.kind !== "listening") {
    throw new Error(`expected the simulator's thread to say that it is listening, got ${reply.kind}`);
  }
  const ask = questioner(worker);
  return {
    url: reply.url,
    reveal: (startMs, endMs) => ask({ kind: "reveal", startMs, endMs }),
    published: () => ask({ kind: "published" }),
    advanceTo: (timeMs) => ask({ kind: "advance", timeMs }),
    confirmSubscriptions: () => ask({ kind: "confirm-subscriptions" }),
    close: async () => {
      worker.postMessage({ kind: "close" } satisfies ThreadRequest);
      await exited;
    },
  };
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** @returns what asks the thread; it throws what the thread died of meanwhile. */
function questioner(worker: Worker) {
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let death: Error | undefined;
  const die = (error: Error) => {
    death ??= error;
    for (const { reject } of waiting.values()) reject(death);
    waiting.clear();
  };
  worker.on("message", (reply: ThreadReply) => {
    if (reply.kind !== "answer") return;
    waiting.get(reply.id)?.resolve(reply.answer as never);
    waiting.delete(reply.id);
  });
  worker.on("error", die);
  worker.on("exit", () => die(new Error("the simulator's thread has ended")));

  return <Kind extends ThreadQuestion["kind"]>(
    question: Extract<ThreadQuestion, { kind: Kind }>,
  ): Promise<ThreadAnswers[Kind]> => {
    const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswers[Kind]>();
    if (death !== undefined) {
      reject(death);
      return promise;
    }
    asked += 1;
    waiting.set(asked, { resolve, reject });
    worker.postMessage({ kind: "question", id: asked, question } satisfies ThreadRequest);
    return promise;
  };
}
