// What the approvals function answered comes from somebody's account: made harmless for a terminal, all at once.
import type { ApprovalAnswer } from "../core/model/approval-commands.ts";
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

/** Legal in JSON, but terminals may take them for escape sequences, or write backwards. */
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The answer itself, indented, ending in a line break. */
export function answerJson(answer: ApprovalAnswer): string {
  const json = JSON.stringify(answer, null, 2).replace(UNSAFE, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
  return `${json}\n`;
}
