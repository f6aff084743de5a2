// Which change somebody means who typed the beginning of its id.
import { ConfigError } from "../core/errors.ts";
import type { ChangeSummary } from "../core/model/approval-commands.ts";

/** Characters of an id that lists show: a hash begins it, so they tell plans apart. */
const SHORT_ID = 8;
const MOST_NAMED = 5;

export const shortId = ({ id }: Pick<ChangeSummary, "id">): string => id.slice(0, SHORT_ID);

export const isOpen = ({ status }: Pick<ChangeSummary, "status">): boolean => status !== "closed";

/**
 * The same plan proposed again has the same beginning: an open change goes before those that are closed.
 * @throws ConfigError when it is none, or several.
 */
export function findChange(changes: readonly ChangeSummary[], typed: string): ChangeSummary {
  const whole = changes.find(({ id }) => id === typed);
  if (whole !== undefined) return whole;
  const matching = changes.filter(({ id }) => id.startsWith(typed));
  const open = matching.filter(isOpen);
  const meant = open.length > 0 ? open : matching;
  const [first, ...others] = meant;
  if (first === undefined) {
    throw new ConfigError(
      `there is no change "${typed}"; "doubletake approvals list --all" shows those that there are`,
    );
  }
  if (others.length > 0) {
    const named = meant.slice(-MOST_NAMED).map(({ id }) => id);
    const more = meant.length - named.length;
    throw new ConfigError(
      `"${typed}" begins ${meant.length} changes, name one: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
    );
  }
  return first;
}
