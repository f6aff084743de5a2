// NotifyOutcome: tells how a change ended, once; nothing where nobody had heard of it.
import { ContractError } from "../errors.ts";
import type { ChangeContext, NotifyOutcomeOutput } from "../model/remediation-workflow.ts";
import { publishOnce } from "../scan/publish-once.ts";
import { requireChange } from "./changes.ts";
import { outcomeMail } from "./outcome-mail.ts";
import type { RemediationPorts } from "./ports.ts";

/** @throws TransientError when the message was certainly not sent: safe to try again. */
export async function notifyOutcome(
  ports: Pick<RemediationPorts, "changes" | "ledger" | "notifier">,
  { changeId }: ChangeContext,
): Promise<NotifyOutcomeOutput> {
  const change = await requireChange(ports.changes, changeId);
  if (change.status !== "closed")
    throw new ContractError(`expected change ${changeId} closed, got ${change.status}`);
  const isNews =
    change.approval !== undefined || change.appliedMs !== undefined || change.outcome === "failed";
  if (!isNews) return { sent: false };
  const told = await publishOnce(ports, `change/${changeId}/outcome`, () => outcomeMail(change));
  return { sent: told !== "unknown" };
}
