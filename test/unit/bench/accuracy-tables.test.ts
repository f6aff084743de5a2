import { describe, expect, test } from "@jest/globals";
import { accuracyJson } from "../../../bench/accuracy/json.ts";
import type { JudgedPath } from "../../../bench/accuracy/judged-path.ts";
import { reportAccuracy } from "../../../bench/accuracy/measure.ts";
import { AccuracyReport } from "../../../bench/accuracy/report.ts";
import { renderAccuracy } from "../../../bench/accuracy/tables.ts";
import { f1Bars, shortCount, textTable, withInterval } from "../../../bench/accuracy/text-table.ts";
import { Cause } from "../../../core/model/delivery.ts";
import { estimated, judgedPath, pathWith, ruleInput } from "../../support/judged-paths.ts";

/** Ten accounts: in each an overlap that was found, throttling that was found in nine, and a quiet path. */
function tenAccounts(): JudgedPath[] {
  return Array.from({ length: 10 }, (_, account): JudgedPath[] => [
    pathWith("visibility-expired", "visibility-expired", {
      account,
      rules: ruleInput({ visibilityTimeoutSeconds: 30 }),
      confusion: { "visibility-expired>visibility-expired": 123_456, "first>throttled": 1 },
    }),
    pathWith("throttled", account === 0 ? null : "throttled", {
      account,
      logged: "ids-and-receive-count",
      truth: { duplicates: 0, verdict: "retrying" },
      verdict: account === 0 ? "healthy" : "retrying",
      confusion: { "throttled>throttled": 40, "throttled>not logged": 2, "throttled>not said": 3 },
    }),
    judgedPath({ account, logged: "nothing", ...(account === 1 && { fromNumbers: estimated(1) }) }),
  ]).flat();
}

/** Everything that a matrix can hold, in counts of four characters. */
function everythingConfused(): JudgedPath[] {
  const said = [...Cause.options, "not said", "not logged"];
  const pairs = ["first", ...Cause.options].flatMap((truth) => said.map((cause) => `${truth}>${cause}`));
  const confusion = Object.fromEntries(pairs.map((pair) => [pair, 1_234_567]));
  return [...Array.from({ length: 70 }, tenAccounts).flat(), judgedPath({ confusion })];
}

/** The lines below a title, to the next empty one. */
function section(title: string, text: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(title)) + 2;
  return lines.slice(start, lines.indexOf("", start));
}

/** The cells of a row, found by its label. */
function row(label: string, lines: readonly string[]): string[] | undefined {
  return lines
    .find((line) => line.startsWith(label))
    ?.slice(label.length)
    .trim()
    .split(/ {2,}/);
}

describe("renderAccuracy", () => {
  const text = renderAccuracy(reportAccuracy(1, tenAccounts()));

  test("begins with what was measured on", () => {
    expect(text).toMatch(/ground truth of 10 simulated accounts, 30 paths \(seed 1\)/);
  });

  test("shows each target with its status", () => {
    const targets = section("Targets", text);
    expect(row("F1 of visibility-expired, ids logged", targets)).toEqual(["≥ 0.97", "1.000", "10", "met"]);
    expect(row("F1 of dlq-redrive, ids logged", targets)).toEqual(["≥ 0.9", "–", "0", "no support"]);
    expect(row("quiet paths flagged (%)", targets)).toEqual(["≤ 1", "0", "10", "met"]);
  });

  test("shows Doubletake and the rules side by side, one line each", () => {
    const lines = section("Does this queue's visibility timeout make duplicates?", text);
    expect(lines).toHaveLength(7);
    expect(row("Doubletake", lines)).toEqual(["1.000 (0.72–1.00)", "1.000 (0.72–1.00)", "1.000", "10", "10"]);
    expect(row("visibility < timeout", lines)?.slice(-2)).toEqual(["10", "10"]);
    expect(row("age of oldest message", lines)).toEqual(["–", "0.000 (0.00–0.28)", "0.000", "10", "0"]);
  });

  test("shows a dash, never 0 or 1, for a cause that nothing was drawn for", () => {
    const lines = section("Causes, all paths", text);
    expect(row("several-consumers", lines)).toEqual(["–", "–", "–", "0", "0"]);
    // Worked out by hand in docs/accuracy.md.
    expect(row("throttled", lines)?.[1]).toBe("0.900 (0.59–0.99)");
    expect(row("throttled", section("Causes, ids only logged", text))).toEqual(["–", "–", "–", "0", "0"]);
  });

  test("shows true against said, and leaves out what does not occur", () => {
    expect(section("Redeliveries by true cause", text).slice(0, 4)).toEqual([
      "TRUE CAUSE               1   6 SILENT UNSEEN",
      "   first                 ·  10      ·      ·",
      " 1 visibility-expired 1.2M   ·      ·      ·",
      " 6 throttled             · 400     30     20",
    ]);
    expect(section("Paths by true verdict", text)).toEqual([
      "TRUE VERDICT DUPLICATING RETRYING HEALTHY",
      "duplicating           10        ·       ·",
      "retrying               ·        9       1",
      "healthy                ·        ·      10",
    ]);
  });

  test("drops no cause that it does not know from the matrix", () => {
    const strange = judgedPath({ confusion: { "moon-phase>not sure": 7 } });
    const lines = section("Redeliveries by true cause", renderAccuracy(reportAccuracy(1, [strange])));
    expect(lines.slice(0, 2)).toEqual(["TRUE CAUSE    NOT SURE", "   moon-phase        7"]);
  });

  test("shows how all depends on what is logged", () => {
    const lines = section("By what the consumers log", text);
    expect(row("paths ", lines)).toEqual(["30", "10", "10", "10"]);
    expect(row("verdicts right (%)", lines)?.[1]).toBe("90.0 (59–99)");
    expect(row("… where nothing was done twice", lines)).toEqual(["1", "0", "0", "1"]);
  });

  test.each([
    { name: "nothing drawn", paths: [] },
    { name: "ten accounts", paths: tenAccounts() },
    { name: "each cause taken for each other, on thousands of paths", paths: everythingConfused() },
  ])("no line is wider than 100 columns or ends in a blank: $name", ({ paths }) => {
    const lines = renderAccuracy(reportAccuracy(1, paths)).split("\n");
    expect(lines.filter((line) => line.length > 100 || line !== line.trimEnd())).toEqual([]);
  });
});

