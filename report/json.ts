/**
 * What a terminal may take for the start of an escape sequence, or hides, though JSON allows it: control and format
 * characters (bidi, zero-width), line and paragraph separators. Line breaks stay.
 */
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Any JSON value, indented, safe to print on a terminal, ending in a line break. */
export function renderJson(value: unknown): string {
  const escaped = JSON.stringify(value, null, 2).replace(UNSAFE, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
  return `${escaped}\n`;
}
