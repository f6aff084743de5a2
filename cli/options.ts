// Options as data: the same table parses the command line and writes the help.
import { parseArgs } from "node:util";
import { ConfigError } from "../core/errors.ts";
import { suggestion } from "./nearest.ts";

type OptionSpec =
  | { readonly type: "boolean"; readonly help: string }
  | {
      readonly type: "string";
      /** What the help calls the value, e.g. "MINUTES". */
      readonly value: string;
      readonly help: string;
      readonly multiple?: true;
    };

export type OptionTable = Readonly<Record<string, OptionSpec>>;

export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: Table[Name] extends { readonly type: "boolean" }
    ? boolean
    : Table[Name] extends { readonly multiple: true }
      ? readonly string[]
      : string;
};

/**
 * For a command that takes options only.
 * @throws ConfigError with one sentence that names the option.
 */
export function parseOptions<Table extends OptionTable>(
  command: string,
  table: Table,
  args: readonly string[],
): OptionValues<Table> {
  const { values, operands } = parseArguments(command, table, args);
  const [first] = operands;
  if (first !== undefined) throw new ConfigError(`"${command}" takes options only, got "${first}"`);
  return values;
}

/**
 * Options and what else was named, in any order.
 * @throws ConfigError with one sentence that names the option.
 */
export function parseArguments<Table extends OptionTable>(
  command: string,
  table: Table,
  args: readonly string[],
): { readonly values: OptionValues<Table>; readonly operands: readonly string[] } {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, spec]) => [
      name,
      { type: spec.type, multiple: spec.type === "string" && spec.multiple === true },
    ]),
  );
  // Not strict: its messages speak of parseArgs; the tokens allow better ones.
  const { tokens, values, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (spec === undefined) {
      const hint = suggestion(token.name, Object.keys(table), "--");
      throw new ConfigError(`"${command}" has no option ${token.rawName}${hint}`);
    }
    if (spec.type === "boolean" && token.value !== undefined) {
      throw new ConfigError(`--${token.name} takes no value, got "${token.value}"`);
    }
    // Another option in the value's place is a forgotten value; "--name=-x" still says what it means.
    const forgotten = token.value === undefined || (!token.inlineValue && token.value.startsWith("--"));
    if (spec.type === "string" && forgotten) {
      throw new ConfigError(`--${token.name} needs a value: --${token.name} ${spec.value}`);
    }
  }
  return { values: values as OptionValues<Table>, operands: positionals };
}

/** The options of a command, a line or more each, aligned. */
export function describeOptions(table: OptionTable, columns: number): string {
  const entries = Object.entries(table).map(([name, spec]) => ({
    left: spec.type === "string" ? `--${name} ${spec.value}${spec.multiple ? " …" : ""}` : `--${name}`,
    help: spec.help,
  }));
  const width = Math.max(...entries.map(({ left }) => left.length));
  return entries.map(({ left, help }) => hanging(`  ${left.padEnd(width)}  `, help, columns)).join("\n");
}

function hanging(first: string, text: string, columns: number): string {
  const indent = " ".repeat(first.length);
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(" ")) {
    const fits = line.length + word.length + 1 <= Math.max(columns, first.length + 30);
    if (!fits) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join("\n");
}
