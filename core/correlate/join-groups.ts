// Overlapping groups, joined: messages that share any number of ids, even in a chain, are one piece of work.
import { compareText } from "./compare-text.ts";

export interface Group {
  /** Of joined groups the smallest, so that the order of input does not matter. */
  readonly key: string;
  readonly members: readonly string[];
}

/** Joins groups that have a member in common. */
export function groupsOf(groups: readonly Group[]): Group[] {
  const groupOf = new Map<string, Group>();
  for (const group of groups) {
    const touched = new Set(group.members.flatMap((member) => groupOf.get(member) ?? []));
    const joined = [...touched].reduce(join, group);
    for (const member of joined.members) groupOf.set(member, joined);
  }
  return [...new Set(groupOf.values())];
}

function join(a: Group, b: Group): Group {
  return {
    key: compareText(a.key, b.key) < 0 ? a.key : b.key,
    members: [...new Set([...a.members, ...b.members])],
  };
}
