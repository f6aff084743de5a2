import type { ScanSettings } from "../../core/model/settings.ts";
import { CollectInput, CollectOutput } from "../../core/model/workflow.ts";
import { type CollectOptions, collectDeliveries } from "../../core/scan/collect-deliveries.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Turns the rows of the log queries that have ended into deliveries. */
export function createHandler(
  settings: ScanSettings,
  ports: Pick<ScanPorts, "logs" | "ledger" | "calls" | "nowMs">,
  options: CollectOptions = {},
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "CollectDeliveries",
    input: CollectInput,
    output: CollectOutput,
    run: (input) => collectDeliveries(ports, settings, input, options),
    observability,
  });
}
