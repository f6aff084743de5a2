// The plan as it would be made now: everything read again, never from the ledger.
import { hashOf } from "../advise/canonical-json.ts";
import { planInputs, targetFor } from "../advise/plan.ts";
import { activeConsumers } from "../detect/consumers.ts";
import type { Change } from "../model/change.ts";
import type { ChangeSettings } from "../model/change-settings.ts";
import type { DeliveryPath, QueueSettings } from "../model/delivery-path.ts";
import type { ScanSettings } from "../model/settings.ts";
import { functionReader, readPath } from "../scan/read-path.ts";
import { type Difference, differencesOf } from "./differences.ts";
import type { RemediationPorts } from "./ports.ts";
import { type QueuePolicy, queuePolicy } from "./queue-policy.ts";

export interface RemediationSettings {
  readonly scan: ScanSettings;
  readonly change: ChangeSettings;
}

type ReadPorts = Pick<RemediationPorts, "mappings" | "queues" | "nowMs">;

/** `gone`: nothing consumes the queue any more · `unreadable`: nothing on such a path is remediated (I8). */
interface NoPath {
  readonly kind: "gone" | "unreadable";
  readonly reason: string;
}

interface ReadPath {
  readonly kind: "read";
  readonly path: DeliveryPath;
  readonly settings: QueueSettings;
  readonly policy: QueuePolicy;
}

export type LivePath = ReadPath | NoPath;

/** Reads one queue and all that consumes it. */
export async function readLivePath(
  ports: ReadPorts,
  { scan, change }: RemediationSettings,
  queueArn: string,
): Promise<LivePath> {
  const mappings = await ports.mappings.listQueueMappings(queueArn);
  if (mappings.length === 0)
    return { kind: "gone", reason: "no event source mapping reads the queue any more" };
  const path = await readPath(ports, scan, queueArn, mappings, functionReader(ports.mappings));
  const [problem] = path.unreadable;
  if (path.settings === undefined || problem !== undefined) {
    return { kind: "unreadable", reason: problem?.reason ?? "the queue could not be read" };
  }
  if (activeConsumers(path).some((consumer) => consumer.function === undefined)) {
    return { kind: "unreadable", reason: "a function that consumes the queue could not be read" };
  }
  const policy = queuePolicy(path, change, ports.nowMs());
  return { kind: "read", path, settings: path.settings, policy };
}

export interface SamePlan {
  /** The same hash: exactly what was proposed. */
  readonly kind: "same";
  readonly policy: QueuePolicy;
  /** As the queue has it now; what is written goes by this, not by what the ledger says. */
  readonly queueUrl: string;
  readonly toSeconds: number;
}

export interface ChangedPlan {
  readonly kind: "changed";
  readonly reason: string;
  readonly differences: readonly Difference[];
}

export type LivePlan = SamePlan | ChangedPlan | NoPath;

/** Compares what was proposed with what would be proposed now (I3). */
export async function readLivePlan(
  ports: ReadPorts,
  settings: RemediationSettings,
  change: Pick<Change, "queueArn" | "inputs" | "plan">,
): Promise<LivePlan> {
  const live = await readLivePath(ports, settings, change.queueArn);
  return live.kind === "read" ? comparePlan(live, settings, change) : live;
}

/** The same for a path that was read already. A queue that may not be changed any more differs. */
export function comparePlan(
  live: Pick<ReadPath, "path" | "settings" | "policy">,
  settings: RemediationSettings,
  { inputs: was, plan }: Pick<Change, "inputs" | "plan">,
): SamePlan | ChangedPlan {
  const { path, policy } = live;
  if (policy.mode === "observe") {
    const reason = policy.reason ?? "it may not be changed";
    const differences = [{ what: "whether it may be changed", was: "yes", is: reason }];
    return { kind: "changed", reason, differences };
  }
  const target = targetFor(path, live.settings, settings.scan);
  if (target !== undefined && hashOf(planInputs(path, live.settings, target)) === plan.hash) {
    return { kind: "same", policy, queueUrl: live.settings.url, toSeconds: target.seconds };
  }
  // Where no raise is left, the inputs are compared under the old target: what differs is then the cause.
  const compared = target ?? { seconds: was.to, policy: was.policy };
  const differences = differencesOf(was, planInputs(path, live.settings, compared));
  const [first] = differences;
  const other = target === undefined ? "no raise is left to be made" : "the plan would be another one";
  const reason = first === undefined ? other : `${first.what}: ${first.was} became ${first.is}`;
  return { kind: "changed", reason, differences };
}
