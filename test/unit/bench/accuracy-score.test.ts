import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { JudgedPath } from "../../../bench/accuracy/judged-path.ts";
import { broughtBackBy, TIMEOUT_TOO_SHORT, WORK_DONE_TWICE } from "../../../bench/accuracy/questions.ts";
import { groupByAccount, score, tally } from "../../../bench/accuracy/score.ts";
import type { Cause } from "../../../core/model/delivery.ts";
import { judgedPath, pathWith } from "../../support/judged-paths.ts";

const EXPIRED = broughtBackBy("visibility-expired");

function scoreOf(paths: readonly JudgedPath[]) {
  return score(groupByAccount(paths), EXPIRED, EXPIRED.doubletake, 1);
}

describe("tally", () => {
  const expired: readonly Cause[] = ["visibility-expired"];
  test.each<{
    name: string;
    mustFind: readonly Cause[];
    mayFind: readonly Cause[];
    said: readonly Cause[];
    counts: string;
  }>([
    {
      name: "found",
      mustFind: expired,
      mayFind: expired,
      said: expired,
      counts: "said 1, right 1, asked 1, found 1",
    },
    {
      name: "missed",
      mustFind: expired,
      mayFind: expired,
      said: [],
      counts: "said 0, right 0, asked 1, found 0",
    },
    {
      name: "a false alarm",
      mustFind: [],
      mayFind: [],
      said: expired,
      counts: "said 1, right 0, asked 0, found 0",
    },
    {
      name: "said of a redelivery at the edge: right, though not asked for",
      mustFind: [],
      mayFind: expired,
      said: expired,
      counts: "said 1, right 1, asked 0, found 0",
    },
    {
      name: "silent about a redelivery at the edge: not missed",
      mustFind: [],
      mayFind: expired,
      said: [],
      counts: "said 0, right 0, asked 0, found 0",
    },
    {
      name: "unknown said: an abstention, no false alarm",
      mustFind: expired,
      mayFind: expired,
      said: ["unknown"],
      counts: "said 0, right 0, asked 1, found 0",
    },
    {
      name: "another cause said: this one missed",
      mustFind: expired,
      mayFind: expired,
      said: ["function-error"],
      counts: "said 0, right 0, asked 1, found 0",
    },
  ])("$name", ({ mustFind, mayFind, said, counts }) => {
    const path = judgedPath({
      truth: { mustFind, mayFind },
      said: said.map((cause) => ({ cause, evidence: "proven" })),
    });
    const { said: saidOf, right, asked, found } = tally([path], EXPIRED, EXPIRED.doubletake);
    expect(`said ${saidOf}, right ${right}, asked ${asked}, found ${found}`).toBe(counts);
  });
});

