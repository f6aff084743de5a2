// Ctrl-C as a value that work can race against.
import type { Io } from "./io.ts";

export type Interruptible<T> =
  | { readonly interrupted: false; readonly value: T }
  | { readonly interrupted: true };

/**
 * Waits for the work, but not beyond a Ctrl-C. The work itself is not stopped: what it has open is for the caller
 * to close. A second Ctrl-C ends the process at once.
 */
export async function untilInterrupted<T>(io: Io, work: Promise<T>): Promise<Interruptible<T>> {
  const { promise, resolve } = Promise.withResolvers<Interruptible<T>>();
  const unsubscribe = io.onInterrupt(() => {
    unsubscribe();
    resolve({ interrupted: true });
  });
  try {
    return await Promise.race([work.then((value) => ({ interrupted: false, value }) as const), promise]);
  } finally {
    unsubscribe();
    // What fails after the interrupt is no news to anybody.
    work.catch(() => {});
  }
}

/** Resolves at Ctrl-C or a request to terminate. */
export function interruption(io: Io): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = io.onInterrupt(() => {
    unsubscribe();
    resolve();
  });
  return promise;
}
