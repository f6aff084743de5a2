import type { ScanSettings } from "../../core/model/settings.ts";
import { ClaimScanInput, ScanContext } from "../../core/model/workflow.ts";
import { claimScan } from "../../core/scan/claim-scan.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Claims the scan of a scheduled time. */
export function createHandler(
  settings: ScanSettings,
  ports: Pick<ScanPorts, "ledger" | "nowMs">,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "ClaimScan",
    input: ClaimScanInput,
    output: ScanContext,
    run: (input) => claimScan(ports, settings, input),
    observability,
  });
}
