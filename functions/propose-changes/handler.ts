import { ProposeChangesOutput } from "../../core/model/remediation-workflow.ts";
import { ScanContext } from "../../core/model/workflow.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { proposeChanges } from "../../core/remediate/propose-changes.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";
import { CHANGES_LINE } from "../shared/telemetry.ts";

/** Opens a change, and starts its workflow, for each plan that may be proposed. */
export function createHandler(
  settings: RemediationSettings,
  ports: Pick<RemediationPorts, "ledger" | "changes" | "executions" | "notifier" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "ProposeChanges",
    input: ScanContext,
    output: ProposeChangesOutput,
    run: async (input) => {
      const changes = await proposeChanges(ports, settings, input);
      observability.note(CHANGES_LINE.message, { [CHANGES_LINE.field]: changes });
      return changes;
    },
    observability,
  });
}
