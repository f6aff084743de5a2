import { readdirSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { ScanSettings } from "../../core/model/settings.ts";
import { type Resource, resourcesOf, synthesise } from "../support/synthesised-stack.ts";

const template = synthesise({ logRetentionDays: 14, lookbackMinutes: 240 });
const functions = resourcesOf(template, "AWS::Lambda::Function");

function one(part: string): Resource["Properties"] {
  const found = functions.filter(([id]) => id.includes(part));
  expect(found).toHaveLength(1);
  return found[0]?.[1].Properties;
}

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
    expect(Properties.ReservedConcurrentExecutions).toBeUndefined();
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
    const { SETTINGS } = one("Measure").Environment.Variables;
    expect(JSON.parse(SETTINGS)).toEqual(ScanSettings.parse({ lookbackMinutes: 240 }));
  });

  test("Notify knows the digest topic and no settings", () => {
    const variables = one("Notify").Environment.Variables;
    expect(Object.keys(variables).sort()).toEqual(["DIGEST_TOPIC_ARN", "LEDGER_TABLE"]);
    expect(variables.DIGEST_TOPIC_ARN.Ref).toMatch(/^DigestTopic/);
  });

  test("stays under Lambda's 4 KB with the longest settings that are accepted", () => {
    const long = synthesise({ includeQueues: Array.from({ length: 190 }, (_, n) => `team-${n}-*`) });
    for (const [, { Properties }] of resourcesOf(long, "AWS::Lambda::Function")) {
      expect(JSON.stringify(Properties.Environment.Variables).length).toBeLessThan(4096);
    }
  });
});
