// ProposeChanges: one change, and one execution of the remediation workflow, for each plan that may be proposed.
import { hashOf } from "../advise/canonical-json.ts";
import { planInputs } from "../advise/plan.ts";
import { byStrength } from "../advise/strength.ts";
import type { Change } from "../model/change.ts";
import { type Finding, FindingDocument } from "../model/finding.ts";
import type { Plan } from "../model/plan.ts";
import type { ProposeChangesOutput } from "../model/remediation-workflow.ts";
import type { ScanContext } from "../model/workflow.ts";
import { documentKey, requireDocument } from "../scan/documents.ts";
import { effectFigures, rollBackBounds } from "./effect.ts";
import { whyNotAgain } from "./history.ts";
import type { RemediationSettings } from "./live-plan.ts";
import type { RemediationPorts } from "./ports.ts";
import { decisionMode, queuePolicy } from "./queue-policy.ts";
import { type ScannedPath, scannedPaths } from "./scanned-path.ts";
import { tidyUp } from "./tidy-up.ts";

type ProposePorts = Pick<RemediationPorts, "ledger" | "changes" | "executions" | "notifier" | "nowMs">;

/** Execution names take 80 characters. */
const HASH_CHARS = 40;

/** Legal as an execution name, and the same whenever the step is repeated. */
export const changeIdOf = (plan: Pick<Plan, "hash">, scanId: string): string =>
  `${plan.hash.slice(0, HASH_CHARS)}-${scanId}`;

/**
 * Opens at most `maxChangesPerScan` changes, the worst findings first, at most one a queue (I4). A repeat of the step
 * opens none that it opened before, and starts those again whose start was lost.
 */
export async function proposeChanges(
  ports: ProposePorts,
  settings: RemediationSettings,
  { scanId }: ScanContext,
): Promise<ProposeChangesOutput> {
  if (settings.change.mode === "observe") return { proposed: 0, open: 0 };
  const readScanned = scannedPaths(ports.ledger, scanId);
  const known = await tidyUp(ports, settings, readScanned);
  const isOpen = ({ status }: Change) => status !== "closed";
  const open = known.filter(isOpen).length;
  if (await ports.changes.isPaused()) return { proposed: 0, open };

  const document = await requireDocument(ports.ledger, scanId, documentKey.document, FindingDocument);
  const ofThisScan = new Set(known.filter((change) => change.scanId === scanId).map(({ id }) => id));
  for (const finding of document.findings.toSorted(byStrength)) {
    const { plan } = finding;
    if (plan === undefined || ofThisScan.has(changeIdOf(plan, scanId))) continue;
    if (ofThisScan.size >= settings.change.maxChangesPerScan) break;
    const history = known.filter(({ queueArn }) => queueArn === plan.queueArn);
    if (history.some(isOpen)) continue;
    if (whyNotAgain(history, plan, settings.change, ports.nowMs()) !== undefined) continue;
    const scanned = await readScanned(plan.queueArn);
    const change = scanned && draftChange(settings, { scanId, finding, plan, scanned }, ports.nowMs());
    if (change === undefined) continue;
    // Two tries of this step at once may find different queues free: the limit is for both together.
    const { maxChangesPerScan } = settings.change;
    if ((await ports.ledger.reserve(`${scanId}-changes`, change.id, 1, maxChangesPerScan)) < 1) continue;
    const opened = await ports.changes.open(change);
    // Closed already: another try of this step has opened it, and it counts.
    if (opened === undefined || opened.id === change.id) ofThisScan.add(change.id);
    if (opened === undefined) continue;
    // Another one may have been opened by a try that died before it could start it.
    if ((await ports.executions.status(opened.id)) === "absent") await ports.executions.start(opened.id);
  }
  return { proposed: ofThisScan.size, open };
}

interface Proposal {
  readonly scanId: string;
  readonly finding: Finding;
  readonly plan: Plan;
  readonly scanned: ScannedPath;
}

/** Undefined where the queue may not be changed. */
function draftChange(
  settings: RemediationSettings,
  { scanId, finding, plan, scanned }: Proposal,
  nowMs: number,
): Change | undefined {
  const { path, measurement, deliveries } = scanned;
  const policy = queuePolicy(path, settings.change, nowMs);
  if (policy.mode === "observe" || path.settings === undefined) return undefined;
  const inputs = planInputs(path, path.settings, { seconds: plan.to, policy: plan.policy });
  if (hashOf(inputs) !== plan.hash) return undefined;
  const before = effectFigures(measurement, deliveries);
  return {
    id: changeIdOf(plan, scanId),
    version: 1,
    queueArn: path.queueArn,
    queueName: path.queueName,
    findingId: finding.id,
    scanId,
    mode: decisionMode(policy, finding.evidence, plan),
    status: "proposed",
    plan,
    inputs,
    finding,
    before,
    bounds: rollBackBounds(before, plan),
    createdMs: nowMs,
    decisions: [],
  };
}
