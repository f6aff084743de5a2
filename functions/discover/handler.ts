import type { ScanSettings } from "../../core/model/settings.ts";
import { DiscoverOutput, ScanContext } from "../../core/model/workflow.ts";
import { discover } from "../../core/scan/discover.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Finds every delivery path of the account and writes them to the ledger in batches. */
export function createHandler(
  settings: ScanSettings,
  ports: Pick<ScanPorts, "account" | "mappings" | "asyncEvents" | "queues" | "ledger" | "calls">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Discover",
    input: ScanContext,
    output: DiscoverOutput,
    run: (input) => discover(ports, settings, input),
    observability,
  });
}
