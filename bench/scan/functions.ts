// The scan as it is deployed: its settings and the sizes of its functions, read from the template.
import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { ScanSettings } from "../../core/model/settings.ts";
import type { ScanState } from "../../functions/scan-handlers.ts";
import { StackConfiguration } from "../../infra/configuration.ts";
import { DoubletakeStack } from "../../infra/doubletake-stack.ts";
import type { Schedule } from "./schedules.ts";

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
  readonly settings: ScanSettings;
  readonly alarms: number;
}

/** Of a deployment with default settings but for its schedule, not bundled. */
export function readDeployment({ everyHours, lookbackMinutes }: Schedule): Deployment {
  const cdkJson = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")) as {
    readonly context: Record<string, unknown>;
  };
  const app = new App({ context: { ...cdkJson.context, "aws:cdk:bundling-stacks": [] } });
  const configuration = StackConfiguration.parse({
    notifyEmail: ["team@example.org"],
    schedule: everyHours === 1 ? "rate(1 hour)" : `rate(${everyHours} hours)`,
    lookbackMinutes,
  });
  const template = Template.fromStack(new DoubletakeStack(app, "Doubletake", { configuration }));
  const all = Object.entries(template.findResources("AWS::Lambda::Function"));
  const propertiesOf = (state: ScanState) => {
    const [, found] = all.find(([id]) => new RegExp(`(?<=[a-z])${state}Function[0-9A-F]{8}$`).test(id)) ?? [];
    if (found === undefined) throw new Error(`expected a function for ${state} in the template, got none`);
    return found["Properties"] as FunctionProperties;
  };
  const deployed = SCAN_STATES.map((state): [ScanState, DeployedFunction] => {
    const { MemorySize: memoryMb = 128, Timeout: timeoutSeconds = 3 } = propertiesOf(state);
    return [state, { memoryMb, timeoutSeconds }];
  });
  return {
    functions: Object.fromEntries(deployed) as Deployment["functions"],
    settings: ScanSettings.parse(
      JSON.parse(propertiesOf("Measure").Environment?.Variables["SETTINGS"] ?? ""),
    ),
    alarms: Object.keys(template.findResources("AWS::CloudWatch::Alarm")).length,
  };
}

interface FunctionProperties {
  readonly MemorySize?: number;
  readonly Timeout?: number;
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
}
