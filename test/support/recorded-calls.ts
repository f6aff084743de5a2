// What functions call, recorded from the SDK as the actions that IAM must allow for it. Each function has a connection
// of its own, as on Lambda, so that a call tells whose it is.
import type { SNSClient } from "@aws-sdk/client-sns";
import { callName } from "../../aws/call-counter.ts";
import type { Connection } from "../../aws/connection.ts";

/** IAM's action where it is not the command's name. @see https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const RENAMED: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
};

/** Calls that everybody may make. @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const ALLOWED_TO_ALL: readonly string[] = ["sts:GetCallerIdentity"];

/** Actions by function. One on a resource of the stack is followed by its name: `sns:Publish DigestTopic`. */
export type RecordedCalls = Map<string, Set<string>>;

/** Every client's stack is alike; one of them lends its type. */
type MiddlewareStack = SNSClient["middlewareStack"];

/** The same connection; its calls are noted as those of this function, whatever becomes of them. */
export function recordCalls(connection: Connection, functionName: string, calls: RecordedCalls): Connection {
  const recorded = calls.get(functionName) ?? new Set();
  calls.set(functionName, recorded);
  return {
    ...connection,
    client: (clientClass, more) => {
      const client = connection.client(clientClass, more);
      (client.middlewareStack as unknown as MiddlewareStack).add(
        (next, { clientName, commandName }) =>
          (args) => {
            for (const permission of permissionsOf(clientName, commandName, args.input)) {
              recorded.add(permission);
            }
            return next(args);
          },
        { name: "recordCalls", step: "initialize" },
      );
      return client;
    },
  };
}

function permissionsOf(clientName = "", commandName = "", input: object): string[] {
  const call = callName({ clientName, commandName });
  if (call.startsWith(`${clientName}:`)) throw new Error(`expected IAM's prefix of ${clientName}, got none`);
  if (ALLOWED_TO_ALL.includes(call)) return [];
  const action = RENAMED[call] ?? call;
  const resources = ownResources(input);
  return resources.length === 0 ? [action] : resources.map((resource) => permissionOn(action, resource));
}

/** How a permission on one resource of the stack is written. */
export const permissionOn = (action: string, resource: string): string => `${action} ${resource}`;

/** Table, topic or state machine; whatever else is named is the account's. */
function ownResources(input: object): string[] {
  const { TableName, RequestItems, TopicArn, stateMachineArn } = input as {
    readonly TableName?: string;
    readonly RequestItems?: object;
    readonly TopicArn?: string;
    readonly stateMachineArn?: string;
  };
  return [TableName, ...Object.keys(RequestItems ?? {}), TopicArn, stateMachineArn]
    .filter((one) => one !== undefined)
    .map((nameOrArn) => nameOrArn.split(":").at(-1) ?? nameOrArn);
}
