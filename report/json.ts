import type { FindingDocument } from "../core/model/finding.ts";

/** DEL and the C1 controls: legal in JSON, but some terminals take them for the start of an escape sequence. */
const TERMINAL_CONTROLS = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The finding document itself, indented, safe to print on a terminal, ending in a line break. */
export function renderJson(document: FindingDocument): string {
  const escaped = JSON.stringify(document, null, 2).replace(
    TERMINAL_CONTROLS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${escaped}\n`;
}
