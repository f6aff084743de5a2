// AWS Lambda: functions and their event source mappings, read-only, and Invoke for handlers that a test or
// the demo registered. A function of the simulation itself cannot be invoked from outside.
import * as z from "zod";
import { type SimulatedAccount, SimulatedAwsError, type SimulatedMapping } from "../account.ts";
import type { FunctionHandlers } from "./function-handlers.ts";
import { describeFunction, describeMapping } from "./lambda-descriptions.ts";
import { createFunctionFinder } from "./lambda-functions.ts";
import { pageOf } from "./paging.ts";
import { wholeNumber } from "./parameters.ts";
import { RawResult } from "./protocols/rest-json.ts";
import { checked, type Service } from "./service.ts";

const INVALID = "InvalidParameterValueException";
const MAPPINGS_PER_PAGE = 100;
const FUNCTIONS_PER_PAGE = 50;

const FunctionInput = z.object({ FunctionName: z.string().min(1), Qualifier: z.string().optional() });
/** Clients may ask for up to 10,000 items; a page still holds no more than the service's own limit. */
const Paging = z.object({ Marker: z.string().optional(), MaxItems: wholeNumber(1, 10_000).optional() });
const Invocation = FunctionInput.extend({
  body: z.string(),
  InvocationType: z.enum(["RequestResponse", "Event", "DryRun"]).optional(),
});

