import { describe, expect, test } from "@jest/globals";
import { lastAttempt, patienceLeft, QUERY_PATIENCE_MS } from "../../../core/scan/query-endings.ts";

describe("lastAttempt", () => {
  test.each([
    [5_000, 36],
    [7_000, 26],
    [QUERY_PATIENCE_MS, 1],
  ])("looking every %d ms: %d", (intervalMs, attempts) => {
    expect(lastAttempt(intervalMs)).toBe(attempts);
  });
});

describe("patienceLeft", () => {
  test.each([
    { attempt: 1, waitedMs: 0, left: "plenty" },
    { attempt: 17, waitedMs: 89_999, left: "plenty" },
    { attempt: 18, waitedMs: 0, left: "half" },
    { attempt: 1, waitedMs: 90_000, left: "half" },
    { attempt: 35, waitedMs: 179_999, left: "half" },
    { attempt: 36, waitedMs: 0, left: "none" },
    { attempt: 1, waitedMs: 180_000, left: "none" },
  ])("look $attempt of 36, after $waitedMs ms: $left", ({ attempt, waitedMs, left }) => {
    expect(patienceLeft(attempt, 36, waitedMs)).toBe(left);
  });
});
