import { describe, expect, test } from "@jest/globals";
import type { PlannedQuery } from "../../../core/scan/documents.ts";
import { bytesOf, inParts, isShared, logGroupsOf, singly } from "../../../core/scan/split-query.ts";
import { WINDOW } from "../../support/scan-fakes.ts";

const query = (...bytes: readonly number[]): PlannedQuery => ({
  groups: bytes.map((size, index) => ({
    logGroup: `/logs/${index}`,
    paths: [index],
    bytes: size,
    bytesReadBefore: 0,
  })),
  limit: 1000,
  window: WINDOW,
});
const many = (length: number) => query(...Array.from({ length }, () => 1));

describe("isShared", () => {
  test.each([
    [1, false],
    [2, true],
  ])("of %d log groups: %s", (groups, expected) => {
    expect(isShared(many(groups))).toBe(expected);
  });
});

describe("singly", () => {
  test("each log group alone, with its part of what was read in vain", () => {
    const parts = singly(query(100, 300), 1000);
    expect(parts).toMatchObject([
      { groups: [{ logGroup: "/logs/0", bytesReadBefore: 250 }], limit: 1000, window: WINDOW },
      { groups: [{ logGroup: "/logs/1", bytesReadBefore: 750 }], limit: 1000, window: WINDOW },
    ]);
  });

  test("what was read before stays", () => {
    const [part = many(1)] = singly(query(1, 1), 100);
    expect(singly(part, 7)).toMatchObject([{ groups: [{ bytesReadBefore: 57 }] }]);
  });
});

describe("inParts", () => {
  test.each([
    { groups: 2, sizes: [1, 1] },
    { groups: 9, sizes: [1, 1, 1, 1, 1, 1, 1, 1, 1] },
    { groups: 10, sizes: [4, 4, 2] },
    { groups: 50, sizes: [8, 8, 8, 8, 8, 8, 2] },
  ])("of $groups log groups: $sizes", ({ groups, sizes }) => {
    const parts = inParts(many(groups));
    expect(parts.map((part) => part.groups.length)).toEqual(sizes);
    expect(parts.flatMap(logGroupsOf)).toEqual(logGroupsOf(many(groups)));
  });
});

describe("bytesOf", () => {
  test("the parts are together what was read", () => {
    const { groups } = query(1, 2, 5);
    expect(groups.map((group) => bytesOf(group, groups, 80))).toEqual([10, 20, 50]);
  });
});
