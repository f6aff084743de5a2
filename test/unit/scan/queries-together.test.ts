import { describe, expect, test } from "@jest/globals";
import type { StartedQuery } from "../../../core/scan/documents.ts";
import { queriesTogether } from "../../../core/scan/queries-together.ts";
import { WINDOW } from "../../support/scan-fakes.ts";

/** A query whose log groups are each needed by these paths. */
const query = (queryId: string, ...groups: readonly (readonly number[])[]): StartedQuery => ({
  queryId,
  groups: groups.map((paths, index) => ({
    logGroup: `/logs/${queryId}/${index}`,
    paths: [...paths],
    bytes: 1,
    bytesReadBefore: 0,
  })),
  limit: 1000,
  window: WINDOW,
});

const together = (started: readonly StartedQuery[], isOpen: (index: number) => boolean = () => true) =>
  queriesTogether(started, isOpen).map(({ queries, paths }) => ({
    queries: queries.map((one) => ("queryId" in one ? one.queryId : "")),
    paths: [...paths].toSorted((a, b) => a - b),
  }));

describe("queriesTogether", () => {
  test.each([
    {
      name: "queries of different paths stand alone",
      started: [query("x", [0], [1]), query("y", [2])],
      expected: [
        { queries: ["x"], paths: [0, 1] },
        { queries: ["y"], paths: [2] },
      ],
    },
    {
      name: "a path that needs two holds them together",
      started: [query("x", [0], [1]), query("y", [2]), query("z", [1])],
      expected: [
        { queries: ["y"], paths: [2] },
        { queries: ["x", "z"], paths: [0, 1] },
      ],
    },
    {
      name: "a later query joins two sets",
      started: [query("x", [0]), query("y", [1]), query("z", [0, 1])],
      expected: [{ queries: ["x", "y", "z"], paths: [0, 1] }],
    },
  ])("$name", ({ started, expected }) => {
    expect(together(started)).toEqual(expected);
  });

  test("paths that are done hold nothing together, and their queries are needed no more", () => {
    const started = [query("x", [0], [1]), query("y", [1]), query("z", [2, 1])];
    expect(together(started, (index) => index !== 1)).toEqual([
      { queries: ["x"], paths: [0] },
      { queries: ["z"], paths: [2] },
    ]);
  });
});
