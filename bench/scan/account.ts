// Starts the simulated account, and makes in it what a deployment brings along.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { connect } from "../../aws/connection.ts";
import { createLedgerTableInput } from "../../aws/ledger-table.ts";

/** The end of what is simulated. */
export const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
export const REGION = "us-east-1";
export const CREDENTIALS = { accessKeyId: "bench", secretAccessKey: "bench" };
export const LEDGER_TABLE = "ledger";

/** It keeps the rows of every log query it was asked. */
const HEAP_MB = 10_000;

export interface BenchAccount {
  readonly url: string;
  readonly topicArn: string;
  close(): void;
}

export async function startAccount(paths: number, seed: number): Promise<BenchAccount> {
  const entry = fileURLToPath(import.meta.resolve("./account-process.ts"));
  const child = fork(entry, [paths, seed, NOW_MS].map(String), {
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
  });
  const died = once(child, "exit").then(([code]): never => {
    throw new Error(`expected the simulated account to listen, got exit code ${code}`);
  });
  const [{ url }] = (await Promise.race([once(child, "message"), died])) as [{ url: string }];
  died.catch(() => {});
  const connection = connect({ endpointUrl: url, region: REGION, credentials: CREDENTIALS });
  await connection.client(DynamoDBClient).send(new CreateTableCommand(createLedgerTableInput(LEDGER_TABLE)));
  const topic = await connection.client(SNSClient).send(new CreateTopicCommand({ Name: "digest" }));
  return { url, topicArn: topic.TopicArn ?? "", close: () => child.disconnect() };
}
