// A query of several log groups that did not work out, as smaller ones, so that one group never stops the others.
import type { PlannedQuery, QueriedGroup } from "./documents.ts";

/** Up to here a query is split into single groups at once. */
const FEW_GROUPS = 9;

export function isShared({ groups }: Pick<PlannedQuery, "groups">): boolean {
  return groups.length > 1;
}

/** Names of the groups that it reads. */
export function logGroupsOf({ groups }: Pick<PlannedQuery, "groups">): string[] {
  return groups.map(({ logGroup }) => logGroup);
}

/**
 * Each group alone.
 * @param bytesScanned what the query has read in vain.
 */
export function singly({ groups, limit, window }: PlannedQuery, bytesScanned = 0): PlannedQuery[] {
  return groups.map((group) => {
    const bytesReadBefore = group.bytesReadBefore + bytesOf(group, groups, bytesScanned);
    return { groups: [{ ...group, bytesReadBefore }], limit, window };
  });
}

/**
 * Queries of some of its groups, to find those that AWS refuses: first of a few, then of one. Of fifty groups one is
 * found with 15 calls instead of fifty, and all fifty with 57.
 */
export function inParts({ groups, limit, window }: PlannedQuery): PlannedQuery[] {
  const size = groups.length > FEW_GROUPS ? Math.ceil(Math.sqrt(groups.length)) : 1;
  const parts = Math.ceil(groups.length / size);
  return Array.from({ length: parts }, (_, part) => ({
    groups: groups.slice(part * size, (part + 1) * size),
    limit,
    window,
  }));
}

/** A group's part of what its query has read, by what each was expected to hold. */
export function bytesOf(group: QueriedGroup, groups: readonly QueriedGroup[], bytesScanned: number): number {
  const all = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  return (bytesScanned * group.bytes) / all;
}
