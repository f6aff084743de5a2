import { readFile } from "node:fs/promises";
import process from "node:process";
import { EXIT, type Io } from "./io.ts";

const DEFAULT_COLUMNS = 100;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The real process as a command sees it. */
export function processIo(): Io {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // `doubletake scan | head` closes the pipe early: that is no failure worth a word.
    if (error.code === "EPIPE") process.exit();
    process.stderr.write(`doubletake: cannot write the result: ${error.message}\n`);
    process.exit(EXIT.unreadable);
  });
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    env: process.env,
    isTerminal: process.stdout.isTTY === true,
    isErrorTerminal: process.stderr.isTTY === true,
    // A terminal that does not know its width says 0.
    columns: process.stdout.columns || process.stderr.columns || DEFAULT_COLUMNS,
    nowMs: () => Date.now(),
    readFile: (path) => readFile(path, "utf8"),
    stdin: () => process.stdin,
    onInterrupt: (listener) => {
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener);
      };
    },
  };
}
