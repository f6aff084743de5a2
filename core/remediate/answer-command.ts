// The command line's questions and decisions, which come by Invoke: IAM has said who may ask.
import { ContractError } from "../errors.ts";
import type { ApprovalAnswer, ApprovalCommand, ChangeSummary } from "../model/approval-commands.ts";
import type { Change } from "../model/change.ts";
import { type DecisionResult, decideByIam } from "./decide.ts";
import type { RemediationSettings } from "./live-plan.ts";
import type { RemediationPorts } from "./ports.ts";
import { reviewChange } from "./review.ts";

const MOST_LISTED = 500;

type AnswerPorts = Pick<RemediationPorts, "changes" | "mappings" | "queues" | "callbacks" | "nowMs">;

/** Answers one command; what decides something leaves an audit row, whatever comes of it. */
export async function answerCommand(
  ports: AnswerPorts,
  settings: RemediationSettings,
  command: ApprovalCommand,
): Promise<ApprovalAnswer> {
  const { changes } = ports;
  switch (command.action) {
    case "list":
      return { kind: "list", changes: summaries(await changes.list()), paused: await changes.isPaused() };
    case "show": {
      const review = await reviewChange(ports, settings, command.changeId);
      return review === undefined ? { kind: "unknown" } : { kind: "show", review };
    }
    case "pause":
    case "resume": {
      const paused = command.action === "pause";
      await changes.setPaused(paused);
      await changes.audit({
        atMs: ports.nowMs(),
        method: "invoke",
        approver: `iam:${command.principal}`,
        result: paused ? "paused" : "resumed",
      });
      return { kind: "paused", paused };
    }
    case "approve":
    case "reject": {
      const { changeId, principal } = command;
      const vote =
        command.action === "approve"
          ? { verdict: "approve" as const, reason: "", planHash: command.planHash }
          : { verdict: "reject" as const, reason: command.reason, planHash: "" };
      const result = await decideByIam(ports, settings, { changeId, principal, ...vote });
      await changes.audit({
        atMs: ports.nowMs(),
        ...(result.kind === "unknown" ? {} : { changeId }),
        method: "invoke",
        approver: `iam:${principal}`,
        result: result.kind,
      });
      return answerOf(result);
    }
  }
}

/** All open ones, and so many others that the answer stays far below what Lambda can give. */
function summaries(changes: readonly Change[]): ChangeSummary[] {
  const since = changes.length - MOST_LISTED;
  return changes
    .filter(({ status }, index) => status !== "closed" || index >= since)
    .map(({ finding: _, inputs: __, ...summary }) => summary);
}

/** A command has no code, and its reason is checked before. */
function answerOf(result: DecisionResult): ApprovalAnswer {
  switch (result.kind) {
    case "code-missing":
    case "reason-missing":
    case "wrong-code":
    case "too-many-tries":
      throw new ContractError(`expected no ${result.kind} from a command`);
    case "unknown":
    case "approved":
    case "rejected":
    case "already-decided":
    case "expired":
    case "closed":
    case "changed":
      return result;
  }
}
