// Names, tags, reasons and log-derived text come from somebody else's account: nothing of it may reach a
// terminal as an escape sequence or a page as markup.

/** Control, format (bidi, zero-width), line and paragraph separators, surrogates, private use. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** One line of visible characters; white space becomes one blank, anything else invisible becomes U+FFFD. */
export function plainText(text: string): string {
  return text.replace(/\s+/gu, " ").replace(INVISIBLE, "\uFFFD").trim();
}

/** Like {@link plainText}, but keeps line breaks and indentation: for snippets. */
export function plainLines(text: string): string[] {
  return text
    .replace(/\r\n?/g, "\n")
    .replaceAll("\t", "  ")
    .split("\n")
    .map((line) => line.replace(INVISIBLE, "\uFFFD").trimEnd());
}

/**
 * Text that a Markdown renderer shows as it is: no markup, HTML, link, mention or table cell comes of it.
 * GitHub finds mentions and bare links after it has removed backslashes, so an empty comment parts those.
 */
export function escapeMarkdown(text: string): string {
  return plainText(text)
    .replace(/[\\`*_{}[\]<>#|~&!]/g, "\\$&")
    .replace(/^[-+=]/, "\\$&")
    .replace(/^(\d+)([.)])/, "$1\\$2")
    .replaceAll("@", "@<!-- -->")
    .replace(/:\/\//g, ":<!-- -->//")
    .replace(/www\./gi, "$&<!-- -->");
}

/** A Markdown code span that also survives inside a table cell. */
export function codeSpan(text: string): string {
  const plain = plainText(text).replaceAll("|", "\\|");
  const fence = "`".repeat(longestRun(plain, "`") + 1);
  const pad = plain.startsWith("`") || plain.endsWith("`") || plain === "" ? " " : "";
  return `${fence}${pad}${plain}${pad}${fence}`;
}

/** A fenced Markdown block whose fence is longer than any inside. */
export function codeBlock(lines: readonly string[], language = ""): string {
  const fence = "`".repeat(Math.max(3, longestRun(lines.join("\n"), "`") + 1));
  return [`${fence}${language}`, ...lines, fence].join("\n");
}

function longestRun(text: string, character: string): number {
  let longest = 0;
  let run = 0;
  for (const each of text) {
    run = each === character ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
