import { CloseInput, CloseOutput } from "../../core/model/remediation-workflow.ts";
import { closeChange } from "../../core/remediate/close-change.ts";

import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Notes the outcome and gives the queue's place free. */
export function createHandler(
  ports: Pick<RemediationPorts, "changes" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Close",
    input: CloseInput,
    output: CloseOutput,
    run: (input) => closeChange(ports, input),
    observability,
  });
}
