import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseIgnoreTag } from "../../../core/scan/ignore-tag.ts";

const DAY_MS = 86_400_000;
const DAY = Date.parse("2027-01-31T00:00:00Z");

describe("parseIgnoreTag", () => {
  test.each([
    ["before that day", DAY - 100 * DAY_MS],
    ["in its last millisecond", DAY + DAY_MS - 1],
  ])("ignored %s", (_, nowMs) => {
    expect(parseIgnoreTag("2027-01-31 load test", nowMs)).toEqual({
      untilMs: DAY + DAY_MS,
      reason: "load test",
    });
  });

  test("over when that day is, UTC", () => {
    expect(parseIgnoreTag("2027-01-31 load test", DAY + DAY_MS)).toBeUndefined();
  });

  test("no tag ignores nothing", () => {
    expect(parseIgnoreTag(undefined, DAY)).toBeUndefined();
  });

  test("blanks around and between are no part of it", () => {
    expect(parseIgnoreTag("  2027-01-31   a reason  ", DAY)).toMatchObject({ reason: "a reason" });
  });

  test.each([
    "",
    "forever",
    "2027-01-31",
    "2027-01-31 ",
    "2027-02-30 no such day",
    "2027-13-01 x",
    "31.01.2027 x",
    "2027-1-31 x",
  ])("%j is not understood, and said so", (value) => {
    expect(parseIgnoreTag(value, DAY)).toContain("its tag doubletake:ignore is not understood");
  });

  test("nothing is ignored for ever, whatever the tag says", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((day) => `${day.toISOString().slice(0, 10)} x`),
        ),
        (value) => {
          const parsed = parseIgnoreTag(value, DAY);
          if (typeof parsed !== "object") return;
          expect(parsed.untilMs).toBeGreaterThan(DAY);
          expect(parseIgnoreTag(value, parsed.untilMs)).toBeUndefined();
        },
      ),
    );
  });
});
