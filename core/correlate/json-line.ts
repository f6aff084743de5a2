// Log lines that are one JSON object.

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How every object begins, and few of the texts that merely start with a brace. */
const OBJECT = /^\{\s*["}]/;

/** The object that a line consists of; undefined for text, and for JSON that was cut off. */
export function parseJsonLine(message: string): JsonObject | undefined {
  if (!OBJECT.test(message) || !message.trimEnd().endsWith("}")) return undefined;
  try {
    return JSON.parse(message) as JsonObject;
  } catch {
    return undefined;
  }
}
