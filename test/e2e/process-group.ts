// A process that was spawned `detached`, and all that it started itself.
import type { ChildProcess } from "node:child_process";

/** Does nothing where none of them runs any more. */
export function killGroup({ pid }: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
