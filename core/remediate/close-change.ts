// Close: the outcome of a change, whichever way the workflow came here, and the queue's place given free.
import type { Change } from "../model/change.ts";
import type { CloseInput, CloseOutput } from "../model/remediation-workflow.ts";
import { conclude, requireChange } from "./changes.ts";
import type { RemediationPorts } from "./ports.ts";

const LONGEST_REASON = 300;

/** A change that is closed already keeps its outcome. */
export async function closeChange(
  ports: Pick<RemediationPorts, "changes" | "nowMs">,
  { changeId, error }: CloseInput,
): Promise<CloseOutput> {
  const change = await requireChange(ports.changes, changeId);
  // Once a rollback is noted, all that could fail has been done.
  const isDone = error.Error === "" || change.rollBack !== undefined;
  const closed = await (isDone && change.verdict !== undefined
    ? conclude(ports, changeId, change.verdict, change.verdictReasons?.join("; "))
    : conclude(ports, changeId, "failed", whatFailed(change, error)));
  return { outcome: closed.outcome ?? "failed" };
}

/** Says what is left behind, since that is what whoever reads it has to know. */
function whatFailed({ status, plan, rollBack }: Change, error: CloseInput["error"]): string {
  const why = messageOf(error);
  if (status === "applying") {
    return `${why}; the queue may or may not hold ${plan.to} s: look, and set it by hand`;
  }
  if (status === "rolling-back" && rollBack === undefined) {
    return `${why}; the queue was to be rolled back to ${plan.from} s: look, and set it by hand`;
  }
  return status === "applied" || status === "confirmed"
    ? `${why}; the queue was set to ${plan.to} s and is not watched any further`
    : `${why}; nothing was changed`;
}

/** Lambda hands an error's message on inside JSON. */
function messageOf({ Error: name, Cause: cause }: CloseInput["error"]): string {
  const parsed = /"errorMessage"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(cause)?.[1];
  const message = parsed === undefined ? cause : String(JSON.parse(parsed));
  const text = [name, message].filter((part) => part !== "").join(": ") || "a step was not reached";
  return text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)} …` : text;
}
