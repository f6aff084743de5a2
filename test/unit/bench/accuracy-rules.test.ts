import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { RULES, type RuleInput } from "../../../bench/accuracy/rules.ts";
import { ruleInput } from "../../support/judged-paths.ts";

const minutes = (count: number, value: number) => Array.from({ length: count }, () => value);
const consumers = (...pairs: readonly (readonly [timeout: number, window: number])[]) =>
  pairs.map(([functionTimeoutSeconds, batchingWindowSeconds]) => ({
    functionTimeoutSeconds,
    batchingWindowSeconds,
  }));

function ringing(input: RuleInput): string[] {
  return RULES.filter(({ rings }) => rings(input)).map(({ name }) => name);
}

describe("the rules that people use today", () => {
  test("none rings for calm traffic on recommended settings", () => {
    expect(ringing(ruleInput())).toEqual([]);
  });

  test.each<{ name: string; input: Partial<RuleInput>; expected: string[] }>([
    {
      name: "a fifth more invocations than messages",
      input: { invocationsByMinute: minutes(60, 1.2) },
      expected: ["invocations-over-messages"],
    },
    {
      name: "a twentieth more invocations: within the margin",
      input: { invocationsByMinute: minutes(60, 1.05) },
      expected: [],
    },
    {
      name: "invocations and no message sent",
      input: { sentByMinute: minutes(60, 0) },
      expected: ["invocations-over-messages"],
    },
    {
      name: "twice the messages in half the invocations",
      input: { sentByMinute: minutes(60, 2) },
      expected: [],
    },
    {
      name: "visibility one second below the function timeout",
      input: { visibilityTimeoutSeconds: 59 },
      expected: ["below-function-timeout", "below-six-times"],
    },
    {
      name: "visibility equal to the function timeout",
      input: { visibilityTimeoutSeconds: 60 },
      expected: ["below-six-times"],
    },
    {
      name: "six times, but not the batching window on top",
      input: { consumers: consumers([60, 1]) },
      expected: ["below-six-times"],
    },
    {
      name: "the slowest of several consumers counts",
      input: { consumers: consumers([1, 0], [61, 0]) },
      expected: ["below-six-times"],
    },
    { name: "received three times", input: { maxReceiveCount: 3 }, expected: ["receive-count-alarm"] },
    { name: "received twice", input: { maxReceiveCount: 2 }, expected: [] },
    {
      name: "15 minutes at 1.5 times the function timeout",
      input: { oldestAgeSecondsByMinute: [...minutes(20, 0), ...minutes(15, 90), ...minutes(20, 0)] },
      expected: ["oldest-message-alarm"],
    },
    {
      name: "twice 14 such minutes with a gap",
      input: { oldestAgeSecondsByMinute: [...minutes(14, 90), 0, ...minutes(14, 90)] },
      expected: [],
    },
    {
      name: "an hour just below that age",
      input: { oldestAgeSecondsByMinute: minutes(60, 89) },
      expected: [],
    },
  ])("$name → $expected", ({ input, expected }) => {
    expect(ringing(ruleInput(input))).toEqual(expected);
  });

  test("are all described in docs/accuracy.md", () => {
    const page = readFileSync(new URL("../../../docs/accuracy.md", import.meta.url), "utf8");
    expect(RULES.filter(({ title }) => !page.includes(`| ${title} |`))).toEqual([]);
  });

  test("have names that do not repeat", () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  });
});
