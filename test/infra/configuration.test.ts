import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { App } from "aws-cdk-lib";
import * as z from "zod";
import { ConfigError } from "../../core/errors.ts";
import { readConfiguration, StackConfiguration } from "../../infra/configuration.ts";

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
      mode: "approve",
      logRetentionDays: 30,
      approvers: [],
      quorum: 1,
      changeQueues: ["*"],
      approvalPage: true,
      pageConcurrency: 5,
      tags: {},
      ledgerRemovalPolicy: "retain",
    });
  });

  test("what cdk.json holds is the default", () => {
    const { context } = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"));
    expect(read(context.doubletake)).toEqual(readConfiguration(new App().node));
  });

  test.each(["observe", "approve", "auto"])("mode %s is taken, from cdk.json and from -c", (mode) => {
    expect(read({ mode }).mode).toBe(mode);
    expect(read({ mode: "approve" }, { mode }).mode).toBe(mode);
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

  test("whoever gets the digest is asked for approval, unless others are named", () => {
    expect(read({ notifyEmail: ["a@b.org"] }).approvers).toEqual(["a@b.org"]);
    expect(read({ notifyEmail: ["a@b.org"], approvers: ["boss@b.org"] }).approvers).toEqual(["boss@b.org"]);
    expect(read({ notifyEmail: ["a@b.org"], approvers: [] }).approvers).toEqual([]);
  });

  test("-c approvers=… takes a list with commas and wins over cdk.json", () => {
    const configuration = read({ approvers: ["old@example.org"] }, { approvers: "a@b.org, c@d.org" });
    expect(configuration.approvers).toEqual(["a@b.org", "c@d.org"]);
    expect(configuration.notifyEmail).toEqual([]);
  });

  test("an approver who is named twice is one", () => {
    expect(read({ approvers: ["a@b.org", "a@b.org"] }).approvers).toEqual(["a@b.org"]);
    expect(problems({ approvers: ["a@b.org", "a@b.org"], quorum: 2 })).toEqual([
      "quorum: expected at most 1, the number of approvers, got 2",
    ]);
  });

  test.each([
    { quorum: 2, approvers: ["a@b.org", "c@d.org"] },
    { quorum: 2, notifyEmail: ["a@b.org", "c@d.org"] },
    { quorum: 1, approvers: [] },
    { quorum: 1, approvers: [], approvalPage: false },
  ])("%j can be reached", (context) => {
    expect(problems(context)).toEqual([]);
  });

  test("a quorum that the approvers cannot reach is refused", () => {
    expect(problems({ notifyEmail: ["a@b.org"], quorum: 2 })).toEqual([
      "quorum: expected at most 1, the number of approvers, got 2",
    ]);
  });

  test("a quorum needs the page: all who use the command line count as one approver", () => {
    expect(problems({ notifyEmail: ["a@b.org", "c@d.org"], quorum: 2, approvalPage: false })).toEqual([
      "quorum: expected 1 without the approval page, because the command line counts as one approver, got 2",
    ]);
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
    { context: { approvers: ["boss"] }, line: 'approvers[0]: expected an e-mail address, got "boss"' },
    { context: { quorum: 0 }, line: "quorum: expected at least 1, got 0" },
    { context: { approvalHours: 337 }, line: "approvalHours: expected at most 336, got 337" },
    { context: { maxChangesPerScan: 6 }, line: "maxChangesPerScan: expected at most 5, got 6" },
    { context: { observationMinutes: 5 }, line: "observationMinutes: expected at least 15, got 5" },
    { context: { snoozeDays: 0 }, line: "snoozeDays: expected at least 1, got 0" },
    { context: { changeTag: "team" }, line: /^changeTag: expected a tag as key=value, got "team"$/ },
    { context: { changeQueues: [] }, line: "changeQueues: expected at least 1 entries, got []" },
    {
      context: { changeQueues: ["arn:aws:sqs:eu-west-1:111122223333:orders"] },
      line: /^changeQueues: expected names of queues, in which \* and \? are wildcards, got /,
    },
    {
      context: { changeQueues: Array.from({ length: 51 }, (_, n) => `q${n}`) },
      line: /^changeQueues: expected at most 50 entries, got /,
    },
    { context: { approvalPage: "no" }, line: 'approvalPage: expected true or false, got "no"' },
    { context: { pageConcurrency: 101 }, line: "pageConcurrency: expected at most 100, got 101" },
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
    {
      context: { permissionsBoundary: "arn:aws:iam::111122223333:role/boundary" },
      line: 'permissionsBoundary: expected name or ARN of a managed policy, got "arn:aws:iam::111122223333:role/boundary"',
    },
    {
      context: { kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:alias/mine" },
      line: 'kmsKeyArn: expected ARN of a KMS key, no alias, got "arn:aws:kms:eu-west-1:111122223333:alias/mine"',
    },
    {
      context: { tags: { "aws:team": "orders" } },
      line: /^tags: expected keys of 1 to 128 letters, .*, got/,
    },
    {
      context: { tags: { team: "orders!" } },
      line: /^tags\.team: expected letters, digits, spaces and .*, got "orders!"$/,
    },
    {
      context: { tags: Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`t${n}`, ""])) },
      line: /^tags: expected at most 40 tags/,
    },
    {
      context: { ledgerRemovalPolicy: "snapshot" },
      line: 'ledgerRemovalPolicy: expected one of "retain", "destroy", got "snapshot"',
    },
  ])("$context is refused", ({ context, line }) => {
    const lines = problems(context);
    expect(lines).toHaveLength(1);
    if (typeof line === "string") expect(lines[0]).toBe(line);
    else expect(lines[0]).toMatch(line);
  });

  test.each([
    { notifyEmail: ["a@b.org"], mode: "auto" },
    { schedule: "cron(0 6 * * ? *)", missedScanHours: 25, approvers: ["a@b.org", "a@b.org"] },
    {
      schedule: "rate(30 minutes)",
      changeTag: "a=b",
      tags: { team: "x" },
      correlationFields: [{ name: "id" }],
    },
  ])("%j: what was read may be read again, as the construct does", (context) => {
    const once = read(context);
    expect(StackConfiguration.parse(once)).toEqual(once);
  });

  test("every key has a row in the table of docs/operations.md, and every row is a key", () => {
    const text = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, section = ""] = text.split("\n## Configure\n");
    const [table = ""] = section.split("\n## ");
    const documented = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell]) =>
      [...String(cell).matchAll(/`(\w+)`/g)].map(([, key]) => key),
    );
    const { properties = {} } = z.toJSONSchema(StackConfiguration, { io: "input", unrepresentable: "any" });
    expect(documented.sort()).toEqual(Object.keys(properties).sort());
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

  test("addresses too long for a function's environment are refused before a deployment is", () => {
    const notifyEmail = Array.from({ length: 150 }, (_, n) => `somebody-${n}@mail.example.org`);
    expect(problems({ notifyEmail, approvers: [] })).toEqual([
      expect.stringMatching(
        /^\(whole value\): expected at most 3500 bytes of addresses in all, .*, got \d+$/,
      ),
    ]);
  });

  test("every problem is in one message, those between two fields too", () => {
    expect(
      problems(
        { schedule: "rate(6 hours)", mode: "fix", batchSize: 0, colour: "red", alarmEmail: ["x"], quorum: 2 },
        { approvers: "a@b.org" },
      ),
    ).toHaveLength(6);
  });
});
