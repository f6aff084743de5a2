// Resident memory of other people's programs, from the kernel's own high-water mark; Linux only.
import { readFileSync } from "node:fs";

const LOOK_EVERY_MS = 20;

/**
 * Watches the children of a process (a shell that runs a pipe).
 * @returns ends the watch; the sum of their peaks in bytes, null where the system does not tell.
 */
export function watchChildren(shell: number): () => number | null {
  const peaks = new Map<string, number>();
  const look = () => {
    for (const child of readText(`/proc/${shell}/task/${shell}/children`).split(" ")) {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readText(`/proc/${child}/status`)) ?? [];
      if (kilobytes !== undefined) peaks.set(child, Number(kilobytes) * 1024);
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    return peaks.size > 0 ? [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0) : null;
  };
}

/** Empty for what is not there, or not any more. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
