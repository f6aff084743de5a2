/**
 * True when the whole text matches the pattern: `*` stands for any characters, `?` for exactly one, everything
 * else for itself.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}
