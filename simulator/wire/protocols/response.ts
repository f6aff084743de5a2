// What every protocol ends in.

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** JSON with times as epoch seconds, which is how all of AWS's JSON protocols write them. */
export function toJson(value: unknown): string {
  // To be called for each key takes more than twice as long, which a page of log rows shows.
  return holdsDate(value) ? JSON.stringify(value, epochSeconds) : JSON.stringify(value);
}

function epochSeconds(this: Record<string, unknown>, key: string, shown: unknown): unknown {
  // Date's own toJSON has already run on `shown`, so look at the original.
  const original = this[key];
  return original instanceof Date ? original.getTime() / 1000 : shown;
}

function holdsDate(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Date) return true;
  if (Array.isArray(value)) return value.some(holdsDate);
  const members = value as Readonly<Record<string, unknown>>;
  for (const key in members) {
    const member = members[key];
    if (typeof member === "object" && holdsDate(member)) return true;
  }
  return false;
}
