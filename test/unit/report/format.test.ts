import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import {
  formatBytes,
  formatDurationMs,
  formatPercent,
  formatSeconds,
  formatUsd,
  functionName,
  plural,
  queueName,
} from "../../../report/text/format.ts";
import { truncate, wrap } from "../../../report/text/wrap.ts";

describe("numbers", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [12_345_678, "12.3 MB"],
    [999_999, "1 MB"],
    [5e9, "5 GB"],
    [123e9, "123 GB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test.each([
    [0, "0 ms"],
    [350.4, "350 ms"],
    [4210, "4.2 s"],
    [45_000, "45 s"],
    [59_990, "1 min"],
    [185_000, "3 min 5 s"],
    [3_600_000, "1 h"],
    [7_800_000, "2 h 10 min"],
  ])("%d ms are %s", (durationMs, text) => {
    expect(formatDurationMs(durationMs)).toBe(text);
  });

  test.each([
    [0, "$0"],
    [0.00001, "less than $0.0001"],
    [0.0042, "$0.0042"],
    [0.5, "$0.5"],
    [12.345, "$12.35"],
  ])("%d dollars are %s", (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });

  test.each([
    [0, "0 %"],
    [0.01, "< 0.1 %"],
    [3.14, "3.1 %"],
    [40, "40 %"],
    [100, "100 %"],
  ])("%d percent is %s", (percent, text) => {
    expect(formatPercent(percent)).toBe(text);
  });

  test("seconds are explained once they are long", () => {
    expect(formatSeconds(30)).toBe("30 s");
    expect(formatSeconds(360)).toBe("360 s (6 min)");
  });

  test("nouns agree with their number", () => {
    expect([plural(1, "message"), plural(1200, "message"), plural(2, "delivery", "deliveries")]).toEqual([
      "1 message",
      "1,200 messages",
      "2 deliveries",
    ]);
  });
});

test("names come out of ARNs, with the alias", () => {
  expect(queueName("arn:aws:sqs:us-east-1:123456789012:orders.fifo")).toBe("orders.fifo");
  expect(functionName("arn:aws:lambda:us-east-1:123456789012:function:pay:live")).toBe("pay:live");
  expect(functionName("no arn")).toBe("no arn");
});

describe("wrap", () => {
  test("breaks at blanks and indents what follows", () => {
    expect(wrap("aaa bbb ccc", 8, "- ", "  ")).toEqual(["- aaa", "  bbb", "  ccc"]);
  });

  test("no line is longer than asked for, and no character is lost", async () => {
    await fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,40}$/), { minLength: 1 }),
        fc.integer({ min: 5, max: 60 }),
        (words, columns) => {
          const lines = wrap(words.join(" "), columns, "   ");
          expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
          expect(lines.join("").replaceAll(" ", "")).toBe(words.join(""));
        },
      ),
    );
  });

  test("truncate says that something is missing", () => {
    expect([truncate("abcdef", 4), truncate("abcd", 4)]).toEqual(["abc…", "abcd"]);
  });
});
