import { CloudWatchClient, ListMetricsCommand, type Metric } from "@aws-sdk/client-cloudwatch";
import { GetFunctionEventInvokeConfigCommand, GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { UnreadableError } from "../core/errors.ts";
import type { AsyncInvokeSettings, EventSource } from "../core/model/async-path.ts";
import type { Unreadable } from "../core/model/delivery-path.ts";
import type { AsyncEventsPort, AsyncFunction } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { resourceError, troubleOf } from "./errors.ts";
import { eventSourcesOf } from "./event-sources.ts";

/** What Lambda does with events that fail unless told otherwise. */
const DEFAULT_RETRY_ATTEMPTS = 2;

type InvokeConfig = Pick<AsyncInvokeSettings, "maximumRetryAttempts" | "onFailureDestinationArn">;

/**
 * Asynchronous events through CloudWatch and Lambda. CloudWatch lists the metrics that had a point in the last two
 * weeks: one page names 500 functions that got events, where Lambda's own listing would name all functions there are.
 */
export function createAsyncEvents(connection: Connection): AsyncEventsPort {
  const cloudWatch = connection.client(CloudWatchClient);
  const lambda = connection.client(LambdaClient);

  async function listFunctions(): Promise<AsyncFunction[]> {
    const qualifiers = new Map<string, Set<string>>();
    let nextToken: string | undefined;
    do {
      const page = await cloudWatch
        .send(
          new ListMetricsCommand({
            Namespace: "AWS/Lambda",
            MetricName: "AsyncEventsReceived",
            Dimensions: [{ Name: "FunctionName" }],
            ...(nextToken !== undefined && { NextToken: nextToken }),
          }),
        )
        .catch((error: unknown) => {
          throw resourceError(error, "functions with asynchronous events", "cloudwatch:ListMetrics");
        });
      for (const metric of page.Metrics ?? []) noteTarget(qualifiers, metric);
      nextToken = page.NextToken || undefined;
    } while (nextToken !== undefined);
    return [...qualifiers]
      .map(([functionName, of]) => ({ functionName, qualifiers: of.size === 0 ? [""] : [...of].sort() }))
      .sort((a, b) => (a.functionName < b.functionName ? -1 : 1));
  }

  async function describe(functionArn: string): Promise<AsyncInvokeSettings> {
    const policy = await detail(functionArn, "event sources", () => readPolicy(functionArn));
    const config = await detail(functionArn, "retries of asynchronous events", () => readConfig(functionArn));
    const unreadable = [policy, config].flatMap((one) => ("unreadable" in one ? [one.unreadable] : []));
    return {
      eventSources: "value" in policy ? policy.value : [],
      ...("value" in config ? config.value : { maximumRetryAttempts: DEFAULT_RETRY_ATTEMPTS }),
      ...(unreadable.length > 0 && { unreadable }),
    };
  }

  async function readPolicy(functionArn: string): Promise<EventSource[]> {
    const answer = await orNothing(
      lambda.send(new GetPolicyCommand({ FunctionName: functionArn })),
      functionArn,
      "lambda:GetPolicy",
    );
    return eventSourcesOf(answer?.Policy);
  }

  async function readConfig(functionArn: string): Promise<InvokeConfig> {
    const config = await orNothing(
      lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: functionArn })),
      functionArn,
      "lambda:GetFunctionEventInvokeConfig",
    );
    const destination = config?.DestinationConfig?.OnFailure?.Destination;
    return {
      maximumRetryAttempts: config?.MaximumRetryAttempts ?? DEFAULT_RETRY_ATTEMPTS,
      ...(destination !== undefined && { onFailureDestinationArn: destination }),
    };
  }

  return { listFunctions, describe };
}

/** Metrics by function alone name no target; `Resource` is the function's name, or name:alias. */
function noteTarget(qualifiers: Map<string, Set<string>>, { Dimensions = [] }: Metric): void {
  const value = (name: string) => Dimensions.find((dimension) => dimension.Name === name)?.Value;
  const functionName = value("FunctionName");
  if (functionName === undefined) return;
  const of = qualifiers.get(functionName) ?? new Set<string>();
  qualifiers.set(functionName, of);
  const resource = value("Resource");
  if (resource !== undefined) of.add(resource.split(":")[1] ?? "");
}

/** A function without a policy or configuration of its own is no problem: AWS then says "not found". */
async function orNothing<T>(call: Promise<T>, functionArn: string, action: string): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (troubleOf(error, action).kind === "missing") return undefined;
    throw resourceError(error, functionArn, action);
  }
}

/** Side details: without them the path is still looked at. */
async function detail<T>(
  resource: string,
  what: string,
  read: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly unreadable: Unreadable }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { unreadable: { resource, reason: `${what}: ${error.reason}` } };
  }
}
