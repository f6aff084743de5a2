// An asynchronous event as the code of each runtime prints it. Runtimes whose structures print in a form of their own
// are left at JSON, which their code mostly logs.
import { inspect } from "node:util";
import { pythonLiteral, rubyLiteral } from "./event-text.ts";
import type { LogShape } from "./style.ts";

const PRINTERS: Readonly<Partial<Record<LogShape, (event: object) => string>>> = {
  "node-inspect": inspect,
  "node-two-arguments": (event) => `received ${inspect(event)}`,
  "python-print": pythonLiteral,
  "python-logger": pythonLiteral,
  ruby: (event) => rubyLiteral(event, "=>"),
  "ruby-3.4": (event) => rubyLiteral(event, " => "),
};

/** undefined where the code prints no event. */
export function asyncEventText(shape: LogShape, event: object): string | undefined {
  return shape === "none" ? undefined : (PRINTERS[shape]?.(event) ?? JSON.stringify(event));
}
