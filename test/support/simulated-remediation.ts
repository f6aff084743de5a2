// The whole way from a scan to the outcome of a change against a simulated account: workflows, handlers, adapters,
// ledger and mail as deployed, over the wire, on the account's virtual clock.

import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateTopicCommand,
  ListSubscriptionsCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { createChangeLedger } from "../../aws/change-ledger.ts";
import { connect } from "../../aws/connection.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createLedgerTableInput } from "../../aws/ledger-table.ts";
import { createNotifier } from "../../aws/notifier.ts";
import { createQueueWriter } from "../../aws/queue-writer.ts";
import { createReadPorts } from "../../aws/read-ports.ts";
import { createSecrets } from "../../aws/secrets.ts";
import { createSubscriptions } from "../../aws/subscriptions.ts";
import { createLocalRemediation } from "../../cli/remediation-workflow.ts";
import { ChangeSettings } from "../../core/model/change-settings.ts";
import { FindingDocument } from "../../core/model/finding.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import { decideByLink } from "../../core/remediate/decide.ts";
import { scanIdOf } from "../../core/scan/claim-scan.ts";
import { documentKey, requireDocument } from "../../core/scan/documents.ts";
import { scanHandlers } from "../../functions/scan-handlers.ts";
import { type CreateAccountOptions, createAccount } from "../../simulator/create-account.ts";
import { startServer } from "../../simulator/server.ts";
import { runWorkflow, type WorkflowStep } from "../../statemachine/interpreter.ts";
import scanDefinition from "../../statemachine/scan.asl.json" with { type: "json" };

const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
const TABLE = "ledger";
const PAGE_URL = "https://approvals.example/";
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };
/** Turns of the event loop until a mail must have come. */
const MOST_LOOKS = 50_000;
const APPROVER = "ada@example.org";

export interface RemediationOptions extends Omit<CreateAccountOptions, "endMs"> {
  readonly change?: Partial<ChangeSettings>;
}

/** A request for approval as it arrived in somebody's mailbox. */
export interface ApprovalMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly linkId: string;
  readonly code: string;
}

export async function simulateRemediation({ change = {}, ...options }: RemediationOptions) {
  const { account, truth } = createAccount({ endMs: NOW_MS, ...options });
  const server = await startServer({ account });
  const connection = connect({
    endpointUrl: server.url,
    region: "us-east-1",
    credentials: CREDENTIALS,
    maxAttempts: 2,
    quotaShare: Number.POSITIVE_INFINITY,
  });
  await connection.client(DynamoDBClient).send(new CreateTableCommand(createLedgerTableInput(TABLE)));
  const sns = connection.client(SNSClient);
  const topic = async (Name: string) => (await sns.send(new CreateTopicCommand({ Name }))).TopicArn ?? "";
  const [digestTopic, approvalTopic] = [await topic("digest"), await topic("approvals")];
  await sns.send(new SubscribeCommand({ TopicArn: digestTopic, Protocol: "email", Endpoint: APPROVER }));
  for (const address of change.approvers ?? [APPROVER]) {
    const Attributes = { FilterPolicy: JSON.stringify({ recipient: [address] }) };
    await sns.send(
      new SubscribeCommand({ TopicArn: approvalTopic, Protocol: "email", Endpoint: address, Attributes }),
    );
  }
  server.confirmSubscriptions();

  const nowMs = () => account.nowMs();
  const settings = {
    scan: ScanSettings.parse({}),
    change: ChangeSettings.parse({ approvers: [APPROVER], maxChangesPerScan: 1, ...change }),
  };
  const ports = {
    ...createReadPorts(connection),
    ledger: createLedger(connection, { tableName: TABLE, nowMs }),
    changes: createChangeLedger(connection, { tableName: TABLE, nowMs }),
    queueWriter: createQueueWriter(connection),
    notifier: createNotifier(connection, digestTopic),
    approvalNotifier: createNotifier(connection, approvalTopic),
    secrets: createSecrets(),
    nowMs,
  };
  const steps: WorkflowStep[] = [];
  const remediation = createLocalRemediation({
    ports,
    settings,
    addresses: { pageUrl: PAGE_URL, functionName: "approvals", region: "us-east-1", snoozeDays: 30 },
    pass: async (seconds) => account.advanceTo(account.nowMs() + seconds * 1000),
    onStep: (_, step) => steps.push(step),
  });
  const subscriptions = createSubscriptions(connection);
  const audiences = [
    { topicArn: digestTopic, what: "the digest" as const, addresses: [APPROVER] },
    {
      topicArn: approvalTopic,
      what: "requests for approval" as const,
      addresses: settings.change.approvers,
    },
  ];

  /** One scan at the present virtual time. */
  async function scan(): Promise<FindingDocument> {
    const scheduledTime = new Date(nowMs()).toISOString();
    await runWorkflow({
      definition: scanDefinition,
      handlers: scanHandlers(ports, settings.scan, {
        pollIntervalMs: 20,
        proposing: {
          ports: { changes: ports.changes, executions: remediation.executions, subscriptions },
          settings: settings.change,
          audiences,
        },
      }),
      input: { scheduledTime },
      executionName: `scan-${nowMs()}`,
      waitMs: 20,
      retryMs: 0,
    });
    return requireDocument(ports.ledger, scanIdOf(scheduledTime), documentKey.document, FindingDocument);
  }

  const mails = () =>
    server
      .published()
      .map(({ subject = "", bodies, mails: to }) => ({ subject, text: bodies["email"] ?? "", to }));

  /** When the approvers have been asked; the workflow runs meanwhile. */
  async function approvalMails(): Promise<ApprovalMail[]> {
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const asked = mails().flatMap((mail): ApprovalMail[] => {
        const linkId = new RegExp(`${PAGE_URL}([\\w-]{43})`).exec(mail.text)?.[1];
        const code = /Code: (\S+)/.exec(mail.text)?.[1];
        return linkId === undefined || code === undefined ? [] : [{ ...mail, linkId, code }];
      });
      if (asked.length >= settings.change.approvers.length) return asked;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(
      `expected a request for approval, got the mails ${mails().map(({ subject }) => subject)}`,
    );
  }

  const decidePorts = { ...ports, callbacks: remediation.callbacks };
  const approve = async ({ linkId, code }: ApprovalMail) => {
    const [open] = (await ports.changes.list()).filter(({ status }) => status === "waiting");
    const planHash = open?.plan.hash ?? "";
    return decideByLink(decidePorts, settings, { linkId, code, verdict: "approve", reason: "", planHash });
  };
  const reject = ({ linkId, code }: ApprovalMail, reason: string) =>
    decideByLink(decidePorts, settings, { linkId, code, verdict: "reject", reason, planHash: "" });

  /** As the link in a mail's footer does. */
  const unsubscribe = async (address: string) => {
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
    for (const { Endpoint, SubscriptionArn } of Subscriptions) {
      if (Endpoint === address) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    }
  };

  return {
    unsubscribe,
    account,
    truth,
    server,
    ports,
    decidePorts,
    settings,
    steps,
    scan,
    mails,
    approvalMails,
    approve,
    reject,
    remediation,
    close: async () => {
      await remediation.stop();
      await server.close();
    },
  };
}

export type SimulatedRemediation = Awaited<ReturnType<typeof simulateRemediation>>;