describe("score", () => {
  test("precision 3 of 4, recall 3 of 5, F1 their harmonic mean", () => {
    const paths = [
      ...Array.from({ length: 3 }, (_, account) =>
        pathWith("visibility-expired", "visibility-expired", { account }),
      ),
      ...Array.from({ length: 2 }, (_, account) => pathWith("visibility-expired", null, { account })),
      pathWith("function-error", "visibility-expired", { account: 3 }),
    ];
    const { precision, recall, f1, support, said, ...intervals } = scoreOf(paths);
    expect([precision, recall, support, said]).toEqual([0.75, 0.6, 5, 4]);
    expect(f1).toBeCloseTo(2 / 3, 10);
    expect(intervals.precisionInterval?.[0]).toBeCloseTo(0.3006, 4);
    expect(intervals.recallInterval?.[1]).toBeCloseTo(0.8824, 4);
    expect(intervals.f1Interval?.[0]).toBeLessThan(2 / 3);
    expect(intervals.f1Interval?.[1]).toBeGreaterThan(2 / 3);
  });

  test.each([
    { name: "no path", paths: [], expected: [null, null, null] },
    { name: "nothing asked, nothing said", paths: [judgedPath()], expected: [null, null, null] },
    {
      name: "nothing asked, one false alarm",
      paths: [pathWith("function-error", "visibility-expired")],
      expected: [0, null, null],
    },
    {
      name: "something asked, nothing said",
      paths: [pathWith("visibility-expired", null)],
      expected: [null, 0, 0],
    },
    {
      name: "something asked, only something else found",
      paths: [pathWith("visibility-expired", null), pathWith("function-error", "visibility-expired")],
      expected: [0, 0, 0],
    },
  ])("$name → precision, recall, F1 $expected", ({ paths, expected }) => {
    const { precision, recall, f1 } = scoreOf(paths);
    expect([precision, recall, f1]).toEqual(expected);
  });

  test("F1 has no interval where the drawn accounts never disagree", () => {
    const paths = [1, 2, 3, 4].map((account) =>
      pathWith("visibility-expired", "visibility-expired", { account }),
    );
    const { f1, f1Interval, precisionInterval } = scoreOf(paths);
    expect([f1, f1Interval]).toEqual([1, null]);
    expect(precisionInterval?.[0]).toBeCloseTo(0.5101, 4);
  });

  test("accounts are drawn whole: more paths of the same few accounts do not narrow the interval", () => {
    const accounts = Array.from({ length: 12 }, (_, account) =>
      pathWith("visibility-expired", account < 6 ? "visibility-expired" : null, { account }),
    );
    const once = scoreOf(accounts).f1Interval;
    const tenfold = scoreOf(Array.from({ length: 10 }, () => accounts).flat()).f1Interval;
    expect(once).not.toBeNull();
    expect(tenfold).toEqual(once);
  });

  const cause = fc.constantFrom<Cause>("visibility-expired", "function-error", "throttled");
  const anyPath = fc
    .tuple(cause, fc.option(cause, { nil: null }), fc.integer({ min: 1, max: 4 }))
    .map(([truth, said, account]) => pathWith(truth, said, { account }));

  test("the order of the paths does not matter, and all of them twice only doubles the counts", () => {
    fc.assert(
      fc.property(fc.array(anyPath, { maxLength: 12 }), (paths) => {
        const { precision, recall, f1, support, said } = scoreOf(paths);
        expect(scoreOf(paths.toReversed())).toMatchObject({ precision, recall, f1, support, said });
        expect(scoreOf([...paths, ...paths])).toMatchObject({
          precision,
          recall,
          f1,
          support: 2 * support,
          said: 2 * said,
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe("the two questions of the side-by-side tables", () => {
  test.each<{ cause: Cause; yes: boolean }>([
    { cause: "visibility-expired", yes: true },
    { cause: "deleted-too-late", yes: true },
    { cause: "function-timeout", yes: false },
    { cause: "partial-batch-replay", yes: false },
  ])("a longer visibility timeout cures $cause: $yes", ({ cause, yes }) => {
    const path = pathWith(cause, cause);
    expect(TIMEOUT_TOO_SHORT.mustSay(path)).toBe(yes);
    expect(TIMEOUT_TOO_SHORT.doubletake(path)).toBe(yes);
  });

  test.each([
    { name: "well inside the window", truth: {}, must: true, may: true },
    {
      name: "only at the window's edges",
      truth: { innerDuplicates: 0, innerDuplicatesOfTimeout: 0 },
      must: false,
      may: true,
    },
    {
      name: "nowhere",
      truth: { duplicates: 0, duplicatesOfTimeout: 0, mustFind: [], mayFind: [] },
      must: false,
      may: false,
    },
  ])("where duplicates lie $name, both must be said: $must, may be said: $may", ({ truth, must, may }) => {
    const path = pathWith("visibility-expired", null, { truth });
    for (const question of [TIMEOUT_TOO_SHORT, WORK_DONE_TWICE]) {
      expect([question.mustSay(path), question.maySay(path)]).toEqual([must, may]);
    }
  });

  test("what was said changes neither question", () => {
    for (const { mustSay, maySay } of [TIMEOUT_TOO_SHORT, WORK_DONE_TWICE]) {
      const silent = pathWith("visibility-expired", null);
      const loud = pathWith("visibility-expired", "visibility-expired");
      expect([mustSay(silent), maySay(silent)]).toEqual([mustSay(loud), maySay(loud)]);
    }
  });

  test("are asked where no line lets a cause be known, too", () => {
    const path = pathWith("visibility-expired", null, { logged: "nothing", truth: { mustFind: [] } });
    expect(EXPIRED.mustSay(path)).toBe(false);
    expect([TIMEOUT_TOO_SHORT.mustSay(path), WORK_DONE_TWICE.mustSay(path)]).toEqual([true, true]);
  });

  test("Doubletake answers the second with its verdict", () => {
    expect(WORK_DONE_TWICE.doubletake(judgedPath({ verdict: "duplicating" }))).toBe(true);
    expect(WORK_DONE_TWICE.doubletake(judgedPath({ verdict: "at-risk" }))).toBe(false);
  });
});
