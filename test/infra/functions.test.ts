import { readdirSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { ChangeSettings } from "../../core/model/change-settings.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import { functionOf, type Resource, resourcesOf, synthesise } from "../support/synthesised-stack.ts";

const approvers = ["boss@example.org", "lead@example.org"];
const template = synthesise({ logRetentionDays: 14, lookbackMinutes: 240, approvers, snoozeDays: 7 });
const observing = synthesise({ mode: "observe", approvers });
const functions = resourcesOf(template, "AWS::Lambda::Function");

/** Patterns of queue names that just fit, see below. */
const LONGEST = 191;

const environmentOf = (one: typeof template, name: string) =>
  functionOf(one, name)[1].Properties.Environment.Variables;

describe("every function", () => {
  test("there is one for each folder that holds an entry point", () => {
    const folders = readdirSync(new URL("../../functions", import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "shared")
      .map(({ name }) => name);
    expect(functions).toHaveLength(folders.length);
  });

  test.each(functions)("%s runs on nodejs24.x and arm64, traced, with JSON logs", (_, { Properties }) => {
    expect(Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      TracingConfig: { Mode: "Active" },
      Handler: "index.handler",
    });
    expect(Properties.LoggingConfig.LogFormat).toBe("JSON");
    expect(Properties.Timeout).toBeLessThanOrEqual(300);
    expect(Properties.Description).toMatch(/\S/);
  });

  test("none keeps a part of the account's concurrency aside but the one that strangers can call", () => {
    const keeping = functions.filter(([, { Properties }]) => "ReservedConcurrentExecutions" in Properties);
    expect(keeping.map(([id]) => id)).toEqual([functionOf(template, "Approvals")[0]]);
  });

  test.each(functions)("%s has a log group of its own, with retention", (_, { Properties }) => {
    const groups = Object.fromEntries(resourcesOf(template, "AWS::Logs::LogGroup"));
    expect(groups[Properties.LoggingConfig.LogGroup.Ref]?.Properties.RetentionInDays).toBe(14);
  });

  test("no two share a role or a log group", () => {
    const distinct = (key: (properties: Resource["Properties"]) => unknown) =>
      new Set(functions.map(([, { Properties }]) => JSON.stringify(key(Properties)))).size;
    expect(distinct(({ Role }) => Role)).toBe(functions.length);
    expect(distinct(({ LoggingConfig }) => LoggingConfig.LogGroup)).toBe(functions.length);
  });

  test("none carries a managed policy", () => {
    for (const [, { Properties }] of resourcesOf(template, "AWS::IAM::Role")) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });
});

describe("the environment", () => {
  test("holds the settings of the configuration, in whole", () => {
    const { SETTINGS, CHANGE_SETTINGS } = environmentOf(template, "Apply");
    expect(JSON.parse(SETTINGS)).toEqual(
      ScanSettings.parse({ lookbackMinutes: 240, calmPaths: "daily", scanIntervalMinutes: 180 }),
    );
    expect(JSON.parse(CHANGE_SETTINGS)).toEqual(ChangeSettings.parse({ approvers, snoozeDays: 7 }));
    expect(environmentOf(template, "Measure").SETTINGS).toBe(SETTINGS);
  });

  test("Notify knows the digest topic and no settings", () => {
    const variables = environmentOf(template, "Notify");
    expect(Object.keys(variables).sort()).toEqual(["DIGEST_TOPIC_ARN", "LEDGER_TABLE"]);
    expect(variables.DIGEST_TOPIC_ARN.Ref).toMatch(/^DigestTopic/);
  });

  test("Summarise knows who should be reachable, by topic", () => {
    expect(environmentOf(template, "Summarise")).toMatchObject({
      DIGEST_TOPIC_ARN: { Ref: expect.stringMatching(/^DigestTopic/) },
      DIGEST_SUBSCRIBERS: "team@example.org",
      APPROVAL_TOPIC_ARN: { Ref: expect.stringMatching(/^ApprovalsTopic/) },
      APPROVAL_SUBSCRIBERS: "boss@example.org,lead@example.org",
    });
    expect(Object.keys(environmentOf(observing, "Summarise")).sort()).toEqual([
      "DIGEST_SUBSCRIBERS",
      "DIGEST_TOPIC_ARN",
      "LEDGER_TABLE",
    ]);
  });

  test("ProposeChanges knows the workflow that it starts, and that there is none in observe", () => {
    expect(environmentOf(template, "ProposeChanges").REMEDIATION_STATE_MACHINE_ARN).toEqual({
      Ref: expect.stringMatching(/^RemediationWorkflowStateMachine/),
    });
    const variables = environmentOf(observing, "ProposeChanges");
    expect(variables).not.toHaveProperty("REMEDIATION_STATE_MACHINE_ARN");
    expect(JSON.parse(variables.CHANGE_SETTINGS).mode).toBe("observe");
  });

  test("stays under Lambda's 4 KB with the longest settings that are accepted", () => {
    const patterns = (count: number) => ({
      includeQueues: Array.from({ length: count }, (_, n) => `team-${n}-*`),
      approvers,
    });
    const long = synthesise(patterns(LONGEST));
    for (const [, { Properties }] of resourcesOf(long, "AWS::Lambda::Function")) {
      // As Lambda measures it; references are as long as what they stand for, or nearly.
      expect(JSON.stringify(Properties.Environment.Variables).length).toBeLessThan(4096);
    }
    expect(() => synthesise(patterns(LONGEST + 1))).toThrow(/bytes of patterns and settings/);
  });
});
