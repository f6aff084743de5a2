import { NotifyOutput, ScanContext } from "../../core/model/workflow.ts";
import type { ChangeLedger } from "../../core/ports.ts";
import { notify } from "../../core/scan/notify.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { type Observability, UNOBSERVED } from "../shared/observability.ts";
import { createStep } from "../shared/step.ts";

/** Sends the digest, once. */
export function createHandler(
  ports: Pick<ScanPorts, "ledger" | "notifier" | "calls"> & { readonly changes?: ChangeLedger },
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Notify",
    input: ScanContext,
    output: NotifyOutput,
    run: (input) => notify(ports, input),
    observability,
  });
}
