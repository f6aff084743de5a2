// Filter patterns of FilterLogEvents, the unstructured kind: `a b` (both), `?a ?b` (either), `-a` (not),
// `"a phrase"`, `%a regex%`. JSON and space-delimited patterns are not modelled and are refused.
import { SimulatedAwsError } from "../account.ts";

type Matcher = (message: string) => boolean;

const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|([^\s"%]+))/y;

function refuse(reason: string): never {
  throw new SimulatedAwsError("InvalidParameterException", `Invalid filter pattern: ${reason}`);
}

function matcherOf(match: RegExpExecArray): Matcher {
  const [, , quoted, regex, word] = match;
  if (regex !== undefined) {
    try {
      const pattern = new RegExp(regex);
      return (message) => pattern.test(message);
    } catch {
      return refuse(`%${regex}% is not a regular expression`);
    }
  }
  const text = quoted?.replace(/\\(.)/g, "$1") ?? word ?? "";
  return (message) => message.includes(text);
}

/** @throws SimulatedAwsError InvalidParameterException for a pattern that is not modelled. */
export function compileFilterPattern(pattern: string): Matcher {
  const trimmed = pattern.trim();
  if (/^[{[]/.test(trimmed)) {
    refuse("JSON and space-delimited patterns are not modelled by this simulated account");
  }
  const all: Matcher[] = [];
  const any: Matcher[] = [];
  for (let position = 0; position < trimmed.length; ) {
    TERM.lastIndex = position;
    const match = TERM.exec(trimmed);
    if (match === null) {
      return refuse(`cannot read '${trimmed.slice(position)}'`);
    }
    const matches = matcherOf(match);
    if (match[1] === "?") {
      any.push(matches);
    } else {
      all.push(match[1] === "-" ? (message) => !matches(message) : matches);
    }
    position = TERM.lastIndex + (/^\s*/.exec(trimmed.slice(TERM.lastIndex))?.[0].length ?? 0);
  }
  return (message) =>
    all.every((matches) => matches(message)) && (any.length === 0 || any.some((matches) => matches(message)));
}
