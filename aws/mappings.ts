import {
  type EventSourceMappingConfiguration,
  type FunctionConfiguration,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { ContractError, UnreadableError } from "../core/errors.ts";
import type { ConsumerFunction, EventSourceMapping } from "../core/model/delivery-path.ts";
import type { MappingsPort } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { accountError, resourceError } from "./errors.ts";

const QUEUE_ARN = /^arn:[^:]+:sqs:/;
/** The most that Lambda gives. */
const PAGE_SIZE = 100;

/** Event source mappings and the functions they invoke, through Lambda. */
export function createMappings(connection: Connection): MappingsPort {
  const client = connection.client(LambdaClient);

  async function listQueueMappings(queueArn?: string): Promise<EventSourceMapping[]> {
    const mappings: EventSourceMapping[] = [];
    let marker: string | undefined;
    do {
      const page = await client
        .send(
          new ListEventSourceMappingsCommand({
            MaxItems: PAGE_SIZE,
            ...(queueArn !== undefined && { EventSourceArn: queueArn }),
            ...(marker !== undefined && { Marker: marker }),
          }),
        )
        .catch((error: unknown) => {
          throw accountError(error, "lambda:ListEventSourceMappings");
        });
      for (const mapping of page.EventSourceMappings ?? []) {
        if (QUEUE_ARN.test(mapping.EventSourceArn ?? "")) mappings.push(toMapping(mapping));
      }
      // An empty Marker also means the end.
      marker = page.NextMarker || undefined;
    } while (marker !== undefined);
    return mappings;
  }

  async function describeFunction(functionArn: string): Promise<ConsumerFunction> {
    const { arn, name, qualifier } = parseFunctionArn(functionArn);
    const configuration = await client
      .send(new GetFunctionConfigurationCommand({ FunctionName: functionArn }))
      .catch((error: unknown) => {
        throw resourceError(error, functionArn, "lambda:GetFunctionConfiguration");
      });
    return {
      arn,
      name,
      ...(qualifier !== undefined && { qualifier }),
      ...toFunction(configuration, functionArn, name),
      ...(await readConcurrency(arn)),
    };
  }

  /** Reserved concurrency is a detail that few roles may read: without it the function is still described. */
  async function readConcurrency(
    arn: string,
  ): Promise<Pick<ConsumerFunction, "reservedConcurrency" | "unreadable">> {
    try {
      const { ReservedConcurrentExecutions: reserved } = await client.send(
        new GetFunctionConcurrencyCommand({ FunctionName: arn }),
      );
      return reserved === undefined ? {} : { reservedConcurrency: reserved };
    } catch (error) {
      const unreadable = resourceError(error, arn, "lambda:GetFunctionConcurrency");
      if (!(unreadable instanceof UnreadableError)) throw unreadable;
      return { unreadable: [{ resource: arn, reason: `reserved concurrency: ${unreadable.reason}` }] };
    }
  }

  return { listQueueMappings, describeFunction };
}

function toMapping(mapping: EventSourceMappingConfiguration): EventSourceMapping {
  const maximumConcurrency = mapping.ScalingConfig?.MaximumConcurrency;
  return {
    uuid: required(mapping.UUID, "UUID of an event source mapping"),
    state: mapping.State ?? "Unknown",
    queueArn: required(mapping.EventSourceArn, "EventSourceArn of an event source mapping"),
    functionArn: required(mapping.FunctionArn, "FunctionArn of an event source mapping"),
    batchSize: mapping.BatchSize ?? 10,
    maximumBatchingWindowSeconds: mapping.MaximumBatchingWindowInSeconds ?? 0,
    ...(maximumConcurrency !== undefined && { maximumConcurrency }),
    filterCount: filterCountOf(mapping),
    reportBatchItemFailures: mapping.FunctionResponseTypes?.includes("ReportBatchItemFailures") ?? false,
    eventCountMetrics: mapping.MetricsConfig?.Metrics?.includes("EventCount") ?? false,
  };
}

/** Filters under a customer's key that we may not use are not shown; that there is one is enough to know. */
function filterCountOf(mapping: EventSourceMappingConfiguration): number {
  return mapping.FilterCriteria?.Filters?.length ?? (mapping.FilterCriteriaError === undefined ? 0 : 1);
}

function toFunction(
  configuration: FunctionConfiguration,
  functionArn: string,
  name: string,
): Pick<
  ConsumerFunction,
  "timeoutSeconds" | "runtime" | "logGroup" | "logFormat" | "systemLogLevel" | "applicationLogLevel"
> {
  const { Timeout: timeoutSeconds, Runtime: runtime, LoggingConfig: logging } = configuration;
  if (timeoutSeconds === undefined) {
    throw new UnreadableError(functionArn, "expected the function's timeout in its configuration, got none");
  }
  return {
    timeoutSeconds,
    ...(runtime !== undefined && { runtime }),
    // AWS always says where the function logs; some emulators do not, and then the default is theirs too.
    logGroup: logging?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: logging?.LogFormat === "JSON" ? "JSON" : "Text",
    ...(logging?.SystemLogLevel !== undefined && { systemLogLevel: logging.SystemLogLevel }),
    ...(logging?.ApplicationLogLevel !== undefined && { applicationLogLevel: logging.ApplicationLogLevel }),
  };
}

/** arn:partition:lambda:region:account:function:name[:qualifier] */
function parseFunctionArn(functionArn: string): { arn: string; name: string; qualifier?: string } {
  const parts = functionArn.split(":");
  const [name, qualifier] = parts.slice(6);
  if (parts[2] !== "lambda" || parts[5] !== "function" || !name) {
    throw new UnreadableError(functionArn, `expected the ARN of a function, got "${functionArn}"`);
  }
  return {
    arn: parts.slice(0, 7).join(":"),
    name,
    ...(qualifier !== undefined && qualifier !== "$LATEST" && { qualifier }),
  };
}

function required(value: string | undefined, what: string): string {
  if (value === undefined) throw new ContractError(`expected the ${what}, got none`);
  return value;
}
