// Apply: the one place that raises a visibility timeout. Read again, compare, set one attribute, read back.
import { TransientError } from "../errors.ts";
import type { Change } from "../model/change.ts";
import type { ApplyOutput, ChangeContext } from "../model/remediation-workflow.ts";
import { MAX_VISIBILITY_TIMEOUT_SECONDS } from "../model/settings.ts";
import { conclude, requireChange, updateChange } from "./changes.ts";
import { leftBehind } from "./left-behind.ts";
import { type RemediationSettings, readLivePlan, type SamePlan } from "./live-plan.ts";
import type { RemediationPorts } from "./ports.ts";
import { currentSeconds } from "./queue-now.ts";
import { decisionMode } from "./queue-policy.ts";

type ApplyPorts = Pick<RemediationPorts, "changes" | "mappings" | "queues" | "queueWriter" | "nowMs">;

/**
 * Safe to run twice, and to die between any two calls: the intent is written to the ledger before the queue is
 * touched, and a later try sees from the queue whether it was. The write to SQS itself has no condition, so between
 * the last read and the write another's change can be lost; nothing in SQS prevents that.
 *
 * @throws TransientError when something could not be read or written: worth another try.
 */
export async function applyChange(
  ports: ApplyPorts,
  settings: RemediationSettings,
  { changeId }: ChangeContext,
): Promise<ApplyOutput> {
  const change = await requireChange(ports.changes, changeId);
  if (change.status === "closed") return { next: "stop" };
  if (change.appliedMs !== undefined) return { next: "confirm" };
  if (change.status === "applying" && (await currentSeconds(ports, change.queueArn)) === change.plan.to) {
    return markApplied(ports, changeId);
  }

  const live = await checkNow(ports, settings, change);
  if (typeof live === "string") return refuse(ports, changeId, live);
  const intent = await updateChange(ports.changes, changeId, (now) =>
    mayApply(now) ? { ...now, status: "applying" } : undefined,
  );
  if (intent.status !== "applying") return { next: intent.appliedMs === undefined ? "stop" : "confirm" };
  const { queueArn, from, to } = change.plan;
  await ports.queueWriter.setVisibilityTimeout(live.queueUrl, queueArn, live.toSeconds);
  const applied = await markApplied(ports, changeId);
  const readBack = await currentSeconds(ports, queueArn);
  // The old value may be read for a minute still; any other is somebody else's.
  if (readBack === to || readBack === from) return applied;
  await conclude(ports, changeId, "overridden", `somebody else set ${readBack} s`);
  return { next: "stop" };
}

/** What speaks against it may be the work of another try of this step, which runs at the same time. */
async function refuse(ports: ApplyPorts, changeId: string, refusal: string): Promise<ApplyOutput> {
  const change = await requireChange(ports.changes, changeId);
  if (change.appliedMs !== undefined && change.status !== "closed") return { next: "confirm" };
  if (change.status === "applying" && (await currentSeconds(ports, change.queueArn)) === change.plan.to) {
    return markApplied(ports, changeId);
  }
  // Once the intent was noted, another try may be about to write: that nothing was changed cannot be said.
  const { status } = await (change.status === "applying"
    ? conclude(ports, changeId, "failed", `${refusal}; ${leftBehind(change)}`, change.status)
    : conclude(ports, changeId, "superseded", refusal, change.status));
  if (status === "closed") return { next: "stop" };
  throw new TransientError(`another try of this step has made change ${changeId} ${status}`);
}

/** Approved by enough people, or to be applied without asking; a repeat finds its own intent. */
function mayApply({ status, mode, approval, decisions }: Change): boolean {
  if (status === "applying" || status === "approved") return true;
  return status === "proposed" && mode === "auto" && approval === undefined && decisions.length === 0;
}

/** Exactly what was approved, as it is now; or why it is not to be applied. */
async function checkNow(
  ports: ApplyPorts,
  settings: RemediationSettings,
  change: Change,
): Promise<SamePlan | string> {
  const { plan } = change;
  if (!mayApply(change)) return "it was not approved";
  if (await ports.changes.isPaused()) return "Doubletake is paused";
  const live = await readLivePlan(ports, settings, change);
  if (live.kind === "unreadable") throw new TransientError(`the plan cannot be checked: ${live.reason}`);
  if (live.kind !== "same") return live.reason;
  // The last door before the queue (I1, I2): the hash covers the live target, and the record must say the same.
  const cap = Math.min(settings.scan.maxVisibilityTimeoutSeconds, MAX_VISIBILITY_TIMEOUT_SECONDS);
  if (plan.to !== live.toSeconds || plan.to <= plan.from || plan.to > cap) {
    return `${plan.to} s is not the raise that was proposed`;
  }
  const isAllowed =
    change.mode === "approve" ||
    change.approval !== undefined ||
    decisionMode(live.policy, change.finding.evidence, plan) === "auto";
  return isAllowed ? live : "it may no longer be applied without asking";
}

async function markApplied(ports: ApplyPorts, changeId: string): Promise<ApplyOutput> {
  const { appliedMs } = await updateChange(ports.changes, changeId, (change) =>
    change.status === "applying" ? { ...change, status: "applied", appliedMs: ports.nowMs() } : undefined,
  );
  return { next: appliedMs === undefined ? "stop" : "confirm" };
}
