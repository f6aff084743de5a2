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
  SFNClient: "states",
  SNSClient: "sns",
  SQSClient: "sqs",
  STSClient: "sts",
};

export interface RequestCounter extends CallCounter {
  /** Counts from now on every attempt that a client makes. */
  watch(client: { readonly middlewareStack: unknown }): void;
}

export function createCallCounter(): RequestCounter {
  let counts: Record<string, number> = {};

  const record = (client: string, command: string) => {
    const call = `${SERVICE_PREFIXES[client] ?? client}:${command.replace(/Command$/, "")}`;
    counts[call] = (counts[call] ?? 0) + 1;
  };

  return {
    watch: (client) => {
      (client.middlewareStack as MiddlewareStack).add(
        (next, context) => (args) => {
          record(context.clientName ?? "", context.commandName ?? "");
          return next(args);
        },
        // The end of this step lies inside the retry middleware: it runs once an attempt.
        { name: "countCalls", step: "finalizeRequest", priority: "low" },
      );
    },
    take: () => {
      const taken = counts;
      counts = {};
      return taken;
    },
  };
}
