// Runs the deployed workflow's own definition and handlers in this process.
import { AccountUnreadableError, TransientError } from "../core/errors.ts";
import { FindingDocument } from "../core/model/finding.ts";
import type { ScanSettings } from "../core/model/settings.ts";
import { scanIdOf } from "../core/scan/claim-scan.ts";
import { documentKey, requireDocument } from "../core/scan/documents.ts";
import type { ScanPorts } from "../core/scan/scan-ports.ts";
import { type Proposing, scanHandlers } from "../functions/scan-handlers.ts";
import { runWorkflow } from "../statemachine/interpreter.ts";
import scanDefinition from "../statemachine/scan.asl.json" with { type: "json" };
import type { Handlers, Narrator } from "./narrate.ts";

export interface ScanWorkflowOptions {
  readonly ports: ScanPorts;
  readonly settings: ScanSettings;
  /** Epoch ms of the moment that the scan is about. */
  readonly scheduledTimeMs: number;
  /** Wait between two looks at the log queries, in ms. */
  readonly pollIntervalMs: number;
  /** Wait before a failed step is tried again, in ms. @default what the definition says */
  readonly retryMs?: number;
  readonly narrator: Narrator;
  /** Absent = nothing is proposed. */
  readonly proposing?: Proposing;
  /** Ends the workflow after the steps that run. */
  readonly signal?: AbortSignal;
}

/** @returns the finding document that the workflow wrote to the ledger. */
export async function runScanWorkflow(options: ScanWorkflowOptions): Promise<FindingDocument> {
  const { ports, settings, scheduledTimeMs, pollIntervalMs, narrator, proposing } = options;
  const handlers = scanHandlers(ports, settings, {
    pollIntervalMs,
    ...(proposing === undefined ? {} : { proposing }),
  });
  const scheduledTime = new Date(scheduledTimeMs).toISOString();
  const scanId = scanIdOf(scheduledTime);
  await runWorkflow({
    definition: scanDefinition,
    handlers: narrator.listen(impatient(handlers)),
    input: { scheduledTime },
    executionName: `scan-${scanId}`,
    waitMs: pollIntervalMs,
    ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return requireDocument(ports.ledger, scanId, documentKey.document, FindingDocument);
}

/**
 * The deployed workflow waits for better times when AWS throttles the account-wide listing. Somebody who sits in
 * front of a terminal is told instead: the SDK has tried often enough.
 */
function impatient(handlers: Handlers): Handlers {
  return {
    ...handlers,
    Discover: async (event) => {
      try {
        return await handlers["Discover"]?.(event);
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        throw new AccountUnreadableError(error.message, { cause: error });
      }
    },
  };
}
