// The example in docs/how-it-decides.md, computed from the table that the page shows.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { findRatioAnomaly } from "../../../../core/detect/ratio/find-ratio-anomaly.ts";
import { HOUR_MS, WEEK_MS } from "../../../../core/detect/ratio/history.ts";

const page = readFileSync(new URL("../../../../docs/how-it-decides.md", import.meta.url), "utf8");
const rows = [
  ...page.matchAll(/^\| (\d weeks ago|last week|today) \| ([\d,]+) \| ([\d,]+) \| ([\d.]+) \|$/gm),
].map(([, , messages, invocations, ratio]) => ({
  messages: Number(messages?.replace(",", "")),
  invocations: Number(invocations?.replace(",", "")),
  ratio: Number(ratio),
}));
const [example = ""] = /^m = 1\.01\. .*$/m.exec(page) ?? [];
const NOON_MS = Date.parse("2026-11-23T12:00:00Z");

const judge = (today: { readonly messages: number; readonly invocations: number }) =>
  findRatioAnomaly({
    window: { startMs: NOON_MS, endMs: NOON_MS + HOUR_MS },
    ...today,
    history: {
      hours: rows.slice(0, 5).map((row, index) => ({ startMs: NOON_MS - (5 - index) * WEEK_MS, ...row })),
    },
    receivesPerMessage: null,
  });

describe("the worked example of the ratio", () => {
  test("shows five weeks and today, with their ratios", () => {
    expect(rows).toHaveLength(6);
    for (const { messages, invocations, ratio } of rows)
      expect(invocations / messages).toBeCloseTo(ratio, 10);
  });

  test("has the numbers of the page", () => {
    const [today] = rows.slice(-1);
    const result = judge(today ?? { messages: 0, invocations: 0 });
    expect(result).toMatchObject({ basis: "same-weekday-hours", samples: 5, anomalous: true });
    const { baselineMedian, baselineMad, zScore, invocationRatio } = result;
    const rise = ((invocationRatio ?? 0) / (baselineMedian ?? 1) - 1) * 100;
    expect(example).toContain(`m = ${baselineMedian}. `);
    expect(example).toContain(`× 1.4826 = ${baselineMad?.toFixed(3)};`);
    expect(example).toContain(`= ${zScore?.toFixed(1)}, and the rise is ${rise.toFixed(0)} %: anomalous`);
  });

  test("is nothing to tell with a ninth of the messages", () => {
    const { zScore, anomalous } = judge({ messages: 100, invocations: 120 });
    expect(anomalous).toBe(false);
    expect(example).toContain(`With 100 messages and 120 invocations z would be ${zScore?.toFixed(1)}`);
  });
});
