import { ChangeContext, ConfirmOutput } from "../../core/model/remediation-workflow.ts";
import { confirmChange } from "../../core/remediate/confirm-change.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Reads the queue back and says until when it is watched. */
export function createHandler(
  settings: RemediationSettings,
  ports: Pick<RemediationPorts, "changes" | "queues" | "ledger" | "notifier" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Confirm",
    input: ChangeContext,
    output: ConfirmOutput,
    run: (input) => confirmChange(ports, settings, input),
    observability,
  });
}
