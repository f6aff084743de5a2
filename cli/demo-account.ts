// `doubletake demo` behind the command: everything real but the account. The SDK speaks to a loopback port with
// made-up credentials, so that the user's own can never be used.
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { createChangeLedger } from "../aws/change-ledger.ts";
import { type Connection, connect } from "../aws/connection.ts";
import { createLedger } from "../aws/ledger.ts";
import { createLedgerTableInput } from "../aws/ledger-table.ts";
import { createNotifier } from "../aws/notifier.ts";
import { createQueueWriter } from "../aws/queue-writer.ts";
import { createReadPorts } from "../aws/read-ports.ts";
import { createSecrets } from "../aws/secrets.ts";
import { createSubscriptions } from "../aws/subscriptions.ts";
import { AccountUnreadableError } from "../core/errors.ts";
import type { FindingDocument } from "../core/model/finding.ts";
import { ScanSettings } from "../core/model/settings.ts";
import type { ScanPorts } from "../core/scan/scan-ports.ts";
import type { Proposing } from "../functions/scan-handlers.ts";
import { type ComparedPath, compareWithTruth } from "./comparison.ts";
import type { MailedDigest } from "./demo-report.ts";
import { stepNarrator } from "./narrate.ts";
import type { Progress } from "./progress.ts";
import { runScanWorkflow } from "./scan-workflow.ts";
import { type SimulatedAccountThread, startSimulatedAccount } from "./simulated-account.ts";

/** Fixed, so that a seed gives the same account, and the same findings, on every day. */
export const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
const REGION = "us-east-1";
const CREDENTIALS = { accessKeyId: "simulated", secretAccessKey: "simulated" };
const TABLE = "doubletake-ledger";
/** Whose mailbox the demo shows. */
export const YOU = "you@example.com";
const POLL_INTERVAL_MS = 50;

/** What the stack would have deployed, and the ports over it. */
export interface DemoAccount {
  readonly thread: SimulatedAccountThread;
  readonly ports: Omit<ScanPorts, "nowMs">;
  /** What only the remediation needs; its clock is the account's. */
  readonly remediation: ReturnType<typeof remediationPorts>;
  readonly topics: Topics;
}

interface Topics {
  readonly digest: string;
  readonly approvals: string;
}

export async function startDemoAccount(
  seed: number,
  nowMs: () => number,
  progress: Progress,
): Promise<DemoAccount> {
  progress.step(`simulating 24 hours of an AWS account, seed ${seed}`);
  const thread = await startSimulatedAccount({ seed, endMs: NOW_MS, region: REGION });
  try {
    const endpoint = {
      endpointUrl: thread.url,
      region: REGION,
      credentials: CREDENTIALS,
      quotaShare: Number.POSITIVE_INFINITY,
    };
    const topics = await setUp(connect(endpoint));
    await thread.confirmSubscriptions();
    const connection = connect(endpoint);
    return {
      thread,
      topics,
      ports: {
        ...createReadPorts(connection),
        ledger: createLedger(connection, { tableName: TABLE, nowMs }),
        notifier: createNotifier(connection, topics.digest),
      },
      remediation: remediationPorts(connection, topics),
    };
  } catch (error) {
    await thread.close();
    throw error;
  }
}

function remediationPorts(connection: Connection, topics: Topics) {
  return {
    changes: createChangeLedger(connection, { tableName: TABLE, nowMs: () => NOW_MS }),
    queueWriter: createQueueWriter(connection),
    approvalNotifier: createNotifier(connection, topics.approvals),
    secrets: createSecrets(),
    subscriptions: createSubscriptions(connection),
  };
}

export interface DemoScan {
  readonly document: FindingDocument;
  readonly digests: readonly MailedDigest[];
  readonly comparison: readonly ComparedPath[];
}

/** @param proposing absent = the scan only reads. */
export async function scanDemoAccount(
  { thread, ports, topics }: DemoAccount,
  nowMs: () => number,
  progress: Progress,
  proposing?: Proposing,
): Promise<DemoScan> {
  progress.step(`the account answers at ${thread.url}; running statemachine/scan.asl.json against it`);
  const document = await runScanWorkflow({
    ports: { ...ports, nowMs },
    settings: ScanSettings.parse({}),
    scheduledTimeMs: NOW_MS,
    pollIntervalMs: POLL_INTERVAL_MS,
    narrator: stepNarrator(progress),
    ...(proposing === undefined ? {} : { proposing }),
  });
  const { start, end } = document.scan.window;
  const { published, paths } = await thread.reveal(Date.parse(start), Date.parse(end));
  return {
    document,
    digests: published.filter(({ topicArn }) => topicArn === topics.digest).map(asMail),
    comparison: compareWithTruth(document.findings, paths),
  };
}

/** As an e-mail subscriber gets it. */
export const asMail = ({
  subject = "",
  bodies,
}: {
  readonly subject?: string | undefined;
  readonly bodies: Readonly<Record<string, string>>;
}): MailedDigest => ({ subject, text: bodies["email"] ?? bodies["default"] ?? "" });

/** What the stack would have deployed: the ledger's table, and the topics with their one subscriber. */
async function setUp(connection: Connection): Promise<Topics> {
  const client = connection.client(DynamoDBClient);
  await client.send(new CreateTableCommand(createLedgerTableInput(TABLE)));
  await waitUntilTableExists({ client, minDelay: 0.05, maxDelay: 1, maxWaitTime: 10 }, { TableName: TABLE });
  const sns = connection.client(SNSClient);
  const create = async (name: string, filter?: Readonly<Record<string, readonly string[]>>) => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
    if (TopicArn === undefined) throw new AccountUnreadableError("the simulated SNS gave no topic ARN");
    const Attributes = filter && { FilterPolicy: JSON.stringify(filter) };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: YOU, Attributes }));
    return TopicArn;
  };
  return {
    digest: await create("doubletake-digest"),
    approvals: await create("doubletake-approvals", { recipient: [YOU] }),
  };
}
