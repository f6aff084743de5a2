import { describe, expect, test } from "@jest/globals";
import { createProgress } from "../../../cli/progress.ts";
import { fakeIo } from "../../support/fake-io.ts";

function run(options: Parameters<typeof fakeIo>[0], quiet = false): string {
  let nowMs = 0;
  const io = fakeIo({ ...options, nowMs: () => nowMs });
  const progress = createProgress(io, quiet);
  progress.step("reading metrics");
  nowMs = 1500;
  progress.detail("3 of 24");
  progress.step("reading logs\u001b[2J");
  progress.end();
  progress.end();
  return io.err();
}

describe("progress", () => {
  test("is plain lines where stderr is no terminal", () => {
    expect(run({})).toBe("   0 ms  reading metrics\n  1.5 s  reading logs\uFFFD[2J\n");
  });

  test("rewrites one line on a terminal and leaves each step behind once", () => {
    const text = run({ isErrorTerminal: true });
    expect(text.split("\n").map((line) => line.split("\r\u001b[2K").at(-1))).toEqual([
      "  1.5 s  reading metrics",
      "  1.5 s  reading logs\uFFFD[2J",
      "",
    ]);
    expect(text).toContain("  1.5 s  reading metrics: 3 of 24");
  });

  test("never fills the last column, which would wrap", () => {
    const lines = run({ isErrorTerminal: true, columns: 20 }).replaceAll("\r\u001b[2K", "\n").split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBe(19);
  });

  test("quiet is silent", () => {
    expect(run({ isErrorTerminal: true }, true)).toBe("");
  });
});
