// The answer of a child process.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** @throws when the process ends instead. */
export async function firstMessage<T>(child: ChildProcess, what: string): Promise<T> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([message]) => message as T),
      once(child, "exit", { signal }).then(([code, killedBy]): never => {
        throw new Error(`expected an answer of ${what}, its process ended with ${code ?? killedBy}`);
      }),
    ]);
  } finally {
    waiting.abort();
  }
}
