// A change as somebody who decides has to see it: what was proposed, and what is another way by now.
import type { AuditRow, Change } from "../model/change.ts";
import type { Difference } from "./differences.ts";
import { type RemediationSettings, readLivePlan } from "./live-plan.ts";
import type { RemediationPorts } from "./ports.ts";

/** `same`: exactly what was proposed may be approved; otherwise nothing may. */
export type PlanNow =
  | { readonly kind: "same" }
  | { readonly kind: "changed"; readonly reason: string; readonly differences: readonly Difference[] }
  | { readonly kind: "unreadable"; readonly reason: string }
  /** What is approved now would not be applied. */
  | { readonly kind: "paused" };

type ReviewPorts = Pick<RemediationPorts, "changes" | "mappings" | "queues" | "nowMs">;

export async function planNow(
  ports: ReviewPorts,
  settings: RemediationSettings,
  change: Change,
): Promise<PlanNow> {
  if (await ports.changes.isPaused()) return { kind: "paused" };
  const live = await readLivePlan(ports, settings, change);
  switch (live.kind) {
    case "same":
      return { kind: "same" };
    case "gone":
      return { kind: "changed", reason: live.reason, differences: [] };
    case "unreadable":
      return { kind: "unreadable", reason: live.reason };
    case "changed":
      return live;
  }
}

/** What the command line is shown of one change. */
export interface ChangeReview {
  readonly change: Change;
  /** Absent where it can no longer be decided. */
  readonly now?: PlanNow;
  readonly audit: readonly AuditRow[];
}

/** Undefined for an unknown id. */
export async function reviewChange(
  ports: ReviewPorts,
  settings: RemediationSettings,
  changeId: string,
): Promise<ChangeReview | undefined> {
  const change = await ports.changes.get(changeId);
  if (change === undefined) return undefined;
  const audit = await ports.changes.listAudit(changeId);
  return change.status === "waiting"
    ? { change, now: await planNow(ports, settings, change), audit }
    : { change, audit };
}