export function createLambda(account: SimulatedAccount, handlers: FunctionHandlers): Service {
  const functions = createFunctionFinder(account);

  const page = <Item>(items: readonly Item[], limit: number, input: z.output<typeof Paging>) => {
    const found = pageOf(items, Math.min(limit, input.MaxItems ?? limit), input.Marker, () => {
      throw new SimulatedAwsError(INVALID, "Invalid pagination token");
    });
    return { items: found.items, NextMarker: found.nextToken ?? null };
  };

  return {
    name: "lambda",
    operations: {
      ListEventSourceMappings: checked(
        INVALID,
        Paging.extend({ EventSourceArn: z.string().optional(), FunctionName: z.string().optional() }),
        (input) => {
          const { EventSourceArn, FunctionName } = input;
          const ofFunction = FunctionName === undefined ? undefined : functions.find(FunctionName).arn;
          const matching = account
            .mappings()
            .filter(
              (mapping) =>
                (EventSourceArn === undefined || mapping.eventSourceArn === EventSourceArn) &&
                (ofFunction === undefined || mapping.functionArn === ofFunction),
            );
          const { items, NextMarker } = page(matching, MAPPINGS_PER_PAGE, input);
          return { NextMarker, EventSourceMappings: items.map((item) => describeMapping(account, item)) };
        },
      ),

      GetEventSourceMapping: checked(INVALID, z.object({ UUID: z.string() }), ({ UUID }) => {
        const found: SimulatedMapping | undefined = account.mappings().find(({ uuid }) => uuid === UUID);
        if (found === undefined) {
          throw notFound("The resource you requested does not exist.");
        }
        return describeMapping(account, found);
      }),

      ListFunctions: checked(INVALID, Paging, (input) => {
        const { items, NextMarker } = page(account.functions(), FUNCTIONS_PER_PAGE, input);
        return { NextMarker, Functions: items.map((item) => describeFunction(item, undefined)) };
      }),

      GetFunction: checked(INVALID, FunctionInput, ({ FunctionName, Qualifier }) => {
        const found = functions.find(FunctionName, Qualifier);
        return {
          Configuration: describeFunction(found.function, found.qualifier),
          Code: { RepositoryType: "S3", Location: "" },
          Tags: found.function.tags,
          ...(found.function.reservedConcurrency !== undefined && {
            Concurrency: { ReservedConcurrentExecutions: found.function.reservedConcurrency },
          }),
        };
      }),

      GetFunctionConfiguration: checked(INVALID, FunctionInput, ({ FunctionName, Qualifier }) => {
        const found = functions.find(FunctionName, Qualifier);
        return describeFunction(found.function, found.qualifier);
      }),

      GetFunctionConcurrency: checked(INVALID, FunctionInput, ({ FunctionName }) => ({
        ReservedConcurrentExecutions: functions.find(FunctionName).function.reservedConcurrency,
      })),

      GetPolicy: checked(INVALID, FunctionInput, ({ FunctionName, Qualifier }) => {
        const { policy } = functions.find(FunctionName, Qualifier).function;
        if (policy === undefined) throw notFound("The resource you requested does not exist.");
        return { Policy: policy, RevisionId: "00000000-0000-4000-8000-000000000000" };
      }),

      GetFunctionEventInvokeConfig: checked(INVALID, FunctionInput, ({ FunctionName, Qualifier }) => {
        const { function: found, arn } = functions.find(FunctionName, Qualifier);
        const config = found.eventInvokeConfig;
        if (config === undefined) throw notFound(`The function ${arn} doesn't have an EventInvokeConfig`);
        const Destination = config.onFailureDestinationArn;
        return {
          FunctionArn: arn,
          LastModified: new Date(account.nowMs()),
          MaximumRetryAttempts: config.maximumRetryAttempts,
          DestinationConfig: { OnSuccess: {}, OnFailure: Destination === undefined ? {} : { Destination } },
        };
      }),

      ListAliases: checked(
        INVALID,
        Paging.extend({ FunctionName: z.string(), FunctionVersion: z.string().optional() }),
        (input) => {
          const { function: found } = functions.find(input.FunctionName);
          const aliases = Object.entries(found.aliases)
            .filter(([, version]) => (input.FunctionVersion ?? version) === version)
            .map(([name, version]) => functions.describeAlias(found, name, version));
          const { items, NextMarker } = page(aliases, FUNCTIONS_PER_PAGE, input);
          return { NextMarker, Aliases: items };
        },
      ),

      GetAlias: checked(INVALID, z.object({ FunctionName: z.string(), Name: z.string() }), (input) => {
        const { function: found } = functions.find(input.FunctionName);
        const version = found.aliases[input.Name];
        if (version === undefined) {
          const message = `Cannot find alias arn: ${found.arn}:${input.Name}`;
          throw new SimulatedAwsError("ResourceNotFoundException", message, 404);
        }
        return functions.describeAlias(found, input.Name, version);
      }),

      ListVersionsByFunction: checked(INVALID, Paging.extend({ FunctionName: z.string() }), (input) => {
        const { function: found } = functions.find(input.FunctionName);
        const { items, NextMarker } = page(["$LATEST", ...found.versions], FUNCTIONS_PER_PAGE, input);
        return { NextMarker, Versions: items.map((version) => describeFunction(found, version)) };
      }),

      ListTags: checked(INVALID, z.object({ Resource: z.string() }), ({ Resource }) => ({
        Tags: functions.find(Resource).function.tags,
      })),

      GetAccountSettings: checked(INVALID, z.object({}), () => ({
        AccountLimit: {
          TotalCodeSize: 80_530_636_800,
          CodeSizeUnzipped: 262_144_000,
          CodeSizeZipped: 52_428_800,
          ConcurrentExecutions: 1000,
          UnreservedConcurrentExecutions:
            1000 - account.functions().reduce((sum, item) => sum + (item.reservedConcurrency ?? 0), 0),
        },
        AccountUsage: { TotalCodeSize: 0, FunctionCount: account.functions().length },
      })),

      Invoke: checked(INVALID, Invocation, async (input) => {
        const handler = handlers.find(input.FunctionName);
        if (handler === undefined) {
          // Says "not found" where AWS would, and otherwise that nobody registered a handler.
          const { function: found } = functions.find(input.FunctionName, input.Qualifier);
          const message = `The simulated account runs ${found.name} by itself: no handler was registered for Invoke`;
          throw new SimulatedAwsError("ResourceConflictException", message, 409);
        }
        return invoke(handler, input);
      }),
    },
    throttled: { code: "TooManyRequestsException", httpStatus: 429 },
    accessDenied: { code: "AccessDeniedException", httpStatus: 403 },
    unknownOperation: { code: "UnknownOperationException", httpStatus: 404 },
  };
}

function notFound(message: string): SimulatedAwsError {
  return new SimulatedAwsError("ResourceNotFoundException", message, 404);
}

async function invoke(
  handler: (event: unknown) => Promise<unknown>,
  { body, InvocationType = "RequestResponse" }: z.output<typeof Invocation>,
): Promise<RawResult> {
  let event: unknown;
  try {
    event = body === "" ? {} : JSON.parse(body);
  } catch (cause) {
    const message = "Could not parse request body into json";
    throw new SimulatedAwsError("InvalidRequestContentException", `${message}: ${String(cause)}`);
  }
  const headers = { "content-type": "application/json", "x-amz-executed-version": "$LATEST" };
  if (InvocationType === "DryRun") {
    return new RawResult({ status: 204, headers, body: "" });
  }
  if (InvocationType === "Event") {
    // What becomes of an asynchronous invocation its caller never learns.
    void handler(event).catch(() => undefined);
    return new RawResult({ status: 202, headers, body: "" });
  }
  try {
    const result = await handler(event);
    return new RawResult({ status: 200, headers, body: JSON.stringify(result ?? null) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const payload = JSON.stringify({ errorType: name, errorMessage: message, trace: [] });
    return new RawResult({
      status: 200,
      headers: { ...headers, "x-amz-function-error": "Unhandled" },
      body: payload,
    });
  }
}