describe("accuracyJson", () => {
  const json = accuracyJson(reportAccuracy(1, tenAccounts()));

  test("satisfies the schema and is the report, to six decimals", () => {
    const read = AccuracyReport.parse(JSON.parse(json));
    expect(read.causes["throttled"]).toMatchObject({ precision: 1, recall: 0.9, f1: 0.947368, support: 10 });
    expect(read.byLogged.nothing.paths).toBe(10);
  });

  test("has what programs read at the top", () => {
    expect(JSON.parse(json)).toMatchObject({
      causes: { throttled: { precision: 1, recall: 0.9, support: 10 } },
      verdicts: { accuracy: { count: 29, of: 30 } },
      plans: { right: 0, useless: 0, harmful: 0 },
      quietFlaggedPercent: 0,
      duplicateShareMedianErrorPercent: null,
      baselines: { "below-function-timeout": { precision: 1, recall: 1, f1: 1 } },
      byLogged: { ids: { causes: { throttled: { precision: null, recall: null, f1: null } } } },
    });
  });

  test("is refused when it is not what the schema says", () => {
    const report = reportAccuracy(1, []);
    expect(() => accuracyJson({ ...report, paths: -1 })).toThrow(/paths/);
  });
});

describe("text", () => {
  test("tables align the first column left, the others right", () => {
    expect(
      textTable([
        ["A", "B"],
        ["long", "1"],
        ["s", "22"],
      ]),
    ).toEqual(["A      B", "long   1", "s     22"]);
  });

  test("bars stand for F1 in fiftieths", () => {
    expect(
      f1Bars([
        { label: "all", value: 1 },
        { label: "half", value: 0.5 },
        { label: "none", value: 0 },
        { label: "–", value: null },
      ]),
    ).toEqual([
      `all   F1 1.000  ${"█".repeat(50)}`,
      `half  F1 0.500  ${"█".repeat(25)}`,
      "none  F1 0.000",
      "–     F1     –",
    ]);
  });

  test.each<[number | null, readonly [number, number] | null, number, string]>([
    [0.97, [0.951, 0.983], 3, "0.970 (0.95–0.99)"],
    [0.999, [0.9955, 0.9999], 3, "0.999 (0.99–1.00)"],
    [12.34, [9.8, 14.1], 1, "12.3 (9–15)"],
    [1, null, 3, "1.000"],
    [null, null, 3, "–"],
  ])("%p in %p with %d digits is %p", (value, interval, digits, expected) => {
    expect(withInterval(value, interval, digits)).toBe(expected);
  });

  test.each([
    [0, "·"],
    [9_999, "9999"],
    [10_000, "10k"],
    [999_499, "999k"],
    [999_500, "1.0M"],
    [9_949_999, "9.9M"],
    [9_950_000, "10M"],
  ])("%d is counted as %s", (count, expected) => {
    expect(shortCount(count)).toBe(expected);
  });
});
