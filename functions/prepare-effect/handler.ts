import { ChangeContext, PrepareEffectOutput } from "../../core/model/remediation-workflow.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { prepareEffect } from "../../core/remediate/prepare-effect.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Lays out the observation window for the detector's own states. */
export function createHandler(
  settings: RemediationSettings,
  ports: Pick<RemediationPorts, "changes" | "mappings" | "queues" | "ledger" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "PrepareEffect",
    input: ChangeContext,
    output: PrepareEffectOutput,
    run: (input) => prepareEffect(ports, settings, input),
    observability,
  });
}
