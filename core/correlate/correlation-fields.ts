// Configured correlation fields and patterns, compiled once.
import { ConfigError } from "../errors.ts";
import type { CorrelationField } from "../model/settings.ts";
import { allMatches } from "./all-matches.ts";
import { compact } from "./compact.ts";

export interface FoundCorrelation {
  readonly field: string;
  readonly value: string;
  /** Position in the line. */
  readonly at: number;
}

export interface CorrelationFinder {
  find(line: string): readonly FoundCorrelation[];
}

const NONE: readonly FoundCorrelation[] = [];

/** Written where there is no id: not something that two messages share. */
const EMPTY_VALUES = new Set(["null", "undefined", "None", "nil", "true", "false", "unknown"]);

/**
 * A finder for the configured fields: a named field in any shape (`"name":"x"`, `name: 'x'`, `name=x`, an SQS
 * message attribute with `stringValue`), or a pattern's first group.
 * @throws ConfigError when a pattern is no regular expression.
 */
export function correlationFinder(fields: readonly CorrelationField[]): CorrelationFinder {
  const compiled = fields.map((field) =>
    "pattern" in field
      ? { field: field.name, gate: "", regex: compilePattern(field.pattern) }
      : { field: field.name, gate: field.name, regex: namedField(field.name) },
  );
  const everyHasName = fields.every((field) => !("pattern" in field));
  const anyName = new RegExp(fields.map(({ name }) => escaped(name)).join("|"));
  return {
    find(line) {
      if (everyHasName && !anyName.test(line)) return NONE;
      const found: FoundCorrelation[] = [];
      for (const { field, gate, regex } of compiled) {
        if (!line.includes(gate)) continue;
        for (const { 1: value, index: at } of allMatches(line, regex)) {
          if (value && !EMPTY_VALUES.has(value)) found.push({ field, value: compact(value), at });
        }
      }
      return found;
    },
  };
}

/** @throws ConfigError when it is no regular expression or has no capture group. */
export function compilePattern(pattern: string): RegExp {
  try {
    const regex = new RegExp(pattern, "g");
    const [nothing] = "".matchAll(new RegExp(`${pattern}|`, "g"));
    if (nothing && nothing.length > 1) return regex;
  } catch (cause) {
    throw new ConfigError(`expected a regular expression, got ${JSON.stringify(pattern)}`, { cause });
  }
  throw new ConfigError(`expected a pattern with one capture group, got ${JSON.stringify(pattern)}`);
}

function namedField(name: string): RegExp {
  const attribute = "(?:\\{[^{}]{0,40}?[sS]tringValue\\W{1,8})?";
  return new RegExp(
    `(?<![\\w-])${escaped(name)}\\\\*["']?\\s*(?:=>|[:=])\\s*${attribute}(?:Some\\()?\\\\*["']?(\\w[^\\s"'\\\\,;)}\\]]{0,199})`,
    "g",
  );
}

/** As literal text in a regular expression. */
function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
