// One event of a log file, whatever the file's format.

export interface FileEvent {
  /** Epoch ms, as CloudWatch stamped it. */
  readonly timestampMs: number;
  /** null where the format does not say. */
  readonly logStream: string | null;
  /** Name of the log group, with its account as Logs Insights writes `@log`; null where the format does not say. */
  readonly logGroup: string | null;
  readonly message: string;
}

/** Receives what a parser finds, in the order of the file. */
export interface EventSink {
  event(event: FileEvent): void;
  /** @param line counted from 1; of what spans several lines the first. */
  unreadable(line: number): void;
}

/** Takes a file's text in pieces that may be cut anywhere. */
export interface EventParser {
  write(text: string): void;
  /** Call once, after the last piece. */
  end(): void;
}
