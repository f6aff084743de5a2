import type { ScanSettings } from "../../core/model/settings.ts";
import { BatchContext, DiagnoseOutput } from "../../core/model/workflow.ts";
import { diagnose } from "../../core/scan/diagnose.ts";
import { notingFailure } from "../../core/scan/failure-note.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Judges one batch of paths. */
export function createHandler(
  settings: ScanSettings,
  ports: Pick<ScanPorts, "ledger" | "calls">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Diagnose",
    input: BatchContext,
    output: DiagnoseOutput,
    run: (input) => notingFailure(ports, input, () => diagnose(ports, settings, input)),
    observability,
  });
}
