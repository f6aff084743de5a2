// The handlers of the remediation workflow by state, from ports of one's own: what runs the workflow outside AWS.
import type { ApprovalAddresses } from "../core/remediate/approval-mail.ts";
import type { RemediationSettings } from "../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../core/remediate/ports.ts";
import type { ScanPorts } from "../core/scan/scan-ports.ts";
import { createHandler as apply } from "./apply/handler.ts";
import { createHandler as close } from "./close/handler.ts";
import { createHandler as concludeApproval } from "./conclude-approval/handler.ts";
import { createHandler as confirm } from "./confirm/handler.ts";
import { createHandler as measureEffect } from "./measure-effect/handler.ts";
import { createHandler as notifyOutcome } from "./notify-outcome/handler.ts";
import { createHandler as prepareEffect } from "./prepare-effect/handler.ts";
import { createHandler as requestApproval } from "./request-approval/handler.ts";
import { createHandler as revalidate } from "./revalidate/handler.ts";
import { inProcess, type ScanHandlersOptions, scanHandlers } from "./scan-handlers.ts";

/** The states of the remediation workflow that call a function. */
export type RemediationState =
  | "Revalidate"
  | "RequestApproval"
  | "ConcludeApproval"
  | "Apply"
  | "Confirm"
  | "PrepareEffect"
  | "Measure"
  | "StartQueries"
  | "CollectDeliveries"
  | "MeasureEffect"
  | "RollBack"
  | "Close"
  | "NotifyOutcome";

/** All of them, unobserved: nothing is written to stdout. The detector's own states are the scan's. */
export function remediationHandlers(
  ports: RemediationPorts & ScanPorts,
  settings: RemediationSettings,
  addresses: ApprovalAddresses,
  options: ScanHandlersOptions = {},
): Record<RemediationState, (event: unknown) => Promise<unknown>> {
  const { Measure, StartQueries, CollectDeliveries } = scanHandlers(ports, settings.scan, options);
  const change = inProcess(apply(settings, ports));
  return {
    Revalidate: inProcess(revalidate(settings, ports)),
    RequestApproval: inProcess(requestApproval(settings, addresses, ports)),
    ConcludeApproval: inProcess(concludeApproval(ports)),
    Apply: change,
    Confirm: inProcess(confirm(settings, ports)),
    PrepareEffect: inProcess(prepareEffect(settings, ports)),
    Measure,
    StartQueries,
    CollectDeliveries,
    MeasureEffect: inProcess(measureEffect(ports)),
    RollBack: change,
    Close: inProcess(close(ports)),
    NotifyOutcome: inProcess(notifyOutcome(ports)),
  };
}
