// ClaimScan: names the scan after its scheduled time, so that a schedule delivered twice scans once.
import { ScanAlreadyClaimedError } from "../errors.ts";
import type { Window } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { ClaimScanInput, ScanContext } from "../model/workflow.ts";
import { ClaimRecord, documentKey, readDocument } from "./documents.ts";
import type { ScanPorts } from "./scan-ports.ts";

const MINUTE_MS = 60_000;

/**
 * The scan's id: its scheduled time in UTC as `20261123T180000Z`, legal in an execution name.
 * @param scheduledTime ISO 8601 with any offset; parts of a second are dropped.
 */
export function scanIdOf(scheduledTime: string): string {
  return new Date(scheduledTime)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(/[-:]/g, "");
}

/** The window ends `settleMinutes` before the scheduled time, at the end of that minute, because metrics arrive late. */
export function windowOf(
  scheduledTime: string,
  settings: Pick<ScanSettings, "lookbackMinutes" | "settleMinutes">,
): Window {
  const settledMs = Date.parse(scheduledTime) - settings.settleMinutes * MINUTE_MS;
  const endMs = Math.ceil(settledMs / MINUTE_MS) * MINUTE_MS;
  return { startMs: endMs - settings.lookbackMinutes * MINUTE_MS, endMs };
}

/** @throws ScanAlreadyClaimedError when another execution has this scan. */
export async function claimScan(
  ports: Pick<ScanPorts, "ledger" | "nowMs">,
  settings: ScanSettings,
  input: ClaimScanInput,
): Promise<ScanContext> {
  const scanId = scanIdOf(input.scheduledTime);
  const window = windowOf(input.scheduledTime, settings);
  const startedAtMs = ports.nowMs();
  const claimed = await ports.ledger.claimScan({ scanId, owner: input.executionId, window, startedAtMs });
  if (!claimed) throw new ScanAlreadyClaimedError(`scan ${scanId} belongs to another execution`);
  const earlier = await readDocument(ports.ledger, scanId, documentKey.claim, ClaimRecord);
  if (earlier === undefined) await ports.ledger.putDocument(scanId, documentKey.claim, { startedAtMs });
  return { scanId, window };
}
