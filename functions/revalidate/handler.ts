import { ChangeContext, RevalidateOutput } from "../../core/model/remediation-workflow.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { revalidate } from "../../core/remediate/revalidate.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Reads everything again before anybody is asked. */
export function createHandler(
  settings: RemediationSettings,
  ports: Pick<RemediationPorts, "changes" | "mappings" | "queues" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Revalidate",
    input: ChangeContext,
    output: RevalidateOutput,
    run: (input) => revalidate(ports, settings, input),
    observability,
  });
}
