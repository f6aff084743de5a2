import { describe, expect, test } from "@jest/globals";
import { buildLogQuery } from "../../../core/correlate/log-query.ts";
import { ScanSettings } from "../../../core/model/settings.ts";

const settings = (over: object = {}) => ScanSettings.parse(over);

describe("buildLogQuery", () => {
  test("reads time, stream and message, oldest first, up to the limit", () => {
    const { query, limit } = buildLogQuery(settings({ maxLogRows: 5000 }));
    const lines = query.split("\n");
    expect(limit).toBe(5000);
    expect(lines[0]).toBe("fields @timestamp, @log, @logStream, @message");
    expect(lines.slice(-2)).toEqual(["| sort @timestamp asc", "| limit 5000"]);
  });

  test("asks for every line with a UUID and for every configured field", () => {
    const { query } = buildLogQuery(settings({ correlationFields: [{ name: 'or"der\\Id' }] }));
    expect(query).toContain("| filter @message like /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-");
    expect(query).toContain('or @message like "or\\"der\\\\Id"');
    expect(query).toContain('or @message like "Task timed out"');
  });

  test("hands configured patterns on with their slashes escaped once", () => {
    const { query } = buildLogQuery(
      settings({
        messageIdPatterns: ["a/b\\/c([0-9a-f-]{36})"],
        correlationFields: [{ name: "o", pattern: "order=(?:x)(\\d+)" }],
      }),
    );
    expect(query).toContain("@message like /a\\/b\\/c([0-9a-f-]{36})/");
    expect(query).toContain("@message like /order=(?:x)(\\d+)/");
  });

  test.each([
    { why: "a lookbehind", over: { messageIdPatterns: ["(?<=id )(x)"] } },
    { why: "a back reference", over: { messageIdPatterns: ["(x)\\1"] } },
    { why: "a line break", over: { messageIdPatterns: ["(x)\n| limit 1"] } },
    { why: "a line break in a name", over: { correlationFields: [{ name: "x\n| limit 1" }] } },
    {
      why: "more than 10,000 characters",
      over: {
        correlationFields: Array.from({ length: 200 }, (_, i) => ({ name: `field${i}${"x".repeat(60)}` })),
      },
    },
  ])("$why: reads every line but END instead of a wrong part", ({ over }) => {
    const { query } = buildLogQuery(settings(over));
    expect(query).toBe(
      [
        "fields @timestamp, @log, @logStream, @message",
        "| filter @message not like /^END RequestId: /",
        "| sort @timestamp asc",
        "| limit 100000",
      ].join("\n"),
    );
  });
});
