// A queue whose visibility timeout is shorter than its consumer's run, and pollers that deliver as Lambda's do.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { CloudWatchLogsClient, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { zipSync } from "fflate";
import { type ClientOptions, REGION } from "./endpoint.ts";

const VISIBILITY_TIMEOUT_SECONDS = 2;

export interface WorkloadNames {
  readonly queueName: string;
  readonly functionName: string;
}
export const RECEIPTS: WorkloadNames = { queueName: "receipts-to-mail", functionName: "receipt-mailer" };
export const INVOICES: WorkloadNames = { queueName: "invoices-to-print", functionName: "invoice-printer" };

export interface Workload extends WorkloadNames {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly functionArn: string;
  readonly mappingId: string | undefined;
}

export interface Clients {
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
}

export function createClients(options: ClientOptions): Clients {
  return {
    sqs: new SQSClient(options),
    lambda: new LambdaClient(options),
    logs: new CloudWatchLogsClient(options),
  };
}

function consumerZip(): Uint8Array {
  return zipSync({ "index.mjs": readFileSync(new URL("./consumer/index.mjs", import.meta.url)) });
}

/**
 * The hole in AWS's own check, made as teams make it: the mapping is created while the function's timeout
 * still fits the queue, then the function's timeout is raised.
 */
export async function createWorkload(
  { sqs, lambda }: Clients,
  { queueName, functionName }: WorkloadNames,
  roleArn: string,
): Promise<Workload> {
  const { QueueUrl: queueUrl = "" } = await sqs.send(
    new CreateQueueCommand({
      QueueName: queueName,
      Attributes: { VisibilityTimeout: String(VISIBILITY_TIMEOUT_SECONDS) },
    }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] }),
  );
  const queueArn = Attributes?.["QueueArn"] ?? "";
  const { FunctionArn: functionArn = "" } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: functionName,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: roleArn,
      Code: { ZipFile: consumerZip() },
      Timeout: VISIBILITY_TIMEOUT_SECONDS,
    }),
  );
  const waiter = { client: lambda, maxWaitTime: 30 };
  await waitUntilFunctionActiveV2(waiter, { FunctionName: functionName });
  const { UUID: mappingId } = await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: queueArn,
      FunctionName: functionName,
      BatchSize: 1,
    }),
  );
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName, Timeout: 30 }));
  await waitUntilFunctionUpdatedV2(waiter, { FunctionName: functionName });
  return { queueName, functionName, queueUrl, queueArn, functionArn, mappingId };
}

export async function removeWorkload(
  { sqs, lambda, logs }: Clients,
  { queueUrl, functionName, mappingId }: Workload,
): Promise<void> {
  await lambda.send(new DeleteEventSourceMappingCommand({ UUID: mappingId }));
  await lambda.send(new DeleteFunctionCommand({ FunctionName: functionName }));
  await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
  // Its lines would be those of the next one of that name.
  await logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${functionName}` }));
}

/** A handle that has expired is no failure of the poller: AWS answers it with success or an error by queue type. */
async function deleteMessage(sqs: SQSClient, { queueUrl }: Workload, receiptHandle: string | undefined) {
  try {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
  } catch (error) {
    if (!(error instanceof ReceiptHandleIsInvalid)) throw error;
  }
}

/** One poller: receive, invoke synchronously, delete on success; as Lambda's pollers do. */
async function poll({ sqs, lambda }: Clients, workload: Workload, untilMs: number): Promise<number> {
  let invocations = 0;
  while (Date.now() < untilMs) {
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: workload.queueUrl,
        MaxNumberOfMessages: 1,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ["All"],
      }),
    );
    for (const message of messages) {
      invocations += 1;
      const record = {
        messageId: message.MessageId,
        receiptHandle: message.ReceiptHandle,
        body: message.Body,
        attributes: message.Attributes ?? {},
        messageAttributes: {},
        md5OfBody: message.MD5OfBody,
        eventSource: "aws:sqs",
        eventSourceARN: workload.queueArn,
        awsRegion: REGION,
      };
      const { FunctionError } = await lambda.send(
        new InvokeCommand({
          FunctionName: workload.functionArn,
          Payload: new TextEncoder().encode(JSON.stringify({ Records: [record] })),
        }),
      );
      if (FunctionError === undefined) await deleteMessage(sqs, workload, message.ReceiptHandle);
    }
    await pause(50);
  }
  return invocations;
}

export async function sendMessages(
  { sqs }: Clients,
  { queueUrl }: Workload,
  messages: number,
): Promise<void> {
  for (let n = 0; n < messages; n += 1) {
    await sqs.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ receipt: n }) }),
    );
  }
}

/** Sends messages and lets concurrent pollers work on them; returns how often our pollers invoked. */
export async function produceOverlaps(
  clients: Clients,
  workload: Workload,
  o: { messages: number; pollers: number; durationMs: number },
): Promise<number> {
  await sendMessages(clients, workload, o.messages);
  const untilMs = Date.now() + o.durationMs;
  const counts = await Promise.all(Array.from({ length: o.pollers }, () => poll(clients, workload, untilMs)));
  return counts.reduce((sum, n) => sum + n, 0);
}
