// A process that a test can look into: what was written, and a Ctrl-C on demand.
import type { Io } from "../../cli/io.ts";

export interface FakeIo extends Io {
  /** What was written so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Presses Ctrl-C. */
  interrupt(): void;
  /** Resolves once somebody listens for Ctrl-C. */
  readonly listening: Promise<void>;
}

export interface FakeIoOptions {
  readonly env?: Record<string, string>;
  readonly isTerminal?: boolean;
  readonly isErrorTerminal?: boolean;
  readonly columns?: number;
  readonly nowMs?: () => number;
  /** Contents by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What is piped in. */
  readonly stdin?: string | Uint8Array;
}

export function fakeIo(options: FakeIoOptions = {}): FakeIo {
  const out: string[] = [];
  const err: string[] = [];
  const listeners = new Set<() => void>();
  const { promise: listening, resolve: heard } = Promise.withResolvers<void>();
  return {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    env: options.env ?? {},
    isTerminal: options.isTerminal ?? false,
    isErrorTerminal: options.isErrorTerminal ?? false,
    columns: options.columns ?? 100,
    nowMs: options.nowMs ?? (() => Date.parse("2026-11-23T17:40:00Z")),
    readFile: (path) => {
      const content = options.files?.[path];
      return content === undefined
        ? Promise.reject(new Error(`ENOENT: no such file, open '${path}'`))
        : Promise.resolve(content);
    },
    async *stdin() {
      yield Buffer.from(options.stdin ?? "");
    },
    onInterrupt: (listener) => {
      listeners.add(listener);
      heard();
      return () => listeners.delete(listener);
    },
    out: () => out.join(""),
    err: () => err.join(""),
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    listening,
  };
}
