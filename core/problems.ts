// Turns every problem that a schema finds into one readable line, for configuration that people write by hand.
import type * as z from "zod";
import { ConfigError } from "./errors.ts";

const LONGEST_VALUE = 80;

/**
 * Parses a value that a person wrote and, when it is wrong, says everything that is wrong with it at once.
 *
 * Refinements of the schema should word their message as what was expected ("a rate or a cron expression").
 *
 * @param subject what is being read, to open the message with, e.g. `the context key "doubletake" in cdk.json`.
 * @throws ConfigError with one line a problem: path, expected and got.
 */
export function parseConfiguration<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  subject: string,
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = describeIssues(result.error.issues);
  const count = `${problems.length} problem${problems.length === 1 ? "" : "s"}`;
  throw new ConfigError([`${count} in ${subject}:`, ...problems].join("\n  "), { cause: result.error });
}

/** One line a problem, "path: expected X, got Y", in the order of the schema. */
function describeIssues(issues: readonly z.core.$ZodIssue[]): string[] {
  // Zod measures a text where it wanted a list ("at most 1 characters"): the type is the only news there.
  const mistyped = new Set(
    issues.filter(({ code }) => code === "invalid_type").map(({ path }) => dotted(path)),
  );
  return issues
    .filter((issue) => issue.code === "invalid_type" || !mistyped.has(dotted(issue.path)))
    .flatMap((issue) => describeIssue(issue, issue.path));
}

function describeIssue(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${dotted([...path, key])}: expected a known name, got an unknown one`);
  }
  const closest = issue.code === "invalid_union" ? closestBranch(issue) : undefined;
  if (closest !== undefined) {
    return closest.flatMap((inner) => describeIssue(inner, [...path, ...inner.path]));
  }
  return [`${dotted(path)}: expected ${expected(issue)}, got ${shown(issue.input)}`];
}

/** The alternative that knows all the names used, and then the one with the fewest objections, was meant. */
function closestBranch(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | undefined {
  const strangeness = (branch: readonly z.core.$ZodIssue[]) =>
    branch.filter(({ code }) => code === "unrecognized_keys").length * 1000 + branch.length;
  return [...issue.errors].sort((a, b) => strangeness(a) - strangeness(b))[0];
}

function dotted(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "(whole value)";
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`,
    )
    .join("");
}

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "too_small":
      return `at least ${issue.minimum}${unit(issue.origin)}`;
    case "too_big":
      return `at most ${issue.maximum}${unit(issue.origin)}`;
    case "invalid_value":
      return `${issue.values.length > 1 ? "one of " : ""}${issue.values.map((value) => shown(value)).join(", ")}`;
    case "invalid_format":
      return issue.format === "email" ? "an e-mail address" : `the format ${issue.format}`;
    default:
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function unit(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
