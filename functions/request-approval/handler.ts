import { RequestApprovalInput, RequestApprovalOutput } from "../../core/model/remediation-workflow.ts";
import type { ApprovalAddresses } from "../../core/remediate/approval-mail.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { requestApproval } from "../../core/remediate/request-approval.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Mails each approver a link and a code of their own. */
export function createHandler(
  settings: RemediationSettings,
  addresses: ApprovalAddresses,
  ports: Pick<RemediationPorts, "changes" | "ledger" | "approvalNotifier" | "secrets" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "RequestApproval",
    input: RequestApprovalInput,
    output: RequestApprovalOutput,
    run: (input) => requestApproval(ports, settings, addresses, input),
    observability,
  });
}
