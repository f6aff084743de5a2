// Close: the outcome of a change, whichever way the workflow came here, and the queue's place given free.
import * as z from "zod";
import type { CloseInput, CloseOutput } from "../model/remediation-workflow.ts";
import { conclude, requireChange } from "./changes.ts";
import { leftBehind } from "./left-behind.ts";
import type { RemediationPorts } from "./ports.ts";

const LONGEST_REASON = 300;

const LambdaCause = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.issues.push({ code: "custom", message: "JSON", input: text });
      return z.NEVER;
    }
  })
  .pipe(z.object({ errorMessage: z.string() }));

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
    : conclude(ports, changeId, "failed", `${messageOf(error)}; ${leftBehind(change)}`));
  return { outcome: closed.outcome ?? "failed" };
}

/** Lambda hands an error's message on inside JSON. */
function messageOf({ Error: name, Cause: cause }: CloseInput["error"]): string {
  const text =
    [name, LambdaCause.safeParse(cause).data?.errorMessage ?? cause]
      .filter((part) => part !== "")
      .join(": ") || "a step was not reached";
  return text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)} …` : text;
}
