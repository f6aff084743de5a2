// Starts the simulated account, and makes in it what a deployment brings along.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { connect } from "../../aws/connection.ts";
import { createLedgerTableInput } from "../../aws/ledger-table.ts";
import { firstMessage } from "./first-message.ts";

/** The end of what is simulated. */
export const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
export const REGION = "us-east-1";
export const CREDENTIALS = { accessKeyId: "bench", secretAccessKey: "bench" };
export const LEDGER_TABLE = "ledger";

/** It keeps a day of log lines, and the rows of log queries. */
const HEAP_MB = 8_000;
/** Rows live for a moment: a larger nursery saves a third of its time. */
const NURSERY_MB = 128;

export interface BenchAccount {
  readonly url: string;
  readonly topicArn: string;
}

/** One simulation, of which accounts of any size are made. */
export interface Simulation {
  /** An account with an empty ledger; the one before is gone then. */
  open(paths: number): Promise<BenchAccount>;
  close(): void;
}

export function startSimulation(seed: number): Simulation {
  const entry = fileURLToPath(import.meta.resolve("./account-process.ts"));
  const child = fork(entry, [seed, NOW_MS].map(String), {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, `--max-semi-space-size=${NURSERY_MB}`],
  });
  return {
    async open(paths) {
      const answered = firstMessage<{ url: string }>(child, "the simulated account");
      child.send(paths);
      const { url } = await answered;
      return { url, topicArn: await deployTo(url) };
    },
    close: () => child.disconnect(),
  };
}

async function deployTo(url: string): Promise<string> {
  const connection = connect({ endpointUrl: url, region: REGION, credentials: CREDENTIALS });
  await connection.client(DynamoDBClient).send(new CreateTableCommand(createLedgerTableInput(LEDGER_TABLE)));
  const topic = await connection.client(SNSClient).send(new CreateTopicCommand({ Name: "digest" }));
  return topic.TopicArn ?? "";
}
