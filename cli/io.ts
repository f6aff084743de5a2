// Everything a command may touch of its process, so that tests can run `main` with a fake.

export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True when stdout is a terminal: colours make sense. */
  readonly isTerminal: boolean;
  /** True when stderr is a terminal: a line of progress can be rewritten. */
  readonly isErrorTerminal: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
  /** Epoch milliseconds. */
  nowMs(): number;
  readFile(path: string): Promise<string>;
  /** What is piped in; can be read once. */
  stdin(): AsyncIterable<Uint8Array>;
  /** Calls the listener on Ctrl-C or a request to terminate, until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
}

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** Something at or above the level asked for (`scan`), or a miss (`demo`). */
  findings: 1,
  /** Usage or configuration. */
  usage: 2,
  /** The account could not be read. */
  unreadable: 3,
  /** Ended by Ctrl-C: 128 + SIGINT, as shells expect. */
  interrupted: 130,
} as const;
