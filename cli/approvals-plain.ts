// What the approvals function answered comes from somebody's account: made harmless for a terminal, all at once.
import { plainText } from "../report/text/sanitise.ts";

/** A copy in which each text is one line of visible characters. */
export function plainCopy<Value>(value: Value): Value {
  return plainValue(value) as Value;
}

function plainValue(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [plainText(key), plainValue(each)]));
}
