// What may be done to one queue: the account's mode, narrowed by the queue's own tags.
import type { ChangeSettings } from "../model/change-settings.ts";
import { Mode } from "../model/change-settings.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { Evidence } from "../model/finding.ts";
import type { Plan } from "../model/plan.ts";
import { matchesGlob } from "../scan/glob.ts";
import { IGNORE_TAG, type Ignored, parseIgnoreTag } from "../scan/ignore-tag.ts";

/** `observe`, `approve` or `auto`; a tag can only narrow what the account allows. */
export const MODE_TAG = "doubletake:mode";
export interface QueuePolicy {
  readonly mode: Mode;
  /** Why the queue may not be changed; absent where it may. */
  readonly reason?: string;
  readonly ignored?: Ignored;
}

/**
 * The least of the account's mode and the queue's tag; without a tag `approve`, so that `auto` needs both. A tag that
 * is not understood, a queue outside the configured names and tag, and one that is ignored may not be changed.
 */
export function queuePolicy(
  path: Pick<DeliveryPath, "queueName" | "settings">,
  account: Pick<ChangeSettings, "mode" | "changeQueues" | "changeTag">,
  nowMs: number,
): QueuePolicy {
  const tags = path.settings?.tags ?? {};
  const refuse = (reason: string, more: Partial<QueuePolicy> = {}): QueuePolicy => ({
    mode: "observe",
    reason,
    ...more,
  });
  const ignored = parseIgnoreTag(tags[IGNORE_TAG], nowMs);
  if (typeof ignored === "string") return refuse(ignored);
  if (ignored !== undefined) return refuse(`it is ignored: ${ignored.reason}`, { ignored });
  if (account.mode === "observe") return refuse("the account's mode is observe");
  if (!account.changeQueues.some((pattern) => matchesGlob(path.queueName, pattern))) {
    return refuse("its name is not among the queues that may be changed");
  }
  if (account.changeTag !== undefined && !hasTag(tags, account.changeTag)) {
    return refuse(`it does not carry the tag ${account.changeTag}`);
  }
  const wanted = Mode.safeParse(tags[MODE_TAG] ?? "approve");
  if (!wanted.success) {
    return refuse(`its tag ${MODE_TAG} is not understood: expected ${Mode.options.join(", ")}`);
  }
  if (wanted.data === "observe") return refuse(`its tag ${MODE_TAG} says observe`);
  const least = Math.min(Mode.options.indexOf(account.mode), Mode.options.indexOf(wanted.data));
  return { mode: Mode.options[least] ?? "observe" };
}

/** @param tag as `key=value`; the value may hold more equals signs. */
function hasTag(tags: Readonly<Record<string, string>>, tag: string): boolean {
  const at = tag.indexOf("=");
  return tags[tag.slice(0, at)] === tag.slice(at + 1);
}

/**
 * How a plan is decided on a queue that may be changed. Where a longer timeout has a price (a FIFO group that waits, a
 * message that would expire before it reaches the dead-letter queue) or the proof is from numbers alone, a person is
 * asked, whatever the mode.
 */
export function decisionMode(
  policy: Pick<QueuePolicy, "mode">,
  evidence: Evidence,
  { tradeOffs }: Pick<Plan, "tradeOffs">,
): "approve" | "auto" {
  const isPlain =
    evidence === "proven" && tradeOffs.fifoGroupBlockedSeconds === null && !tradeOffs.outlivesRetention;
  return policy.mode === "auto" && isPlain ? "auto" : "approve";
}
