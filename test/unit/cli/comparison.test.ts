import { describe, expect, test } from "@jest/globals";
import { compareWithTruth, renderComparison, total } from "../../../cli/comparison.ts";
import type { PathTruth } from "../../../cli/simulated-account.ts";
import type { Finding } from "../../../core/model/finding.ts";
import { advisory, finding, queueArn } from "../../support/finding-documents.ts";

const NOISY: PathTruth = {
  scenario: "visibility-expired",
  queueArn: queueArn("orders-created"),
  functionArns: [],
  quiet: false,
  causes: ["visibility-expired"],
  planExpected: true,
  redeliveriesByCause: { "visibility-expired": 14 },
};
const QUIET: PathTruth = { ...NOISY, scenario: "healthy", quiet: true, causes: [], planExpected: false };

function compare(path: PathTruth, findings: Finding[]) {
  return compareWithTruth(findings, [path]);
}

function withoutPlan(overrides: Partial<Finding> = {}): Finding {
  const { plan: _plan, ...rest } = finding();
  return { ...rest, ...overrides };
}

describe("comparison with the ground truth", () => {
  test.each([
    { name: "the cause with its plan is right", path: NOISY, findings: [finding()], misses: [] },
    { name: "measured is enough", path: NOISY, findings: [finding({ evidence: "measured" })], misses: [] },
    {
      name: "exposed is not",
      path: NOISY,
      findings: [finding({ evidence: "exposed" })],
      misses: ["visibility-expired not found"],
    },
    {
      name: "nothing is a miss",
      path: NOISY,
      findings: [],
      misses: ["visibility-expired not found", "no plan where one would help"],
    },
    {
      name: "proof of what never happened is a miss, even beside the right cause",
      path: NOISY,
      findings: [finding(), withoutPlan({ cause: "throttled" })],
      misses: ["throttled called proven, but never happened"],
    },
    {
      name: "unknown claims nothing",
      path: NOISY,
      findings: [finding(), withoutPlan({ cause: "unknown" })],
      misses: [],
    },
    { name: "quiet stays quiet", path: QUIET, findings: [], misses: [] },
    {
      name: "advice does not break the quiet",
      path: QUIET,
      findings: [advisory("orders-created")],
      misses: [],
    },
    {
      name: "exposed does, and so does a plan",
      path: QUIET,
      findings: [finding({ evidence: "exposed" })],
      misses: ["visibility-expired (exposed) on a path that is fine", "a plan where none helps"],
    },
  ])("$name", ({ path, findings, misses }) => {
    expect(compare(path, findings)[0]?.misses).toEqual(misses);
  });

  test("other queues' findings do not count", () => {
    expect(compare(QUIET, [finding({ queueArn: queueArn("other") })])[0]?.misses).toEqual([]);
  });

  test("is shown as a table with a total", () => {
    const rows = [...compare(NOISY, [finding()]), ...compare(QUIET, [finding()])];
    expect(renderComparison(rows)).toBe(
      [
        "  WHAT HAPPENS THERE  RIGHT   WHAT WAS FOUND               PATHS",
        "✓ visibility-expired  1 of 1  proven                       orders-created",
        "✗ quiet               0 of 1  visibility-expired (proven)  orders-created",
        "    orders-created: visibility-expired (proven) on a path that is fine",
        "    orders-created: a plan where none helps",
        "",
        "Against the ground truth: 1 of 2 paths as expected, 1 of them quiet.",
        "",
      ].join("\n"),
    );
    expect(total(rows)).toContain("1 of 2 paths");
  });

  test("what is alike is counted on one line of at most 100 columns", () => {
    const measured = finding({ evidence: "measured" });
    const long = {
      ...NOISY,
      causes: ["several-consumers", "visibility-expired", "producer-duplicate"] as const,
    };
    const rows = [finding(), finding(), measured].flatMap((one) => compare(NOISY, [one]));
    expect(renderComparison(rows)).toMatch(/^✓ visibility-expired {2}3 of 3 {2}2 × proven, 1 × measured$/m);
    const wide = renderComparison([...rows, ...compare({ ...long, causes: [...long.causes] }, [finding()])]);
    expect(Math.max(...wide.split("\n").map((line) => line.length))).toBe(100);
  });
});
