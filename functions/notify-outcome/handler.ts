import { ChangeContext, NotifyOutcomeOutput } from "../../core/model/remediation-workflow.ts";
import { notifyOutcome } from "../../core/remediate/notify-outcome.ts";

import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Tells everybody how a change ended, once. */
export function createHandler(
  ports: Pick<RemediationPorts, "changes" | "ledger" | "notifier">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "NotifyOutcome",
    input: ChangeContext,
    output: NotifyOutcomeOutput,
    run: (input) => notifyOutcome(ports, input),
    observability,
  });
}
