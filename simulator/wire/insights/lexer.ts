// Logs Insights query text → tokens, command by command.

export type Token =
  | { readonly kind: "name" | "symbol" | "text" | "number" | "duration"; readonly value: string }
  | { readonly kind: "regex"; readonly value: string; readonly pattern: RegExp };

/** The query is not one that this subset understands; becomes MalformedQueryException. */
export class QuerySyntaxError extends Error {
  override readonly name = "QuerySyntaxError";
}

const SPACE = /\s+|#[^\n]*/y;
const TOKENS: readonly [Exclude<Token["kind"], "regex">, RegExp][] = [
  ["duration", /\d+(?:ms|s|m|h|d|w)\b/y],
  ["number", /-?\d+(?:\.\d+)?/y],
  ["name", /[@A-Za-z_][@\w.]*|`[^`]+`/y],
  ["symbol", /!=|<=|>=|=~|[=<>()[\],*|]/y],
];
const TEXT = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y;
const REGEX = /\/((?:[^/\\\n]|\\.)*)\//y;

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

/** Insights writes flags inline, `(?i)` in front. */
function toRegExp(source: string): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(source);
  try {
    return new RegExp(source.slice(inline?.[0].length ?? 0), inline?.[1] ?? "");
  } catch (cause) {
    throw new QuerySyntaxError(`invalid regular expression /${source}/`, { cause });
  }
}

function withoutEscapes(quoted: string): string {
  return quoted.replace(
    /\\(.)/g,
    (_, escaped: string) => ({ n: "\n", t: "\t", r: "\r" })[escaped] ?? escaped,
  );
}

/** @throws QuerySyntaxError at the first character that begins no token. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  next: while (position < query.length) {
    const space = matchAt(SPACE, query, position);
    if (space !== null) {
      position += space[0].length;
      continue;
    }
    const text = matchAt(TEXT, query, position);
    if (text !== null) {
      tokens.push({ kind: "text", value: withoutEscapes(text[1] ?? text[2] ?? "") });
      position += text[0].length;
      continue;
    }
    const regex = matchAt(REGEX, query, position);
    if (regex !== null) {
      const source = regex[1] ?? "";
      tokens.push({ kind: "regex", value: source, pattern: toRegExp(source) });
      position += regex[0].length;
      continue;
    }
    for (const [kind, pattern] of TOKENS) {
      const match = matchAt(pattern, query, position);
      if (match !== null) {
        tokens.push({ kind, value: match[0].replaceAll("`", "") });
        position += match[0].length;
        continue next;
      }
    }
    throw new QuerySyntaxError(
      `unexpected character ${query.slice(position, position + 1)} at offset ${position}`,
    );
  }
  return tokens;
}

/** Tokens of each command between the pipes; empty commands are left out. */
export function splitCommands(tokens: readonly Token[]): Token[][] {
  const commands: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "symbol" && token.value === "|") {
      commands.push([]);
    } else {
      commands.at(-1)?.push(token);
    }
  }
  return commands.filter((command) => command.length > 0);
}
