// Counts every request that leaves for AWS, retries included: what the result reports and the cost is made of.
import type { STSClient } from "@aws-sdk/client-sts";
import type { CallCounter } from "../core/ports.ts";

/** Every client's stack is alike; the smallest client lends its type. */
type MiddlewareStack = STSClient["middlewareStack"];

/** IAM's service prefix by the name of the SDK client. */
const SERVICE_PREFIXES: Readonly<Record<string, string>> = {
  CloudWatchClient: "cloudwatch",
  CloudWatchLogsClient: "logs",
  DynamoDBClient: "dynamodb",
  LambdaClient: "lambda",
  ResourceGroupsTaggingAPIClient: "tag",
  SFNClient: "states",
  SNSClient: "sns",
  SQSClient: "sqs",
  STSClient: "sts",
};

/** "service:Operation", in IAM's prefixes; of a client that is not known, its own name. */
export const callName = ({ clientName = "", commandName = "" }: CalledBy): string =>
  `${SERVICE_PREFIXES[clientName] ?? clientName}:${commandName.replace(/Command$/, "")}`;

/** What the SDK tells a middleware of the call. */
interface CalledBy {
  readonly clientName?: string | undefined;
  readonly commandName?: string | undefined;
}

/**
 * Calls back for every attempt that a client makes from now on, before it leaves.
 * @param before gets the call as "service:Operation", and its input; the attempt leaves when it is done.
 */
export function watchAttempts(
  client: { readonly middlewareStack: unknown },
  before: (call: string, input: unknown) => Promise<void>,
): void {
  (client.middlewareStack as MiddlewareStack).add(
    (next, context) => async (args) => {
      await before(callName(context), args.input);
      return next(args);
    },
    // The end of this step lies inside the retry middleware: it runs once an attempt.
    { name: "watchAttempts", step: "finalizeRequest", priority: "low" },
  );
}

export interface RequestCounter extends CallCounter {
  record(call: string): void;
}

export function createCallCounter(): RequestCounter {
  let counts: Record<string, number> = {};
  return {
    record: (call) => {
      counts[call] = (counts[call] ?? 0) + 1;
    },
    take: () => {
      const taken = counts;
      counts = {};
      return taken;
    },
  };
}
