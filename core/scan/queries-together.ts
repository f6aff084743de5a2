// Which log queries have to be read together: a path is judged from the rows of all its log groups.
import type { StartedQuery } from "./documents.ts";

/** Queries with the paths that need them. No path of another set needs one of them. */
export interface QuerySet {
  readonly queries: readonly StartedQuery[];
  /** Indexes of open paths. */
  readonly paths: ReadonlySet<number>;
}

/**
 * The smallest sets, so that each can be read as soon as its own queries have ended. Queries that no open path needs are
 * in none.
 */
export function queriesTogether(
  started: readonly StartedQuery[],
  isOpen: (index: number) => boolean,
): QuerySet[] {
  let sets: QuerySet[] = [];
  for (const query of started) {
    const paths = new Set(query.groups.flatMap((group) => group.paths).filter(isOpen));
    if (paths.size === 0) continue;
    const joined = sets.filter((set) => [...paths].some((path) => set.paths.has(path)));
    const all = [...joined, { queries: [query], paths }];
    sets = [
      ...sets.filter((set) => !joined.includes(set)),
      {
        queries: all.flatMap(({ queries }) => queries),
        paths: new Set(all.flatMap((set) => [...set.paths])),
      },
    ];
  }
  return sets;
}
