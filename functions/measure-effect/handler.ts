import { ChangeContext, MeasureEffectOutput } from "../../core/model/remediation-workflow.ts";
import { measureEffect } from "../../core/remediate/measure-effect.ts";

import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Compares before and after. */
export function createHandler(
  ports: Pick<RemediationPorts, "changes" | "ledger">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "MeasureEffect",
    input: ChangeContext,
    output: MeasureEffectOutput,
    run: (input) => measureEffect(ports, input),
    observability,
  });
}
