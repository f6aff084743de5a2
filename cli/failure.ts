// Whatever went wrong becomes one clear sentence and an exit code; the stack trace is for those who ask.
import { plainText } from "../report/text/sanitise.ts";
import { EXIT, type Io } from "./io.ts";

/** Exit codes by the error's `name`, which survives the workflow's interpreter where the class does not. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  ConfigError: EXIT.usage,
  AccountUnreadableError: EXIT.unreadable,
  UnreadableError: EXIT.unreadable,
  TransientError: EXIT.unreadable,
};

/** Writes the sentence to stderr. @returns the exit code. */
export function reportFailure(error: unknown, io: Io): number {
  const known = findKnown(error);
  const debug = (io.env["DOUBLETAKE_DEBUG"] ?? "") !== "";
  if (known !== undefined) {
    const hint =
      known.name === "TransientError" && !known.message.includes("try again") ? "; try again later" : "";
    io.stderr(`doubletake: ${multiLine(known.message)}${hint}\n`);
  } else {
    const message = error instanceof Error ? error.message : String(error);
    const hint = debug ? "" : " (set DOUBLETAKE_DEBUG=1 for the stack trace)";
    io.stderr(`doubletake: unexpected failure: ${plainText(message)}${hint}\n`);
  }
  if (debug && error instanceof Error) io.stderr(`${describeChain(error)}\n`);
  return EXIT_CODES[known?.name ?? ""] ?? EXIT.unreadable;
}

/** The error itself, or the nearest cause, that was thrown on purpose. */
function findKnown(error: unknown): Error | undefined {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (Object.hasOwn(EXIT_CODES, each.name)) return each;
  }
  return undefined;
}

/** Configuration errors list their problems on lines of their own. */
function multiLine(message: string): string {
  return message
    .split("\n")
    .map((line) => (line.startsWith("  ") ? `  ${plainText(line)}` : plainText(line)))
    .join("\n");
}

function describeChain(error: Error): string {
  const stacks: string[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    stacks.push(each.stack ?? String(each));
  }
  return stacks.join("\ncaused by: ");
}
