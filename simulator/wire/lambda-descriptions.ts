// Functions and event source mappings as the Lambda API describes them.
import { createHash } from "node:crypto";
import type { SimulatedAccount, SimulatedFunction, SimulatedMapping } from "../account.ts";

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

/** @param qualifier alias or version that was asked for; undefined = $LATEST, unqualified. */
export function describeFunction(found: SimulatedFunction, qualifier: string | undefined): object {
  const version = qualifier === undefined ? "$LATEST" : (found.aliases[qualifier] ?? qualifier);
  return {
    FunctionName: found.name,
    FunctionArn: qualifier === undefined ? found.arn : `${found.arn}:${qualifier}`,
    Version: version,
    Runtime: found.runtime,
    PackageType: "Zip",
    Handler: "index.handler",
    Role: `${found.arn.replace(/:lambda:[^:]*:(\d+):function:.*/, ":iam::$1:role/")}${found.name}`,
    Timeout: found.timeoutSeconds,
    MemorySize: found.memoryMb,
    EphemeralStorage: { Size: 512 },
    Architectures: ["arm64"],
    CodeSize: 4096,
    CodeSha256: sha256(found.name),
    Description: "",
    LastModified: "2026-01-01T00:00:00.000+0000",
    State: "Active",
    LastUpdateStatus: "Successful",
    TracingConfig: { Mode: "PassThrough" },
    LoggingConfig: {
      LogGroup: found.logGroup,
      LogFormat: found.logFormat,
      ...(found.logFormat === "JSON" && {
        SystemLogLevel: found.systemLogLevel ?? "INFO",
        ApplicationLogLevel: found.applicationLogLevel ?? "INFO",
      }),
    },
  };
}

export function describeMapping(account: SimulatedAccount, mapping: SimulatedMapping): object {
  return {
    UUID: mapping.uuid,
    EventSourceMappingArn: `arn:aws:lambda:${account.region}:${account.accountId}:event-source-mapping:${mapping.uuid}`,
    EventSourceArn: mapping.eventSourceArn,
    FunctionArn: mapping.functionArn,
    State: mapping.state,
    StateTransitionReason: "USER_INITIATED",
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.maximumBatchingWindowSeconds,
    LastModified: new Date(mapping.lastModifiedMs),
    FunctionResponseTypes: mapping.reportBatchItemFailures ? ["ReportBatchItemFailures"] : [],
    ...(mapping.filterPatterns.length > 0 && {
      FilterCriteria: { Filters: mapping.filterPatterns.map((Pattern) => ({ Pattern })) },
    }),
    ...(mapping.maximumConcurrency !== undefined && {
      ScalingConfig: { MaximumConcurrency: mapping.maximumConcurrency },
    }),
    ...(mapping.eventCountMetrics && { MetricsConfig: { Metrics: ["EventCount"] } }),
  };
}
