import type { ScanSettings } from "../../core/model/settings.ts";
import { BatchContext, StartQueriesOutput } from "../../core/model/workflow.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { startQueries } from "../../core/scan/start-queries.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Starts the log queries of one batch, within the byte budget. */
export function createHandler(
  settings: ScanSettings,
  ports: Pick<ScanPorts, "logs" | "ledger" | "calls" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "StartQueries",
    input: BatchContext,
    output: StartQueriesOutput,
    run: (input) => startQueries(ports, settings, input),
    observability,
  });
}
