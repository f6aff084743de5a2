// Strings cut out of a log line.

/**
 * A copy that does not keep the whole line alive: engines let a substring share its parent's memory, and a line
 * may hold a message body (invariant I7).
 */
export function compact(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
