import { ScanContext, SummariseOutput } from "../../core/model/workflow.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { type SummariseOptions, summarise } from "../../core/scan/summarise.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";
import { SCAN_LINE } from "../shared/telemetry.ts";

/** Writes the finding document and, where something changed, the digest. */
export function createHandler(
  ports: Pick<ScanPorts, "ledger" | "calls" | "nowMs">,
  options: SummariseOptions,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Summarise",
    input: ScanContext,
    output: SummariseOutput,
    run: async (input) => {
      const { figures, ...summary } = await summarise(ports, input, options);
      observability.count("OpenFindings", figures.openFindings);
      observability.count("UnreachableSubscribers", summary.unreached);
      observability.note(SCAN_LINE.message, { [SCAN_LINE.field]: figures });
      return summary;
    },
    observability,
  });
}
