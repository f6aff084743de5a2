import { describe, expect, test } from "@jest/globals";
import { App } from "aws-cdk-lib";
import { ConfigError } from "../../core/errors.ts";
import { readConfiguration, type StackConfiguration } from "../../infra/configuration.ts";

function read(doubletake: unknown, other: Record<string, string> = {}): StackConfiguration {
  return readConfiguration(new App({ context: { doubletake, ...other } }).node);
}

/** The lines of the message that follow its first one. */
function problems(doubletake: unknown, other: Record<string, string> = {}): string[] {
  try {
    read(doubletake, other);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message
        .split("\n")
        .slice(1)
        .map((line) => line.trim());
    }
    throw error;
  }
  return [];
}

describe("readConfiguration", () => {
  test("without any context there is a complete configuration", () => {
    expect(readConfiguration(new App().node)).toMatchObject({
      notifyEmail: [],
      alarmEmail: [],
      schedule: "rate(3 hours)",
      lookbackMinutes: 180,
      missedScanHours: 7,
      mode: "observe",
      logRetentionDays: 30,
    });
  });

  test.each([
    { schedule: "rate(30 minutes)", missedScanHours: 3 },
    { schedule: "rate(1 hour)", missedScanHours: 3 },
    { schedule: "rate(1 day)", lookbackMinutes: 1440, missedScanHours: 49 },
    { schedule: "rate(7 days)", lookbackMinutes: 7 * 1440, missedScanHours: 168 },
  ])("$schedule: a scan is missed after $missedScanHours hours", ({ missedScanHours, ...context }) => {
    expect(read(context).missedScanHours).toBe(missedScanHours);
  });

  test("a given missedScanHours is kept", () => {
    expect(read({ missedScanHours: 25, schedule: "cron(0 6 * * ? *)" }).missedScanHours).toBe(25);
  });

  test("-c notifyEmail=… takes a list with commas and wins over cdk.json", () => {
    const configuration = read({ notifyEmail: ["old@example.org"] }, { notifyEmail: "a@b.org, c@d.org" });
    expect(configuration.notifyEmail).toEqual(["a@b.org", "c@d.org"]);
    expect(configuration.alarmEmail).toEqual(["a@b.org", "c@d.org"]);
  });

  test("alarms may go to other people than the digest", () => {
    expect(read({ notifyEmail: ["a@b.org"], alarmEmail: ["ops@b.org"] }).alarmEmail).toEqual(["ops@b.org"]);
  });

  test.each([
    { context: "prod", line: '(whole value): expected an object, got "prod"' },
    {
      context: { lookbackMinute: 60 },
      line: "lookbackMinute: expected a known name, got an unknown one",
    },
    {
      context: { notifyEmail: ["nobody"] },
      line: 'notifyEmail[0]: expected an e-mail address, got "nobody"',
    },
    { context: { notifyEmail: "a@b.org" }, line: 'notifyEmail: expected a list, got "a@b.org"' },
    {
      context: { schedule: "hourly" },
      line: 'schedule: expected a schedule such as rate(3 hours) or cron(0 6 * * ? *), got "hourly"',
    },
    {
      context: { schedule: "at(2030-01-01T00:00:00)" },
      line: 'schedule: expected a schedule such as rate(3 hours) or cron(0 6 * * ? *), got "at(2030-01-01T00:00:00)"',
    },
    {
      context: { schedule: "rate(0 hours)" },
      line: 'schedule: expected a schedule such as rate(3 hours) or cron(0 6 * * ? *), got "rate(0 hours)"',
    },
    {
      context: { schedule: "cron(0 6 * * ? *)" },
      line: "missedScanHours: expected the longest gap between two scans, in hours, because the schedule is a cron expression, got nothing",
    },
    { context: { missedScanHours: 169 }, line: "missedScanHours: expected at most 168, got 169" },
    {
      context: { mode: "approve" },
      line: 'mode: expected "observe" (this version proposes changes and applies none), got "approve"',
    },
    {
      context: { mode: "auto" },
      line: 'mode: expected "observe" (this version proposes changes and applies none), got "auto"',
    },
    { context: { mode: "fix" }, line: 'mode: expected one of "observe", "approve", "auto", got "fix"' },
    { context: { logRetentionDays: 31 }, line: /^logRetentionDays: expected one of 1, 3, 5, .*, got 31$/ },
    { context: { maxLogBytes: "5 GB" }, line: 'maxLogBytes: expected a number, got "5 GB"' },
    { context: { targetPolicy: "max" }, line: 'targetPolicy: expected one of "aws", "margin", got "max"' },
    {
      context: { maxVisibilityTimeoutSeconds: 43_201 },
      line: "maxVisibilityTimeoutSeconds: expected at most 43200, got 43201",
    },
    {
      context: { correlationFields: [{ name: "order", pattern: "order" }] },
      line: 'correlationFields[0].pattern: expected a regular expression with one capture group, got "order"',
    },
    { context: { includeQueues: "orders-*" }, line: 'includeQueues: expected a list, got "orders-*"' },
    {
      context: { terminationProtection: "yes" },
      line: 'terminationProtection: expected true or false, got "yes"',
    },
  ])("$context is refused", ({ context, line }) => {
    const lines = problems(context);
    expect(lines).toHaveLength(1);
    if (typeof line === "string") expect(lines[0]).toBe(line);
    else expect(lines[0]).toMatch(line);
  });

  test("a window shorter than the schedule's interval is refused, because messages would fall between", () => {
    expect(problems({ schedule: "rate(6 hours)" })).toEqual([
      "lookbackMinutes: expected at least 360, the interval of the schedule, or messages would fall between two scans, got 180",
    ]);
  });

  test("settings too long for a function's environment are refused before a deployment is", () => {
    const includeQueues = Array.from({ length: 300 }, (_, n) => `team-${n}-*`);
    expect(problems({ includeQueues })).toEqual([
      expect.stringMatching(/^\(whole value\): expected at most 3500 bytes of .*, got \d+$/),
    ]);
  });

  test("every problem is in one message, those between two fields too", () => {
    expect(
      problems(
        { schedule: "rate(6 hours)", mode: "auto", batchSize: 0, colour: "red" },
        { notifyEmail: "a@b.org,x" },
      ),
    ).toHaveLength(5);
  });
});
