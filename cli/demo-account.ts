// `doubletake demo` behind the command: everything real but the account. The SDK speaks to a loopback port with
// made-up credentials, so that the user's own can never be used.
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { type Connection, connect } from "../aws/connection.ts";
import { createLedger } from "../aws/ledger.ts";
import { createLedgerTableInput } from "../aws/ledger-table.ts";
import { createNotifier } from "../aws/notifier.ts";
import { createReadPorts } from "../aws/read-ports.ts";
import { AccountUnreadableError } from "../core/errors.ts";
import type { FindingDocument } from "../core/model/finding.ts";
import { ScanSettings } from "../core/model/settings.ts";
import { type ComparedPath, compareWithTruth } from "./comparison.ts";
import type { MailedDigest } from "./demo-report.ts";
import { stepNarrator } from "./narrate.ts";
import type { Progress } from "./progress.ts";
import { runScanWorkflow } from "./scan-workflow.ts";
import { startSimulatedAccount } from "./simulated-account.ts";

/** Fixed, so that a seed gives the same account, and the same findings, on every day. */
const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
const REGION = "us-east-1";
const CREDENTIALS = { accessKeyId: "simulated", secretAccessKey: "simulated" };
const TABLE = "doubletake-ledger";
const TOPIC = "doubletake-digest";
const POLL_INTERVAL_MS = 50;

export interface DemoOutcome {
  readonly document: FindingDocument;
  readonly digests: readonly MailedDigest[];
  readonly comparison: readonly ComparedPath[];
}

export async function runDemo(seed: number, nowMs: () => number, progress: Progress): Promise<DemoOutcome> {
  progress.step(`simulating 24 hours of an AWS account, seed ${seed}`);
  const account = await startSimulatedAccount({ seed, endMs: NOW_MS, region: REGION });
  try {
    const endpoint = { endpointUrl: account.url, region: REGION, credentials: CREDENTIALS };
    const topicArn = await setUp(connect(endpoint));
    progress.step(`the account answers at ${account.url}; running statemachine/scan.asl.json against it`);
    const connection = connect(endpoint);
    const document = await runScanWorkflow({
      ports: {
        ...createReadPorts(connection),
        ledger: createLedger(connection, { tableName: TABLE, nowMs }),
        notifier: createNotifier(connection, topicArn),
        nowMs,
      },
      settings: ScanSettings.parse({}),
      scheduledTimeMs: NOW_MS,
      pollIntervalMs: POLL_INTERVAL_MS,
      narrator: stepNarrator(progress),
    });
    const { start, end } = document.scan.window;
    const { published, paths } = await account.reveal(Date.parse(start), Date.parse(end));
    return {
      document,
      digests: published.map(({ subject = "", bodies }) => ({
        subject,
        text: bodies["email"] ?? bodies["default"] ?? "",
      })),
      comparison: compareWithTruth(document.findings, paths),
    };
  } finally {
    await account.close();
  }
}

/** What the stack would have deployed: the ledger's table and the digest's topic. @returns the topic's ARN. */
async function setUp(connection: Connection): Promise<string> {
  const client = connection.client(DynamoDBClient);
  await client.send(new CreateTableCommand(createLedgerTableInput(TABLE)));
  await waitUntilTableExists({ client, minDelay: 0.05, maxDelay: 1, maxWaitTime: 10 }, { TableName: TABLE });
  const { TopicArn } = await connection.client(SNSClient).send(new CreateTopicCommand({ Name: TOPIC }));
  if (TopicArn === undefined) throw new AccountUnreadableError("the simulated SNS gave no topic ARN");
  return TopicArn;
}
