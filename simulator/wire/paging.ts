// Paging as the services do it: an opaque token that says where the next page begins.

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly nextToken?: string;
}

/** Any JSON value as an opaque token. */
export function encodeToken(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** @returns undefined when the token is not one of ours. */
export function decodeToken(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** @param refuse what to do with a token that is not one of ours; must throw. */
export function pageOf<Item>(
  items: readonly Item[],
  size: number,
  token: string | undefined,
  refuse: () => never,
): Page<Item> {
  const start = token === undefined ? 0 : decodeToken(token);
  if (typeof start !== "number" || !Number.isInteger(start) || start < 0) {
    return refuse();
  }
  const end = start + size;
  const page = items.slice(start, end);
  return end < items.length ? { items: page, nextToken: encodeToken(end) } : { items: page };
}
