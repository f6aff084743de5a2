// PrepareEffect: lays out the observation window as a scan of one path, so that the detector's own states measure it.
import { ContractError, TransientError } from "../errors.ts";
import type { ChangeContext, PrepareEffectOutput } from "../model/remediation-workflow.ts";
import { accountOfArn } from "../scan/arn.ts";
import { Discovery, documentKey, queueBatchKey, readDocument } from "../scan/documents.ts";
import { conclude, requireChange } from "./changes.ts";
import { type RemediationSettings, readLivePath } from "./live-plan.ts";
import type { RemediationPorts } from "./ports.ts";
import { scannedPaths } from "./scanned-path.ts";

/** The scan that measures a change's effect. */
export const effectScanId = (changeId: string): string => `effect-${changeId}`;

export const EFFECT_BATCH = queueBatchKey(1);

/** @throws TransientError when the path cannot be read for now. */
export async function prepareEffect(
  ports: Pick<RemediationPorts, "changes" | "mappings" | "queues" | "ledger" | "nowMs">,
  settings: RemediationSettings,
  { changeId }: ChangeContext,
): Promise<PrepareEffectOutput> {
  const change = await requireChange(ports.changes, changeId);
  const { observation: window, queueArn, plan } = change;
  if (window === undefined) throw new ContractError(`expected change ${changeId} with an observation window`);
  const scanId = effectScanId(changeId);
  const output = { scanId, window, batchKey: EFFECT_BATCH };
  if (change.status === "closed") return { next: "stop", ...output };
  const live = await readLivePath(ports, settings, queueArn);
  if (live.kind !== "read") {
    if (live.kind === "unreadable") throw new TransientError(`the effect cannot be measured: ${live.reason}`);
    await conclude(ports, changeId, "overridden", live.reason);
    return { next: "stop", ...output };
  }
  if (live.settings.visibilityTimeoutSeconds !== plan.to) {
    const reason = `somebody else set ${live.settings.visibilityTimeoutSeconds} s`;
    await conclude(ports, changeId, "overridden", reason);
    return { next: "stop", ...output };
  }
  const earlier = await scannedPaths(ports.ledger, change.scanId)(queueArn);
  const sources = earlier?.path.deadLetterQueueOf;
  const path = { ...live.path, ...(sources === undefined ? {} : { deadLetterQueueOf: sources }) };
  await ports.ledger.putDocument(scanId, documentKey.batch(EFFECT_BATCH), [path]);
  await ports.ledger.putDocument(
    scanId,
    documentKey.discovery,
    await discoveryOf(ports, change.scanId, queueArn),
  );
  return { next: "measure", ...output };
}

/** As the scan's own, for one path: functions that serve other queues too are known from there. */
async function discoveryOf(
  { ledger }: Pick<RemediationPorts, "ledger">,
  scanId: string,
  queueArn: string,
): Promise<Discovery> {
  const earlier = await readDocument(ledger, scanId, documentKey.discovery, Discovery);
  return {
    account: accountOfArn(queueArn),
    region: queueArn.split(":")[3] ?? "",
    batches: [EFFECT_BATCH],
    paths: 1,
    excludedQueues: 0,
    sharedFunctions: earlier?.sharedFunctions ?? [],
    inFull: true,
    unreadable: [],
  };
}
