// The same work under different message ids: sent twice, or published twice upstream.
import { compareText } from "./compare-text.ts";
import { failed, historyOf, type SeenDeliveries, type SeenDelivery } from "./deliveries.ts";
import { getOrCreate } from "./get-or-create.ts";
import { type Group, groupsOf } from "./join-groups.ts";
import { type Correlation, knownStartMs, SNS_FIELD } from "./observations.ts";

/** Messages that carry the same id, in order of their first delivery. */
interface ResentGroup {
  /** The shared id. */
  readonly key: string;
  readonly cause: "producer-duplicate" | "dlq-redrive";
  readonly messageIds: readonly string[];
  /** Messages after the first that repeat work. */
  readonly repeats: number;
  /** Those of them whose work was really done again. */
  readonly duplicates: number;
}

export interface ResentMessages {
  readonly groups: readonly ResentGroup[];
  /** Ids that were not used as proof, and why. */
  readonly notes: readonly string[];
}

/** More messages than this under one id: a job, a trace or a session, not one piece of work sent again. */
const MAX_MESSAGES_PER_ID = 5;
/** With at least this many ids of a field … */
const MIN_IDS_TO_JUDGE_A_FIELD = 10;
/** … more than this share of them shared by several messages: the field names a workflow, not a message. */
const MAX_SHARED_SHARE = 0.5;
/** Ids that by their definition belong to one message; all of them may be shared when a topic is subscribed twice. */
const IDENTITY_FIELDS = new Set([SNS_FIELD, "MessageDeduplicationId", "messageDeduplicationId"]);

/**
 * Finds messages that were made twice.
 * @param maxReceiveCount of the redrive policy: a message that came out of the dead-letter queue under a new id had
 * failed that often before; null without one.
 */
export function findResent(
  correlations: readonly Correlation[],
  seen: SeenDeliveries,
  maxReceiveCount: number | null,
): ResentMessages {
  const notes: string[] = [];
  const links: Group[] = [];
  for (const [field, ids] of byField(correlations, seen)) {
    const shared = [...ids].filter(([, messages]) => messages.size > 1);
    const judged = !IDENTITY_FIELDS.has(field) && ids.size >= MIN_IDS_TO_JUDGE_A_FIELD;
    if (judged && shared.length / ids.size > MAX_SHARED_SHARE) {
      notes.push(
        `${field} is no proof here: ${shared.length} of its ${ids.size} ids are shared by several messages`,
      );
      continue;
    }
    const wide = shared.filter(([, messages]) => messages.size > MAX_MESSAGES_PER_ID);
    if (wide.length > 0) {
      notes.push(
        `${wide.length} ids of ${field} are no proof: more than ${MAX_MESSAGES_PER_ID} messages share each`,
      );
    }
    for (const [value, messages] of shared) {
      if (messages.size <= MAX_MESSAGES_PER_ID) links.push({ key: value, members: [...messages] });
    }
  }
  const groups = groupsOf(links).flatMap(({ key, members }) => groupOf(key, members, seen, maxReceiveCount));
  return { groups, notes };
}

/** Field → id → the delivered messages that carry it; the order of input does not matter. */
function byField(
  correlations: readonly Correlation[],
  seen: SeenDeliveries,
): [string, Map<string, Set<string>>][] {
  const fields = new Map<string, Map<string, Set<string>>>();
  for (const { messageId, field, value } of correlations) {
    if (historyOf(messageId, seen).length === 0) continue;
    const ids = getOrCreate(fields, field, () => new Map<string, Set<string>>());
    getOrCreate(ids, value, () => new Set<string>()).add(messageId);
  }
  return [...fields].sort(([a], [b]) => compareText(a, b));
}

function groupOf(
  key: string,
  members: readonly string[],
  seen: SeenDeliveries,
  maxReceiveCount: number | null,
): ResentGroup[] {
  const histories = members
    .map((messageId) => ({ messageId, deliveries: historyOf(messageId, seen) }))
    .sort(
      (a, b) =>
        firstStartMs(a.deliveries) - firstStartMs(b.deliveries) || compareText(a.messageId, b.messageId),
    );
  let repeats = 0;
  let redrives = 0;
  let duplicates = 0;
  let handledBefore = false;
  let diedBefore = false;
  for (const { deliveries } of histories) {
    const handled = deliveries.some((delivery) => !failed(delivery));
    if (handledBefore) repeats += 1;
    else if (diedBefore) redrives += 1;
    if (handledBefore && handled) duplicates += 1;
    handledBefore ||= handled;
    diedBefore = !handled && maxReceiveCount !== null && receives(deliveries) >= maxReceiveCount;
  }
  const messageIds = histories.map(({ messageId }) => messageId);
  if (repeats > 0) return [{ key, cause: "producer-duplicate", messageIds, repeats, duplicates }];
  if (redrives > 0) return [{ key, cause: "dlq-redrive", messageIds, repeats: redrives, duplicates: 0 }];
  // Sent again after a failure that never succeeded: that is recovery, and none of it was done twice.
  return [];
}

function receives(deliveries: readonly SeenDelivery[]): number {
  return Math.max(deliveries.length, ...deliveries.map(({ receiveCount }) => receiveCount ?? 0));
}

function firstStartMs(deliveries: readonly SeenDelivery[]): number {
  return Math.min(...deliveries.map(({ invocation }) => knownStartMs(invocation)));
}
