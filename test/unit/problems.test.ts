import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { ConfigError } from "../../core/errors.ts";
import { CorrelationField, ScanSettings } from "../../core/model/settings.ts";
import { parseConfiguration } from "../../core/problems.ts";

const Schema = z.strictObject({
  name: z.string().min(2).optional(),
  minutes: z.number().int().min(5).max(60).optional(),
  emails: z.array(z.email()).max(1).optional(),
  mode: z.enum(["a", "b"]).optional(),
  only: z.literal("observe").optional(),
  nested: z.strictObject({ on: z.boolean() }).optional(),
  schedule: z
    .string()
    .refine((text) => text.startsWith("rate"), { error: "a rate" })
    .optional(),
  id: z.uuid().optional(),
  fields: z.array(CorrelationField).optional(),
});

function messageOf(value: unknown): string {
  try {
    parseConfiguration(Schema, value, "the settings");
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "no error";
}

describe("parseConfiguration", () => {
  test.each([
    { value: { minutes: "5" }, line: 'minutes: expected a number, got "5"' },
    { value: { minutes: 5.5 }, line: "minutes: expected a whole number, got 5.5" },
    { value: { minutes: 4 }, line: "minutes: expected at least 5, got 4" },
    { value: { minutes: 61 }, line: "minutes: expected at most 60, got 61" },
    { value: { name: "a" }, line: 'name: expected at least 2 characters, got "a"' },
    { value: { name: null }, line: "name: expected a text, got null" },
    { value: { emails: "a@b.org" }, line: 'emails: expected a list, got "a@b.org"' },
    { value: { emails: ["a"] }, line: 'emails[0]: expected an e-mail address, got "a"' },
    {
      value: { emails: ["a@b.org", "c@d.org"] },
      line: 'emails: expected at most 1 entries, got ["a@b.org","c@d.org"]',
    },
    { value: { mode: "c" }, line: 'mode: expected one of "a", "b", got "c"' },
    { value: { only: "auto" }, line: 'only: expected "observe", got "auto"' },
    { value: { nested: {} }, line: "nested.on: expected true or false, got nothing" },
    {
      value: { nested: { on: true, off: 1 } },
      line: "nested.off: expected a known name, got an unknown one",
    },
    { value: { schedule: "hourly" }, line: 'schedule: expected a rate, got "hourly"' },
    { value: { id: "x" }, line: 'id: expected the format uuid, got "x"' },
    { value: [], line: "(whole value): expected an object, got []" },
    {
      value: { fields: [{ name: "order", pattern: "order=" }] },
      line: 'fields[0].pattern: expected a regular expression with one capture group, got "order="',
    },
    {
      value: { fields: [{ name: "order", pattern: "(" }] },
      line: 'fields[0].pattern: expected a regular expression with one capture group, got "("',
    },
  ])("$line", ({ value, line }) => {
    expect(messageOf(value)).toBe(`1 problem in the settings:\n  ${line}`);
  });

  test("all problems are in one message", () => {
    expect(messageOf({ minutes: 1, mode: "c", extra: true }).split("\n")).toEqual([
      "3 problems in the settings:",
      "  minutes: expected at least 5, got 1",
      '  mode: expected one of "a", "b", got "c"',
      "  extra: expected a known name, got an unknown one",
    ]);
  });

  test("a long value is cut", () => {
    expect(messageOf({ mode: "x".repeat(200) }).length).toBeLessThan(160);
  });

  test("a good value comes back parsed, with its defaults", () => {
    expect(parseConfiguration(ScanSettings, { lookbackMinutes: 60 }, "x")).toMatchObject({
      lookbackMinutes: 60,
      settleMinutes: 20,
    });
  });
});

describe("CorrelationField", () => {
  test("a pattern beside the name is kept", () => {
    const field = { name: "order", pattern: "order=(\\d+)" };
    expect(CorrelationField.parse(field)).toEqual(field);
  });
});
