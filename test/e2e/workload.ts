// A queue whose visibility timeout is shorter than its consumer's run, and pollers that deliver as Lambda's do.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { zipSync } from "fflate";

const VISIBILITY_TIMEOUT_SECONDS = 2;
const FUNCTION_NAME = "receipt-mailer";
const QUEUE_NAME = "receipts-to-mail";

export interface Workload {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly functionArn: string;
}

export interface Clients {
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
}

export function createClients(endpoint: string): Clients {
  const options = {
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  return { sqs: new SQSClient(options), lambda: new LambdaClient(options) };
}

function consumerZip(): Uint8Array {
  return zipSync({ "index.mjs": readFileSync(new URL("./consumer/index.mjs", import.meta.url)) });
}

/**
 * The hole in AWS's own check, made as teams make it: the mapping is created while the function's timeout
 * still fits the queue, then the function's timeout is raised.
 */
export async function createWorkload({ sqs, lambda }: Clients): Promise<Workload> {
  const { QueueUrl: queueUrl = "" } = await sqs.send(
    new CreateQueueCommand({
      QueueName: QUEUE_NAME,
      Attributes: { VisibilityTimeout: String(VISIBILITY_TIMEOUT_SECONDS) },
    }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] }),
  );
  const queueArn = Attributes?.["QueueArn"] ?? "";
  const { FunctionArn: functionArn = "" } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: FUNCTION_NAME,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/consumer",
      Code: { ZipFile: consumerZip() },
      Timeout: VISIBILITY_TIMEOUT_SECONDS,
    }),
  );
  const waiter = { client: lambda, maxWaitTime: 30 };
  await waitUntilFunctionActiveV2(waiter, { FunctionName: FUNCTION_NAME });
  await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: queueArn,
      FunctionName: FUNCTION_NAME,
      BatchSize: 1,
    }),
  );
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION_NAME, Timeout: 30 }));
  await waitUntilFunctionUpdatedV2(waiter, { FunctionName: FUNCTION_NAME });
  return { queueUrl, queueArn, functionArn };
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
        awsRegion: "us-east-1",
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

/** Sends messages and lets concurrent pollers work on them; returns how often our pollers invoked. */
export async function produceOverlaps(
  clients: Clients,
  workload: Workload,
  o: { messages: number; pollers: number; durationMs: number },
): Promise<number> {
  for (let n = 0; n < o.messages; n += 1) {
    await clients.sqs.send(
      new SendMessageCommand({ QueueUrl: workload.queueUrl, MessageBody: JSON.stringify({ receipt: n }) }),
    );
  }
  const untilMs = Date.now() + o.durationMs;
  const counts = await Promise.all(Array.from({ length: o.pollers }, () => poll(clients, workload, untilMs)));
  return counts.reduce((sum, n) => sum + n, 0);
}
