import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type GroupRead, MAX_LOG_GROUPS, packQueries } from "../../../core/scan/pack-queries.ts";
import { WINDOW } from "../../support/scan-fakes.ts";

const MAX_ROWS = 1000;

const read = (index: number, most: number | null, startMs = WINDOW.startMs): GroupRead => ({
  logGroup: `/logs/${index}`,
  window: { startMs, endMs: WINDOW.endMs },
  paths: [index],
  most,
});

const packed = (reads: readonly GroupRead[]) =>
  packQueries(reads, MAX_ROWS).map(({ groups }) => groups.map((group) => group.paths[0]));

describe("packQueries", () => {
  test.each([
    { name: "small ones share a query", sizes: [100, 100, 100], expected: [[0, 1, 2]] },
    {
      name: "up to their rows, at 100 bytes each",
      sizes: [40_000, 60_000, 1],
      expected: [[0, 1], [2]],
    },
    {
      name: "a later one may still fill up the first",
      sizes: [80_000, 80_000, 20_000],
      expected: [[0, 2], [1]],
    },
    { name: "one that may exceed the rows is alone", sizes: [1, 100_001, 1], expected: [[0, 2], [1]] },
    { name: "one of unknown size is alone", sizes: [null, 1, null, 1], expected: [[0], [1, 3], [2]] },
    { name: "one that wrote nothing takes no room", sizes: [100_000, 0], expected: [[0, 1]] },
  ])("$name", ({ sizes, expected }) => {
    expect(packed(sizes.map((most, index) => read(index, most)))).toEqual(expected);
  });

  test("those that are read over another time have a query of their own", () => {
    const earlier = WINDOW.startMs - 60_000;
    expect(packed([read(0, 1), read(1, 1, earlier), read(2, 1), read(3, 1, earlier)])).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  test("a query has at most fifty", () => {
    const reads = Array.from({ length: 120 }, (_, index) => read(index, 1));
    expect(packed(reads).map(({ length }) => length)).toEqual([50, 50, 20]);
  });

  test("each log group is in one query, and no query of several is over its rows", () => {
    const reads = fc
      .array(fc.record({ most: fc.option(fc.nat(120_000)), minutes: fc.nat(2) }), { maxLength: 130 })
      .map((all) =>
        all.map(({ most, minutes }, index) => read(index, most, WINDOW.startMs - minutes * 60_000)),
      );
    fc.assert(
      fc.property(reads, (all) => {
        const queries = packQueries(all, MAX_ROWS);
        const names = queries.flatMap(({ groups }) => groups.map(({ logGroup }) => logGroup));
        expect(names.toSorted()).toEqual(all.map(({ logGroup }) => logGroup).toSorted());
        for (const { groups } of queries.filter((query) => query.groups.length > 1)) {
          const sizes = groups.map(({ logGroup }) => all.find((one) => one.logGroup === logGroup)?.most);
          expect(sizes).not.toContain(null);
          expect(groups.length).toBeLessThanOrEqual(MAX_LOG_GROUPS);
          expect(sizes.reduce<number>((sum, most) => sum + (most ?? 0), 0)).toBeLessThanOrEqual(100_000);
        }
      }),
    );
  });
});
