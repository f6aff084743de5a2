// RollBack: the one place that lowers a visibility timeout, and only back from what we set ourselves (I1).
import type { Change } from "../model/change.ts";
import type { ChangeContext } from "../model/remediation-workflow.ts";
import { requireChange, updateChange } from "./changes.ts";
import type { RemediationPorts } from "./ports.ts";
import { describeNow } from "./queue-now.ts";

type RollBackPorts = Pick<RemediationPorts, "changes" | "queues" | "queueWriter" | "nowMs">;

/**
 * Safe to run twice: the intent is in the ledger before the queue is touched.
 * @returns whether the queue holds the old value again, by our doing.
 * @throws TransientError when something could not be read or written: worth another try.
 */
export async function rollBack(ports: RollBackPorts, { changeId }: ChangeContext): Promise<boolean> {
  const change = await requireChange(ports.changes, changeId);
  if (change.rollBack !== undefined) return !("refused" in change.rollBack);
  if (change.status !== "rolling-back" && !isHarmful(change)) return false;
  const { queueArn, from, to } = change.plan;
  const { url, visibilityTimeoutSeconds: seconds } = await describeNow(ports, queueArn);
  // Read again after the queue: another try of this step may have rolled back in between.
  if (seconds === from && (await requireChange(ports.changes, changeId)).status === "rolling-back") {
    return note(ports, change);
  }
  if (seconds !== to)
    return note(ports, change, `the queue holds ${seconds} s, which is not what was set (${to} s)`);
  const intent = await updateChange(ports.changes, changeId, (now) =>
    isHarmful(now) ? { ...now, status: "rolling-back" } : undefined,
  );
  if (intent.status !== "rolling-back") return false;
  await ports.queueWriter.setVisibilityTimeout(url, queueArn, from);
  return note(ports, change);
}

const isHarmful = ({ status, verdict }: Change): boolean => status === "confirmed" && verdict === "worse";

async function note(ports: RollBackPorts, { id }: Change, refused?: string): Promise<boolean> {
  const atMs = ports.nowMs();
  const { rollBack: done } = await updateChange(ports.changes, id, (now) =>
    now.rollBack === undefined && now.status !== "closed"
      ? { ...now, rollBack: refused === undefined ? { atMs } : { atMs, refused } }
      : undefined,
  );
  return done !== undefined && !("refused" in done);
}
