// ConcludeApproval: what was decided, from the ledger alone. What woke the workflow is not believed.
import type { Change } from "../model/change.ts";
import type { ChangeContext, ConcludeApprovalOutput } from "../model/remediation-workflow.ts";
import { conclude, requireChange } from "./changes.ts";
import type { RemediationPorts } from "./ports.ts";
import { EXPIRY_MARGIN_SECONDS } from "./revalidate.ts";

export async function concludeApproval(
  ports: Pick<RemediationPorts, "changes" | "nowMs">,
  { changeId }: ChangeContext,
): Promise<ConcludeApprovalOutput> {
  const change = await requireChange(ports.changes, changeId);
  switch (change.status) {
    case "proposed":
      return { next: "ask", approvalSeconds: EXPIRY_MARGIN_SECONDS };
    case "waiting":
      return stillWaiting(ports, change);
    case "rejected":
      await conclude(ports, changeId, "rejected", reasonOf(change));
      return STOP;
    case "closed":
      return STOP;
    case "approved":
    case "applying":
    case "applied":
    case "confirmed":
    case "rolling-back":
      return { next: "apply", approvalSeconds: 0 };
  }
}

const STOP: ConcludeApprovalOutput = { next: "stop", approvalSeconds: 0 };

async function stillWaiting(
  ports: Pick<RemediationPorts, "changes" | "nowMs">,
  change: Change,
): Promise<ConcludeApprovalOutput> {
  const leftMs = (change.approval?.expiresMs ?? 0) - ports.nowMs();
  if (leftMs > 0) {
    return { next: "ask", approvalSeconds: Math.ceil(leftMs / 1000) + EXPIRY_MARGIN_SECONDS };
  }
  // Nobody can decide from the moment of expiry on, but a decision of the moment before may be written only now.
  const { status } = await conclude(ports, change.id, "expired", undefined, "waiting");
  return status === "closed" ? STOP : concludeApproval(ports, { changeId: change.id });
}

function reasonOf({ decisions }: Change): string | undefined {
  const no = decisions.find(({ verdict }) => verdict === "reject");
  return no && `by ${no.approver}: ${no.reason ?? "no reason given"}`;
}
