// When to list and when to ask one by one: a listing shows the whole account, of which a scan may want little.
import { AccountUnreadableError } from "../core/errors.ts";
import { resourceError } from "./errors.ts";

/** Resources that are asked for one by one without further thought. */
const FEW = 10;

interface Page<T> {
  readonly entries: Iterable<readonly [key: string, value: T]>;
  /** Of the next page; absent or empty on the last one. */
  readonly token: string | undefined;
}

export interface Listing<T> {
  readonly byKey: ReadonlyMap<string, T>;
  /** True when the listing was read to its end: what is not in it was not there. */
  readonly complete: boolean;
}

/**
 * Lists page by page while that takes fewer calls than asking for each that is still wanted. A listing that may not be
 * read, or fails, gives what it gave so far: whoever called asks for the rest, and learns the reason there (I9).
 * @param action the IAM action that is called, "service:Operation".
 * @throws AccountUnreadableError when nothing can be read at all.
 */
export async function listWanted<T>(
  wanted: Iterable<string>,
  action: string,
  readPage: (token: string | undefined) => Promise<Page<T>>,
): Promise<Listing<T>> {
  const missing = new Set(wanted);
  const byKey = new Map<string, T>();
  if (missing.size <= FEW) return { byKey, complete: false };
  let token: string | undefined;
  for (let pages = 0; missing.size > pages; pages += 1) {
    const page = await readPage(token).catch((error: unknown) => {
      const trouble = resourceError(error, action, action);
      if (trouble instanceof AccountUnreadableError) throw trouble;
      return undefined;
    });
    if (page === undefined) break;
    for (const [key, value] of page.entries) {
      byKey.set(key, value);
      missing.delete(key);
    }
    token = page.token || undefined;
    if (token === undefined) return { byKey, complete: true };
  }
  return { byKey, complete: false };
}
