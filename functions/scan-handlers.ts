// The handlers of the scan workflow by state, from ports of one's own: what runs the workflow outside AWS.
import type { Context } from "aws-lambda";
import type { ChangeSettings } from "../core/model/change-settings.ts";
import type { ScanSettings } from "../core/model/settings.ts";
import type { SubscriptionsPort } from "../core/ports.ts";
import type { RemediationPorts } from "../core/remediate/ports.ts";
import type { Audience } from "../core/scan/audience.ts";
import type { CollectOptions } from "../core/scan/collect-deliveries.ts";
import { lastAttempt, POLL_INTERVAL_MS } from "../core/scan/query-endings.ts";
import type { ScanPorts } from "../core/scan/scan-ports.ts";
import { createHandler as claimScan } from "./claim-scan/handler.ts";
import { createHandler as collectDeliveries } from "./collect-deliveries/handler.ts";
import { createHandler as diagnose } from "./diagnose/handler.ts";
import { createHandler as discover } from "./discover/handler.ts";
import { createHandler as measure } from "./measure/handler.ts";
import { createHandler as notify } from "./notify/handler.ts";
import { createHandler as proposeChanges } from "./propose-changes/handler.ts";
import type { StepHandler } from "./shared/step.ts";
import { createHandler as startQueries } from "./start-queries/handler.ts";
import { createHandler as summarise } from "./summarise/handler.ts";

export interface ScanHandlersOptions {
  /**
   * How long the workflow really waits between two looks at the log queries, in ms: the shorter the wait, the more
   * looks before a query is given up.
   * @default POLL_INTERVAL_MS
   */
  readonly pollIntervalMs?: number;
  /** Looks before a query is given up. @default as many as fit into QUERY_PATIENCE_MS */
  readonly lastAttempt?: number;
  /** See CollectOptions. */
  readonly onRedelivery?: NonNullable<CollectOptions["onRedelivery"]>;
  /** Absent for a scan that only reads. */
  readonly proposing?: Proposing;
}

/** The states of the scan workflow that call a function. */
export type ScanState =
  | "ClaimScan"
  | "Discover"
  | "Measure"
  | "StartQueries"
  | "CollectDeliveries"
  | "Diagnose"
  | "Summarise"
  | "Notify"
  | "ProposeChanges";

/** What the scan needs to propose changes with; without it none are proposed. */
export interface Proposing {
  readonly ports: Pick<RemediationPorts, "changes" | "executions"> & {
    readonly subscriptions: SubscriptionsPort;
  };
  readonly settings: ChangeSettings;
  /** @default nobody is looked after */
  readonly audiences?: readonly Audience[];
}

/** All nine handlers, unobserved: nothing is written to stdout. */
export function scanHandlers(
  ports: ScanPorts,
  settings: ScanSettings,
  options: ScanHandlersOptions = {},
): Record<ScanState, (event: unknown) => Promise<unknown>> {
  const { pollIntervalMs = POLL_INTERVAL_MS } = options;
  const { onRedelivery, proposing } = options;
  const changes = proposing?.ports.changes;
  const watching = proposing && { ...proposing.ports, audiences: proposing.audiences ?? [] };
  const collect: CollectOptions = {
    lastAttempt: options.lastAttempt ?? lastAttempt(pollIntervalMs),
    ...(onRedelivery && { onRedelivery }),
  };
  return {
    ClaimScan: inProcess(claimScan(settings, ports)),
    Discover: inProcess(discover(settings, ports)),
    Measure: inProcess(measure(settings, ports)),
    StartQueries: inProcess(startQueries(settings, ports)),
    CollectDeliveries: inProcess(collectDeliveries(settings, ports, collect)),
    Diagnose: inProcess(diagnose(settings, ports)),
    Summarise: inProcess(
      summarise(ports, { deployed: false, ...(watching === undefined ? {} : { watching }) }),
    ),
    Notify: inProcess(notify({ ...ports, ...(changes === undefined ? {} : { changes }) })),
    ProposeChanges:
      proposing === undefined
        ? () => Promise.resolve({ proposed: 0, open: 0 })
        : inProcess(
            proposeChanges({ scan: settings, change: proposing.settings }, { ...ports, ...proposing.ports }),
          ),
  };
}

/** Without Lambda there is no context, and no time limit to end early for. */
export function inProcess(handler: StepHandler): (event: unknown) => Promise<unknown> {
  return (event) => handler(event, {} as Context);
}
