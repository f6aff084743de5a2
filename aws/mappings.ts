import {
  type EventSourceMappingConfiguration,
  type FunctionConfiguration,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { ContractError, UnreadableError } from "../core/errors.ts";
import type { ConsumerFunction, EventSourceMapping } from "../core/model/delivery-path.ts";
import type { ListedFunctions, MappingsPort } from "../core/ports.ts";
import { unqualifiedFunctionArn } from "../core/scan/arn.ts";
import type { Connection } from "./connection.ts";
import { accountError, resourceError } from "./errors.ts";
import { listWanted } from "./listing.ts";

const QUEUE_ARN = /^arn:[^:]+:sqs:/;
/** The most that Lambda gives. */
const MAPPINGS_A_PAGE = 100;
const FUNCTIONS_A_PAGE = 50;

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
            MaxItems: MAPPINGS_A_PAGE,
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
    const named = parseFunctionArn(functionArn);
    const configuration = await client
      .send(new GetFunctionConfigurationCommand({ FunctionName: functionArn }))
      .catch((error: unknown) => {
        throw resourceError(error, functionArn, "lambda:GetFunctionConfiguration");
      });
    return toFunction(configuration, functionArn, named);
  }

  /** The listing shows functions without an alias or version, which have configurations of their own. */
  async function forMany(functionArns: Iterable<string>): Promise<ListedFunctions> {
    const wanted = [...functionArns].map(listedArnOf).filter((arn) => arn !== undefined);
    const { byKey: listed } = await listWanted(wanted, "lambda:ListFunctions", async (marker) => {
      const { Functions = [], NextMarker } = await client.send(
        new ListFunctionsCommand({
          MaxItems: FUNCTIONS_A_PAGE,
          ...(marker !== undefined && { Marker: marker }),
        }),
      );
      return { entries: Functions.flatMap(toListed), token: NextMarker };
    });
    return {
      describeFunction: async (functionArn) =>
        listed.get(listedArnOf(functionArn) ?? "")?.described ?? describeFunction(functionArn),
      revisionOf: (functionArn) => listed.get(unqualifiedFunctionArn(functionArn))?.revision,
    };
  }

  async function reservedConcurrency(functionArn: string): Promise<number | undefined> {
    const { ReservedConcurrentExecutions: reserved } = await client
      .send(new GetFunctionConcurrencyCommand({ FunctionName: parseFunctionArn(functionArn).arn }))
      .catch((error: unknown) => {
        throw resourceError(error, functionArn, "lambda:GetFunctionConcurrency");
      });
    return reserved;
  }

  return { listQueueMappings, describeFunction, forMany, reservedConcurrency };
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
  { arn, name, qualifier }: FunctionName,
): ConsumerFunction {
  const { Timeout: timeoutSeconds, Runtime: runtime, LoggingConfig: logging } = configuration;
  if (timeoutSeconds === undefined) {
    throw new UnreadableError(functionArn, "expected the function's timeout in its configuration, got none");
  }
  return {
    arn,
    name,
    ...(qualifier !== undefined && { qualifier }),
    timeoutSeconds,
    ...(runtime !== undefined && { runtime }),
    // AWS always says where the function logs; some emulators do not, and then the default is theirs too.
    logGroup: logging?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: logging?.LogFormat === "JSON" ? "JSON" : "Text",
    ...(logging?.SystemLogLevel !== undefined && { systemLogLevel: logging.SystemLogLevel }),
    ...(logging?.ApplicationLogLevel !== undefined && { applicationLogLevel: logging.ApplicationLogLevel }),
  };
}

interface Listed {
  readonly described: ConsumerFunction;
  readonly revision: string | undefined;
}

/** Nothing for an entry without a timeout: who then asks for that function alone learns what is wrong with it. */
function toListed(configuration: FunctionConfiguration): [arn: string, Listed][] {
  const { FunctionArn: arn = "", Timeout: timeoutSeconds } = configuration;
  if (listedArnOf(arn) !== arn || timeoutSeconds === undefined) return [];
  // AWS names the revision; where an emulator does not, the time of the last change tells as much.
  const revision = configuration.RevisionId ?? configuration.LastModified;
  return [[arn, { described: toFunction(configuration, arn, parseFunctionArn(arn)), revision }]];
}

/** The ARN under which ListFunctions shows a function; none for an alias or a version. */
function listedArnOf(functionArn: string): string | undefined {
  return /^(arn:[^:]+:lambda:[^:]+:[^:]+:function:[^:]+)(:\$LATEST)?$/.exec(functionArn)?.[1];
}

interface FunctionName {
  /** Unqualified. */
  readonly arn: string;
  readonly name: string;
  readonly qualifier?: string;
}

/** arn:partition:lambda:region:account:function:name[:qualifier] */
function parseFunctionArn(functionArn: string): FunctionName {
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
