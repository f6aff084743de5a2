import { ChangeContext, ConcludeApprovalOutput } from "../../core/model/remediation-workflow.ts";
import { concludeApproval } from "../../core/remediate/conclude-approval.ts";

import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Says what was decided, from the ledger. */
export function createHandler(
  ports: Pick<RemediationPorts, "changes" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "ConcludeApproval",
    input: ChangeContext,
    output: ConcludeApprovalOutput,
    run: (input) => concludeApproval(ports, input),
    observability,
  });
}
