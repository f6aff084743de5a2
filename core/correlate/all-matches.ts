const NONE: readonly RegExpExecArray[] = [];

/**
 * All matches of a global expression, as `matchAll` gives them; that one compiles a copy of the expression for each
 * call, which took longer than the matching.
 */
export function allMatches(text: string, regex: RegExp): readonly RegExpExecArray[] {
  regex.lastIndex = 0;
  let match = regex.exec(text);
  if (match === null) return NONE;
  const found: RegExpExecArray[] = [];
  for (; match !== null; match = regex.exec(text)) {
    found.push(match);
    if (match[0] === "") regex.lastIndex += 1;
  }
  return found;
}
