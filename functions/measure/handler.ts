import type { ScanSettings } from "../../core/model/settings.ts";
import { BatchContext, MeasureOutput } from "../../core/model/workflow.ts";
import { notingFailure } from "../../core/scan/failure-note.ts";
import { measure } from "../../core/scan/measure.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Measures one batch of paths. */
export function createHandler(
  settings: ScanSettings,
  ports: Pick<ScanPorts, "metrics" | "mappings" | "queues" | "ledger" | "calls">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Measure",
    input: BatchContext,
    output: MeasureOutput,
    run: (input) => notingFailure(ports, input, () => measure(ports, settings, input)),
    observability,
  });
}
