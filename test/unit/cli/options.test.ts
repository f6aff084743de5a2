import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { editDistance, nearest } from "../../../cli/nearest.ts";
import { describeOptions, parseOptions } from "../../../cli/options.ts";
import {
  parseChoice,
  parseInteger,
  parseMinutes,
  parsePositive,
  parseTime,
  parseUrl,
} from "../../../cli/values.ts";

const TABLE = {
  format: { type: "string", value: "FORMAT", help: "How." },
  queue: { type: "string", value: "PATTERN", multiple: true, help: "Which." },
  quiet: { type: "boolean", help: "Silence." },
} as const;

describe("options", () => {
  test("values, repeated values, flags and = are understood", () => {
    const values = parseOptions("scan", TABLE, ["--format=json", "--queue", "a*", "--queue", "b", "--quiet"]);
    expect({ ...values }).toEqual({ format: "json", queue: ["a*", "b"], quiet: true });
  });

  test("a value may begin with one dash, or with any number after =", () => {
    expect(parseOptions("scan", TABLE, ["--queue", "-a", "--queue=--b"]).queue).toEqual(["-a", "--b"]);
  });

  test.each([
    { args: ["--formt", "json"], message: '"scan" has no option --formt; did you mean --format?' },
    { args: ["--nothing-like-it"], message: '"scan" has no option --nothing-like-it' },
    { args: ["--constructor"], message: '"scan" has no option --constructor' },
    { args: ["-q"], message: '"scan" has no option -q' },
    { args: ["--format"], message: "--format needs a value: --format FORMAT" },
    { args: ["--queue", "--quiet"], message: "--queue needs a value: --queue PATTERN" },
    { args: ["--quiet=yes"], message: '--quiet takes no value, got "yes"' },
    { args: ["orders"], message: '"scan" takes options only, got "orders"' },
    { args: ["--quiet", "--", "orders"], message: '"scan" takes options only, got "orders"' },
  ])("$args is refused in one sentence", ({ args, message }) => {
    expect(() => parseOptions("scan", TABLE, args)).toThrow(
      expect.objectContaining({ name: "ConfigError", message }),
    );
  });

  test("the help is aligned and wrapped", () => {
    const table = { ...TABLE, quiet: { type: "boolean", help: "word ".repeat(20).trim() } } as const;
    const lines = describeOptions(table, 60).split("\n");
    expect(lines[0]).toBe("  --format FORMAT    How.");
    expect(lines[1]).toBe("  --queue PATTERN …  Which.");
    expect(lines.slice(3).every((line) => line.startsWith(`${" ".repeat(21)}word`))).toBe(true);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});

describe("values", () => {
  test.each([
    ["90m", 90],
    ["90 min", 90],
    ["3h", 180],
    ["1.5h", 90],
    ["2d", 2880],
  ])("%s are %d minutes", (text, minutes) => {
    expect(parseMinutes("lookback", text)).toBe(minutes);
  });

  test.each([
    {
      parse: () => parseMinutes("lookback", "3"),
      message: '--lookback: expected a time like 90m, 3h or 2d, got "3"',
    },
    {
      parse: () => parseMinutes("lookback", "0h"),
      message: '--lookback: expected a time like 90m, 3h or 2d, got "0h"',
    },
    {
      parse: () => parseMinutes("lookback", "-3h"),
      message: '--lookback: expected a time like 90m, 3h or 2d, got "-3h"',
    },
    {
      parse: () => parseInteger("port", "80x", 0, 65_535),
      message: '--port: expected a whole number from 0 to 65535, got "80x"',
    },
    {
      parse: () => parseInteger("port", "70000", 0, 65_535),
      message: '--port: expected a whole number from 0 to 65535, got "70000"',
    },
    {
      parse: () => parsePositive("max-log-gb", "0"),
      message: '--max-log-gb: expected a number above 0, got "0"',
    },
    {
      parse: () => parsePositive("max-log-gb", ""),
      message: '--max-log-gb: expected a number above 0, got ""',
    },
    {
      parse: () => parseChoice("format", "jsn", ["table", "json"]),
      message: '--format: expected one of table, json, got "jsn"; did you mean json?',
    },
    {
      parse: () => parseTime("until", "2026-11-23 17:00"),
      message: '--until: expected a time like 2026-11-23T17:00:00Z, got "2026-11-23 17:00"',
    },
    {
      parse: () => parseTime("until", "2026-13-23T17:00:00Z"),
      message: '--until: expected a time like 2026-11-23T17:00:00Z, got "2026-13-23T17:00:00Z"',
    },
    {
      parse: () => parseUrl("endpoint-url", "localhost:4566"),
      message: '--endpoint-url: expected a URL like http://127.0.0.1:4566, got "localhost:4566"',
    },
  ])("$message", ({ parse, message }) => {
    expect(parse).toThrow(expect.objectContaining({ name: "ConfigError", message }));
  });

  test("times keep their zone", () => {
    expect(parseTime("until", "2026-11-23T18:00+01:00")).toBe(Date.parse("2026-11-23T17:00:00Z"));
  });
});

describe("nearest", () => {
  test.each([
    ["scna", "scan"],
    ["smulate", "simulate"],
    ["dmo", "demo"],
    ["frobnicate", undefined],
  ])("%s → %s", (word, expected) => {
    expect(nearest(word, ["scan", "demo", "simulate", "schema"])).toBe(expected);
  });

  test("the distance is 0 only to itself, symmetric, and at most the longer length", async () => {
    const word = fc.stringMatching(/^[a-d]{0,8}$/);
    await fc.assert(
      fc.asyncProperty(word, word, async (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
