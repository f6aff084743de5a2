// Strings cut out of a log line.

/** Written over for each string: a buffer of its own for each took longer than the copying. */
const scratch = Buffer.allocUnsafeSlow(1024);
/** UTF-8 bytes of one UTF-16 unit, at most. */
const MAX_BYTES = 3;

/**
 * A copy that does not keep the whole line alive: engines let a substring share its parent's memory, and a line
 * may hold a message body (invariant I7).
 */
export function compact(text: string): string {
  if (text.length * MAX_BYTES > scratch.length) return Buffer.from(text, "utf8").toString("utf8");
  return scratch.toString("utf8", 0, scratch.write(text, "utf8"));
}
