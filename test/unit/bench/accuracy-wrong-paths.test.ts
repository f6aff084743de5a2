import { describe, expect, test } from "@jest/globals";
import { renderWrongPaths } from "../../../bench/accuracy/wrong-paths.ts";
import { judgedPath, pathWith } from "../../support/judged-paths.ts";

describe("renderWrongPaths", () => {
  test("says nothing of paths that are right, or silent or not about the window's edges", () => {
    const edge = {
      mustFind: [],
      innerDuplicates: 0,
      innerDuplicatesOfTimeout: 0,
      verdict: "healthy" as const,
    };
    const paths = [
      judgedPath(),
      pathWith("visibility-expired", "visibility-expired"),
      pathWith("visibility-expired", null, { truth: edge }),
      pathWith("visibility-expired", "visibility-expired", { truth: edge, verdict: "healthy" }),
    ];
    expect(renderWrongPaths(paths)).toBe("");
  });

  test("names the seed, the queue and each mistake", () => {
    const harmful = {
      judgement: "harmful",
      removedPercent: 0,
      predictedAfterPercent: null,
      simulatedAfterPercent: 5,
    } as const;
    const paths = [
      pathWith("throttled", "deleted-too-late", { account: 7, plan: harmful }),
      judgedPath(),
      pathWith("at-least-once", null, { account: 8, logged: "nothing" }),
      judgedPath({ account: 9, flagged: true }),
    ];
    expect(renderWrongPaths(paths).split("\n")).toEqual([
      "seed 7, orders (logged: ids): deleted-too-late said wrongly; throttled missed (50 redeliveries); harmful plan",
      "seed 8, orders (logged: nothing): at-least-once missed (50 redeliveries); 50 duplicates of 1000 messages missed; verdict healthy, not duplicating",
      "seed 9, orders (logged: ids): quiet, but flagged",
      "",
    ]);
  });
});
