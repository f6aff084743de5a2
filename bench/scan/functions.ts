// The functions of the scan as they are deployed: their sizes, read from the template.
import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import type { ScanState } from "../../functions/scan-handlers.ts";
import { StackConfiguration } from "../../infra/configuration.ts";
import { DoubletakeStack } from "../../infra/doubletake-stack.ts";

export const SCAN_STATES: readonly ScanState[] = [
  "ClaimScan",
  "Discover",
  "Measure",
  "StartQueries",
  "CollectDeliveries",
  "Diagnose",
  "Summarise",
  "Notify",
  "ProposeChanges",
];

export interface DeployedFunction {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

export interface Deployment {
  readonly functions: Readonly<Record<ScanState, DeployedFunction>>;
  readonly alarms: number;
}

/** Of a deployment with default settings, not bundled. */
export function readDeployment(): Deployment {
  const cdkJson = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")) as {
    readonly context: Record<string, unknown>;
  };
  const app = new App({ context: { ...cdkJson.context, "aws:cdk:bundling-stacks": [] } });
  const configuration = StackConfiguration.parse({ notifyEmail: ["team@example.org"] });
  const template = Template.fromStack(new DoubletakeStack(app, "Doubletake", { configuration }));
  const all = Object.entries(template.findResources("AWS::Lambda::Function"));
  const deployed = SCAN_STATES.map((state): [ScanState, DeployedFunction] => {
    const [, found] = all.find(([id]) => new RegExp(`(?<=[a-z])${state}Function[0-9A-F]{8}$`).test(id)) ?? [];
    if (found === undefined) throw new Error(`expected a function for ${state} in the template, got none`);
    const { MemorySize: memoryMb, Timeout: timeoutSeconds } = found["Properties"] as Record<string, number>;
    return [state, { memoryMb: memoryMb ?? 128, timeoutSeconds: timeoutSeconds ?? 3 }];
  });
  return {
    functions: Object.fromEntries(deployed) as Deployment["functions"],
    alarms: Object.keys(template.findResources("AWS::CloudWatch::Alarm")).length,
  };
}
