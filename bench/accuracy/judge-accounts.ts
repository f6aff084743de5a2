// Many accounts, shared out over the cores.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { JudgedPath } from "./judged-path.ts";

export interface Run {
  readonly accounts: number;
  /** Of the first account; the others follow it. */
  readonly seed: number;
  /** Told after each account. */
  readonly onJudged: (done: number) => void;
}

/** The paths of all accounts, in the order of their seeds. */
export async function judgeAccounts({ accounts, seed, onJudged }: Run): Promise<JudgedPath[]> {
  const judged = new Array<readonly JudgedPath[]>(accounts).fill([]);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    try {
      while (next < accounts) {
        const index = next++;
        judged[index] = await ask(worker, seed + index);
        done += 1;
        onJudged(done);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), accounts) }, work));
  return judged.flat();
}

function ask(worker: Worker, seed: number): Promise<readonly JudgedPath[]> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(new Error(`cannot judge the account of seed ${seed}`, { cause: error }));
    worker.once("error", fail);
    worker.once("message", (paths: readonly JudgedPath[]) => {
      worker.off("error", fail);
      resolve(paths);
    });
    worker.postMessage(seed);
  });
}
