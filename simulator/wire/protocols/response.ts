// What every protocol ends in.

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** JSON with times as epoch seconds, which is how all of AWS's JSON protocols write them. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key: string, shown: unknown) {
    // Date's own toJSON has already run on `shown`, so look at the original.
    const original = this[key];
    return original instanceof Date ? original.getTime() / 1000 : shown;
  });
}
