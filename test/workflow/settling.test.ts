// A finding that is not proven says what would settle it. Here that is done, and the next scan of the same account
// proves the cause.
import { describe, expect, test } from "@jest/globals";
import type { Finding } from "../../core/model/finding.ts";
import type { ConsumerSpec, Scenario } from "../../simulator/scenarios/path-spec.ts";
import { scenarioByName } from "../../simulator/scenarios/registry.ts";
import { simulateScans } from "../support/simulated-scan.ts";

/** The findings of a scenario whose consumers log as said. */
async function findings(name: string, logging: Partial<ConsumerSpec>): Promise<readonly Finding[]> {
  const scenario = scenarioByName(name) as Scenario;
  const build: Scenario["build"] = (beforeEnd) => {
    const spec = scenario.build(beforeEnd);
    return { ...spec, consumers: spec.consumers.map((consumer) => ({ ...consumer, ...logging })) };
  };
  const { scan, server } = await simulateScans({ seed: 5, hours: 6, scenarios: [{ ...scenario, build }] });
  const { document } = await scan();
  await server.close();
  return document.findings.filter(({ evidence }) => evidence !== "advisory");
}

describe("doing what would settle a finding", () => {
  test.each<{
    scenario: string;
    logging: Partial<ConsumerSpec>;
    advice: string;
    done: Partial<ConsumerSpec>;
    cause: Finding["cause"];
  }>([
    {
      scenario: "visibility-expired",
      logging: { shape: "none" },
      advice: "log-message-id",
      done: { shape: "node-json" },
      cause: "visibility-expired",
    },
    {
      scenario: "at-least-once",
      logging: { shape: "node-json", logFormat: "JSON", systemLogLevel: "WARN" },
      advice: "log-platform-lines",
      done: { shape: "node-json", logFormat: "JSON", systemLogLevel: "INFO" },
      cause: "at-least-once",
    },
  ])("$scenario: $advice", async ({ scenario, logging, advice, done, cause }) => {
    const before = await findings(scenario, logging);
    const after = await findings(scenario, done);
    expect(before.map(({ evidence }) => evidence)).toEqual(["measured"]);
    expect(before.flatMap((finding) => finding.advice.map(({ kind }) => kind))).toContain(advice);
    expect(after).toContainEqual(expect.objectContaining({ cause, evidence: "proven" }));
  });
});
