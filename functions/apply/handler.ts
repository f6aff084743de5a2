import { ApplyInput, ApplyOutput } from "../../core/model/remediation-workflow.ts";
import { applyChange } from "../../core/remediate/apply-change.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { rollBack } from "../../core/remediate/roll-back.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** The one function that may change a queue: raises its visibility timeout, and rolls that back. */
export function createHandler(
  settings: RemediationSettings,
  ports: Pick<RemediationPorts, "changes" | "mappings" | "queues" | "queueWriter" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Apply",
    input: ApplyInput,
    output: ApplyOutput,
    run: async ({ action, changeId }): Promise<ApplyOutput> => {
      if (action === "apply") return applyChange(ports, settings, { changeId });
      await rollBack(ports, { changeId });
      return { next: "stop" };
    },
    observability,
  });
}
