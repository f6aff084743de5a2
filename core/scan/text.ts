// Small tools for plain text that has to fit: line width, bytes, characters that SNS takes.

/** Quoted in a reply, a line still fits into 80 columns. */
const WIDTH = 76;

/** Breaks a text into lines of at most 76 characters; a longer word stays whole. */
export function wrap(text: string, indent = "", hangingIndent = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const isEmpty = line.trim() === "";
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = hangingIndent + word;
    } else {
      line += isEmpty ? word : ` ${word}`;
    }
  }
  return line.trim() === "" ? lines : [...lines, line];
}

/** "1 queue", "1,200 queues". */
export const count = (quantity: number, noun: string): string =>
  `${quantity.toLocaleString("en-US")} ${noun}${quantity === 1 ? "" : "s"}`;

/** At most so many characters; of a longer text the beginning and the end, which tell such names apart. */
export function shorten(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const tail = Math.floor((maxChars - 1) / 2);
  return `${text.slice(0, maxChars - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** Printable ASCII only: an SNS subject takes nothing else. */
export function printableAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

const encoder = new TextEncoder();

/** The text, or as many of its first whole lines as fit with the ending into so many bytes of UTF-8. */
export function cutToBytes(text: string, maxBytes: number, ending: string): string {
  if (encoder.encode(text).length <= maxBytes) return text;
  const room = maxBytes - encoder.encode(ending).length;
  const kept: string[] = [];
  let used = 0;
  for (const line of text.split("\n")) {
    used += encoder.encode(line).length + 1;
    if (used > room) break;
    kept.push(line);
  }
  return kept.join("\n") + ending;
}
