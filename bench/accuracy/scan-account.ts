// The scan itself, as it is deployed: the workflow and its handlers, over the wire, with nothing kept from it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../aws/connection.ts";
import { createMemoryLedger } from "../../aws/memory-ledger.ts";
import { createReadPorts } from "../../aws/read-ports.ts";
import type { ClassifiedRedelivery } from "../../core/correlate/path-deliveries.ts";
import { FindingDocument } from "../../core/model/finding.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import { scanIdOf } from "../../core/scan/claim-scan.ts";
import { documentKey, requireDocument } from "../../core/scan/documents.ts";
import { scanHandlers } from "../../functions/scan-handlers.ts";
import type { SimulatedAccount } from "../../simulator/account.ts";
import { startServer } from "../../simulator/server.ts";
import { runWorkflow } from "../../statemachine/interpreter.ts";

const definition: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../statemachine/scan.asl.json"), "utf8"),
);
const POLL_INTERVAL_MS = 10;
const CREDENTIALS = { accessKeyId: "bench", secretAccessKey: "bench" };

export interface AccountScan {
  readonly document: FindingDocument;
  /** Every redelivery that the scan counted. */
  readonly redeliveries: readonly ClassifiedRedelivery[];
}

/** With no limit on the bytes of logs: how well they are understood is the question here, not what they cost. */
export async function scanAccount(
  account: SimulatedAccount & { setBaseUrl(url: string): void },
  settings: Pick<ScanSettings, "lookbackMinutes"> & Partial<ScanSettings>,
): Promise<AccountScan> {
  const atMs = account.nowMs();
  const server = await startServer({ account });
  try {
    const connection = connect({
      endpointUrl: server.url,
      region: account.region,
      credentials: CREDENTIALS,
      quotaShare: Number.POSITIVE_INFINITY,
    });
    const redeliveries: ClassifiedRedelivery[] = [];
    const ledger = createMemoryLedger();
    const handlers = scanHandlers(
      {
        ...createReadPorts(connection),
        ledger,
        notifier: { publish: async () => {} },
        nowMs: () => atMs,
      },
      ScanSettings.parse({ maxLogBytes: 1e12, ...settings }),
      { pollIntervalMs: POLL_INTERVAL_MS, onRedelivery: (one) => redeliveries.push(one) },
    );
    const scheduledTime = new Date(atMs).toISOString();
    await runWorkflow({
      definition,
      handlers,
      input: { scheduledTime },
      executionName: `bench-${atMs}`,
      waitMs: POLL_INTERVAL_MS,
      retryMs: 0,
    });
    const scanId = scanIdOf(scheduledTime);
    const document = await requireDocument(ledger, scanId, documentKey.document, FindingDocument);
    return { document, redeliveries };
  } finally {
    await server.close();
  }
}
