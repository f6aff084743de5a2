// What a function has to be told so that Lambda writes down when each run began, and how it ended.
import { activeFunctions } from "../../detect/consumers.ts";
import type { ConsumerFunction } from "../../model/delivery-path.ts";
import type { Advice } from "../../model/finding.ts";
import type { AdviceContext } from "./context.ts";
import { functionSource, sourcePatch } from "./source-patch.ts";

/**
 * JSON log format whose START and REPORT records are dropped.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
export const dropsPlatformLines = ({ logFormat, systemLogLevel }: ConsumerFunction): boolean =>
  logFormat === "JSON" && systemLogLevel === "WARN";

/** JSON log format that drops lines at the level of an ordinary log line. */
export const dropsInfoLines = ({ logFormat, applicationLogLevel = "INFO" }: ConsumerFunction): boolean =>
  logFormat === "JSON" && ["WARN", "ERROR", "FATAL"].includes(applicationLogLevel);

export const isText = ({ logFormat }: ConsumerFunction): boolean => logFormat === "Text";

/** For functions that log no START and REPORT: their runs have neither times nor outcomes. */
export function logPlatformLines(context: AdviceContext): Advice | undefined {
  const consumer = activeFunctions(context.path).find(dropsPlatformLines);
  return (
    consumer && {
      kind: "log-platform-lines",
      summary: `Set SystemLogLevel of ${consumer.name} from WARN to INFO: Lambda then logs when each run begins and how it ends, without which no overlap and no failure can be proven.`,
      patch: loggingPatch(consumer.name, "system"),
    }
  );
}

/** For functions whose own ordinary lines are dropped: what they log of each record never arrives. */
export function logInfoLines(context: AdviceContext): Advice | undefined {
  const consumer = activeFunctions(context.path).find(dropsInfoLines);
  return (
    consumer && {
      kind: "log-info-lines",
      summary: `Set ApplicationLogLevel of ${consumer.name} from ${consumer.applicationLogLevel} to INFO: lines that name the message ids are dropped as long as they are below that level.`,
      patch: loggingPatch(consumer.name, "application"),
    }
  );
}

/** For runs whose outcome cannot be told: text REPORT lines say nothing on success, and older ones nothing at all. */
export function logAsJson(context: AdviceContext): Advice | undefined {
  const consumer = activeFunctions(context.path).find(isText);
  return (
    consumer && {
      kind: "log-format-json",
      summary: `Switch the log format of ${consumer.name} to JSON: each run then states whether it succeeded, failed or timed out.`,
      patch: loggingPatch(consumer.name, "system"),
    }
  );
}

function loggingPatch(name: string, logs: "system" | "application"): Record<string, string> {
  const property = logs === "system" ? "SystemLogLevel" : "ApplicationLogLevel";
  return sourcePatch(
    functionSource(name, {
      cloudformation: ["LoggingConfig:", "  LogFormat: JSON", `  ${property}: INFO`],
      cdk: ["loggingFormat: lambda.LoggingFormat.JSON,", `${logs}LogLevelV2: lambda.${property}.INFO,`],
      terraform: ["logging_config {", '  log_format = "JSON"', `  ${logs}_log_level = "INFO"`, "}"],
    }),
  );
}
