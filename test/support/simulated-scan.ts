// The whole scan against a simulated account: workflow, handlers, adapters and ledger as deployed, over the wire.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { connect } from "../../aws/connection.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createLedgerTableInput } from "../../aws/ledger-table.ts";
import { createNotifier } from "../../aws/notifier.ts";
import { createReadPorts } from "../../aws/read-ports.ts";
import { FindingDocument } from "../../core/model/finding.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import { scanIdOf } from "../../core/scan/claim-scan.ts";
import { documentKey, requireDocument } from "../../core/scan/documents.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { type ScanHandlersOptions, scanHandlers } from "../../functions/scan-handlers.ts";
import { type CreateAccountOptions, createAccount } from "../../simulator/create-account.ts";
import { type Fault, startServer } from "../../simulator/server.ts";
import { runWorkflow, type WorkflowStep } from "../../statemachine/interpreter.ts";

const definition: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../statemachine/scan.asl.json"), "utf8"),
);

export const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
const POLL_INTERVAL_MS = 20;
const TABLE = "ledger";
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

export interface ScanRun {
  readonly document: FindingDocument;
  readonly steps: readonly WorkflowStep[];
  readonly output: unknown;
}

export interface ScanOptions extends ScanHandlersOptions {
  /** @default NOW_MS */
  readonly atMs?: number;
  readonly settings?: Partial<ScanSettings>;
  /** @default one that only this scan has */
  readonly executionName?: string;
}

export async function simulateScans(
  options: Omit<CreateAccountOptions, "endMs">,
  faults: readonly Fault[] = [],
) {
  const { account, truth } = createAccount({ endMs: NOW_MS, ...options });
  const server = await startServer({ account, faults });
  const endpoint = {
    endpointUrl: server.url,
    region: "us-east-1",
    credentials: CREDENTIALS,
    maxAttempts: 2,
    quotaShare: Number.POSITIVE_INFINITY,
  };
  const setUp = connect(endpoint);
  await setUp.client(DynamoDBClient).send(new CreateTableCommand(createLedgerTableInput(TABLE)));
  const topic = await setUp.client(SNSClient).send(new CreateTopicCommand({ Name: "digest" }));

  async function scan({
    atMs = NOW_MS,
    settings = {},
    executionName,
    ...rest
  }: ScanOptions = {}): Promise<ScanRun> {
    const connection = connect(endpoint);
    const ports: ScanPorts = {
      ...createReadPorts(connection),
      ledger: createLedger(connection, { tableName: TABLE, nowMs: () => atMs }),
      notifier: createNotifier(connection, topic.TopicArn ?? ""),
      nowMs: () => atMs,
    };
    const steps: WorkflowStep[] = [];
    const scheduledTime = new Date(atMs).toISOString();
    const output = await runWorkflow({
      definition,
      handlers: scanHandlers(ports, ScanSettings.parse(settings), {
        pollIntervalMs: POLL_INTERVAL_MS,
        ...rest,
      }),
      input: { scheduledTime },
      executionName: executionName ?? `scan-${atMs}`,
      waitMs: POLL_INTERVAL_MS,
      retryMs: 0,
      onStep: (step) => steps.push(step),
    });
    const scanId = scanIdOf(scheduledTime);
    const document = await requireDocument(ports.ledger, scanId, documentKey.document, FindingDocument);
    return { document, steps, output };
  }

  return { account, truth, server, scan };
}

export type SimulatedScans = Awaited<ReturnType<typeof simulateScans>>;
