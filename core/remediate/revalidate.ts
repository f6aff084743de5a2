// Revalidate: reads everything again before anybody is asked. Gone or changed → the change is closed.
import { TransientError } from "../errors.ts";
import type { ChangeContext, RevalidateOutput } from "../model/remediation-workflow.ts";
import { conclude, requireChange } from "./changes.ts";
import { type RemediationSettings, readLivePlan } from "./live-plan.ts";
import type { RemediationPorts } from "./ports.ts";
import { decisionMode } from "./queue-policy.ts";

/** The state waits a little longer than the request, so that its end is always found expired. */
export const EXPIRY_MARGIN_SECONDS = 60;
const HOUR_SECONDS = 3600;

/** @throws TransientError when something could not be read: worth another try (I8). */
export async function revalidate(
  ports: Pick<RemediationPorts, "changes" | "mappings" | "queues" | "nowMs">,
  settings: RemediationSettings,
  { changeId }: ChangeContext,
): Promise<RevalidateOutput> {
  const approvalSeconds = settings.change.approvalHours * HOUR_SECONDS + EXPIRY_MARGIN_SECONDS;
  const stop = { next: "stop", approvalSeconds } as const;
  const change = await requireChange(ports.changes, changeId);
  if (change.status === "closed") return stop;
  const supersede = async (reason: string): Promise<RevalidateOutput> => {
    // What is on its way already is not for a late double of this step to close.
    const { status } = await conclude(ports, changeId, "superseded", reason, "proposed");
    return status === "closed" ? stop : { next: "ask", approvalSeconds };
  };
  if (await ports.changes.isPaused()) return supersede("Doubletake is paused");
  const live = await readLivePlan(ports, settings, change);
  switch (live.kind) {
    case "unreadable":
      throw new TransientError(`the plan cannot be checked: ${live.reason}`);
    case "gone":
    case "changed":
      return supersede(live.reason);
    case "same": {
      const now = decisionMode(live.policy, change.finding.evidence, change.plan);
      return { next: change.mode === "auto" && now === "auto" ? "apply" : "ask", approvalSeconds };
    }
  }
}
