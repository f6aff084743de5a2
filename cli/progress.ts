// What is being done, on stderr: one line that rewrites itself on a terminal, plain lines elsewhere.
import { formatDurationMs } from "../report/text/format.ts";
import { plainText } from "../report/text/sanitise.ts";
import { truncate } from "../report/text/wrap.ts";
import type { Io } from "./io.ts";

export interface Progress {
  /** A new step; stays visible when the next one begins. */
  step(text: string): void;
  /** How far the present step is; shown on terminals only. */
  detail(text: string): void;
  /** Ends the line; the last step stays visible. */
  end(): void;
}

const CLEAR_LINE = "\r\u001b[2K";

export function createProgress(io: Io, quiet: boolean): Progress {
  if (quiet) return { step: () => {}, detail: () => {}, end: () => {} };
  const startedAtMs = io.nowMs();
  const elapsed = () => formatDurationMs(io.nowMs() - startedAtMs).padStart(7);
  let current: string | undefined;
  const show = (text: string) => {
    io.stderr(`${CLEAR_LINE}${truncate(`${elapsed()}  ${plainText(text)}`, io.columns - 1)}`);
  };
  const end = () => {
    if (io.isErrorTerminal && current !== undefined) {
      show(current);
      io.stderr("\n");
    }
    current = undefined;
  };
  return {
    step(text) {
      end();
      current = text;
      if (io.isErrorTerminal) show(text);
      else io.stderr(`${elapsed()}  ${plainText(text)}\n`);
    },
    detail(text) {
      if (io.isErrorTerminal && current !== undefined) show(`${current}: ${text}`);
    },
    end,
  };
}
