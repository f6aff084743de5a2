// Confirm: once the change has had its minute to propagate, the queue is read back and the watching begins.
import { AppError, TransientError } from "../errors.ts";
import type { Change } from "../model/change.ts";
import type { Window } from "../model/measurement.ts";
import type { ChangeContext, ConfirmOutput } from "../model/remediation-workflow.ts";
import { publishOnce } from "../scan/publish-once.ts";
import { conclude, requireChange, updateChange } from "./changes.ts";
import type { RemediationSettings } from "./live-plan.ts";
import { changedMail } from "./outcome-mail.ts";
import type { RemediationPorts } from "./ports.ts";
import { currentSeconds } from "./queue-now.ts";

const MINUTE_MS = 60_000;

type ConfirmPorts = Pick<RemediationPorts, "changes" | "queues" | "ledger" | "notifier" | "nowMs">;

/**
 * Messages in flight at the change keep their old deadline, so the window begins when those are over.
 * @param confirmedMs epoch ms.
 */
export function observationWindow(confirmedMs: number, oldSeconds: number, minutes: number): Window {
  const startMs = Math.ceil((confirmedMs + oldSeconds * 1000) / MINUTE_MS) * MINUTE_MS;
  return { startMs, endMs: startMs + minutes * MINUTE_MS };
}

/** @throws TransientError while the queue still shows the old value. */
export async function confirmChange(
  ports: ConfirmPorts,
  settings: RemediationSettings,
  { changeId }: ChangeContext,
): Promise<ConfirmOutput> {
  const change = await requireChange(ports.changes, changeId);
  if (change.status === "closed") return { next: "stop", observeSeconds: 0 };
  const confirmed = change.observation === undefined ? await readBack(ports, settings, change) : change;
  if (confirmed.observation === undefined) return { next: "stop", observeSeconds: 0 };
  await tell(ports, confirmed);
  const settledMs = confirmed.observation.endMs + settings.scan.settleMinutes * MINUTE_MS;
  return { next: "observe", observeSeconds: Math.max(0, Math.ceil((settledMs - ports.nowMs()) / 1000)) };
}

/** A mail that cannot be sent, or nobody knows whether it was, is no reason not to watch what was changed. */
async function tell(ports: ConfirmPorts, change: Change): Promise<void> {
  try {
    await publishOnce(ports, `change/${change.id}/changed`, () => changedMail(change));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

async function readBack(
  ports: ConfirmPorts,
  { change: { observationMinutes } }: RemediationSettings,
  { id, queueArn, plan }: Change,
): Promise<Change> {
  const seconds = await currentSeconds(ports, queueArn);
  if (seconds === plan.from)
    throw new TransientError(`the queue still shows ${seconds} s, expected ${plan.to} s`);
  if (seconds !== plan.to) return conclude(ports, id, "overridden", `somebody else set ${seconds} s`);
  return updateChange(ports.changes, id, (now) => {
    if (now.status !== "applied") return undefined;
    const confirmedMs = ports.nowMs();
    const observation = observationWindow(confirmedMs, plan.from, observationMinutes);
    return { ...now, status: "confirmed", confirmedMs, observation };
  });
}
