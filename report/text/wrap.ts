// Paragraphs for a terminal of a given width.

/**
 * Breaks text at blanks so that no line is longer than `columns`, the indentation included; a word that is
 * longer than a line is cut.
 */
export function wrap(text: string, columns: number, indent = "", hangingIndent = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  let empty = true;
  for (const word of text.split(" ").flatMap((each) => cut(each, columns - hangingIndent.length))) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = hangingIndent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line.trimEnd());
  return lines;
}

/** Cuts to `width` with an ellipsis. */
export function truncate(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function cut(word: string, width: number): string[] {
  const size = Math.max(1, width);
  const parts: string[] = [];
  for (let at = 0; at < word.length; at += size) parts.push(word.slice(at, at + size));
  return parts;
}
