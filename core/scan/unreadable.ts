// One resource that cannot be read is a result, never the end of the scan.
import { TransientError, UnreadableError } from "../errors.ts";
import type { Unreadable } from "../model/delivery-path.ts";

/**
 * What to list for a failure on one resource.
 * @param resource named when the error does not name one.
 * @throws the error itself when it is not about one resource (no credentials, a bug).
 */
export function asUnreadable(error: unknown, resource: string): Unreadable {
  if (error instanceof UnreadableError) return { resource: error.resource, reason: error.reason };
  if (error instanceof TransientError) return { resource, reason: error.message };
  throw error;
}

/** The same entries, each once. */
export function distinctUnreadable(entries: readonly Unreadable[]): Unreadable[] {
  return [...new Map(entries.map((entry) => [`${entry.resource}\n${entry.reason}`, entry])).values()];
}
