// What a scan does for the changes of earlier ones, so that none blocks its queue for longer than it must.
import type { Change } from "../model/change.ts";
import type { ExecutionsPort } from "../ports.ts";
import { conclude, requireChange } from "./changes.ts";
import { closeChange } from "./close-change.ts";
import { comparePlan, type RemediationSettings } from "./live-plan.ts";
import { notifyOutcome } from "./notify-outcome.ts";
import type { RemediationPorts } from "./ports.ts";
import { queuePolicy } from "./queue-policy.ts";
import type { ScannedPath } from "./scanned-path.ts";

const DAY_MS = 86_400_000;

type TidyPorts = Pick<RemediationPorts, "ledger" | "changes" | "executions" | "notifier" | "nowMs">;

/**
 * Starts the workflow of a change whose start was lost; closes one whose workflow is over without having closed it
 * (stopped by hand, timed out, deleted with its stack), and one that waits for an answer about a plan that no longer
 * holds. What is closed here is told of.
 * @returns all changes, as they are afterwards.
 */
export async function tidyUp(
  ports: TidyPorts,
  settings: RemediationSettings,
  readScanned: (queueArn: string) => Promise<ScannedPath | undefined>,
): Promise<Change[]> {
  const tidied: Change[] = [];
  for (const change of await ports.changes.list()) {
    if (change.status !== "closed") tidied.push(await tidy(ports, settings, readScanned, change));
    else tidied.push(isFresh(change, ports.nowMs()) ? await told(ports, change.id) : change);
  }
  return tidied;
}

async function tidy(
  ports: TidyPorts,
  settings: RemediationSettings,
  readScanned: (queueArn: string) => Promise<ScannedPath | undefined>,
  change: Change,
): Promise<Change> {
  const status = await ports.executions.status(change.id);
  if (isLost(change, status)) {
    const error = { Error: "its workflow ended before the change was closed", Cause: "" };
    await closeChange(ports, { changeId: change.id, error });
    return told(ports, change.id);
  }
  if (status === "absent") await ports.executions.start(change.id);
  const scanned = change.status === "waiting" ? await readScanned(change.queueArn) : undefined;
  const reason = scanned && whyOutdated(settings, change, scanned, ports.nowMs());
  if (reason === undefined) return change;
  // Whoever decides in this moment wins: then Apply compares once more.
  const { status: now } = await conclude(ports, change.id, "superseded", reason, "waiting");
  return now === "closed" ? told(ports, change.id) : requireChange(ports.changes, change.id);
}

/** A change that somebody was asked about, or that was made, cannot be begun again from the start. */
const isLost = ({ status }: Change, execution: Awaited<ReturnType<ExecutionsPort["status"]>>): boolean =>
  execution === "ended" || (execution === "absent" && status !== "proposed");

/** Undefined where the plan holds, and where the scan could not read all that it depends on. */
function whyOutdated(
  settings: RemediationSettings,
  change: Change,
  { path }: ScannedPath,
  nowMs: number,
): string | undefined {
  if (path.settings === undefined || path.unreadable.length > 0) return undefined;
  const policy = queuePolicy(path, settings.change, nowMs);
  const compared = comparePlan({ path, settings: path.settings, policy }, settings, change);
  return compared.kind === "changed" ? compared.reason : undefined;
}

/** Its outcome may not have been told: the workflow, or the scan that closed it, may have failed at that. */
const isFresh = ({ closedMs = 0 }: Change, nowMs: number): boolean => nowMs - closedMs < DAY_MS;

/** A repeat sends nothing. */
async function told(ports: TidyPorts, changeId: string): Promise<Change> {
  await notifyOutcome(ports, { changeId });
  return requireChange(ports.changes, changeId);
}
