// The same work under different message ids: sent twice, published twice upstream, or moved back from the
// dead-letter queue, which makes new messages of the old ones.
import type { Window } from "../model/measurement.ts";
import { type ClassifyContext, EARLY_RETURN_TOLERANCE_MS, maybeFailed } from "./classify.ts";
import { compareText } from "./compare-text.ts";
import { failed, historyOf, type SeenDeliveries, type SeenDelivery } from "./deliveries.ts";
import { getOrCreate } from "./get-or-create.ts";
import { type Group, groupsOf } from "./join-groups.ts";
import { type Correlation, knownEndMs, knownStartMs, SNS_FIELD } from "./observations.ts";

/** Messages that carry the same id, in order of their first delivery, and one cause of their coming again. */
interface ResentGroup {
  /** The shared id. */
  readonly key: string;
  readonly cause: "producer-duplicate" | "dlq-redrive" | "unknown";
  readonly messageIds: readonly string[];
  /** Messages after the first that came for this cause. */
  readonly repeatedIds: readonly string[];
  /** Those of them whose work was really done again. */
  readonly duplicates: number;
}

export interface ResentMessages {
  readonly groups: readonly ResentGroup[];
  /** Ids that were not used as proof, and why. */
  readonly notes: readonly string[];
}

/** Whether messages left the dead-letter queue in the window, null = not known; and when, where it is known. */
export interface Redrive {
  readonly happened: boolean | null;
  readonly during: Window | undefined;
}

/** Levels are taken somewhere within their minute, and what comes back may wait behind a backlog. */
const BEFORE_REDRIVE_MS = 60_000;
const AFTER_REDRIVE_MS = 600_000;
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
 * @param redrive what the dead-letter queue's metrics tell of messages that were moved back.
 */
export function findResent(
  correlations: readonly Correlation[],
  context: ClassifyContext,
  redrive: Redrive,
): ResentMessages {
  const notes: string[] = [];
  const links: Group[] = [];
  for (const [field, ids] of byField(correlations, context.seen)) {
    const shared = sharedIds(ids);
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
  const groups = groupsOf(links).flatMap((group) => causesOf(group, context, redrive));
  return { groups, notes };
}

function sharedIds(ids: ReadonlyMap<string, Carriers>): [string, Set<string>][] {
  const shared: [string, Set<string>][] = [];
  for (const [id, carriers] of ids) if (typeof carriers !== "string") shared.push([id, carriers]);
  return shared;
}

/** The messages that carry an id; most ids belong to one alone, and need no set. */
type Carriers = string | Set<string>;

/** Field → id → the delivered messages that carry it; the order of input does not matter. */
function byField(
  correlations: readonly Correlation[],
  seen: SeenDeliveries,
): [string, Map<string, Carriers>][] {
  const fields = new Map<string, Map<string, Carriers>>();
  for (const { messageId, field, value } of correlations) {
    if (historyOf(messageId, seen).length === 0) continue;
    const ids = getOrCreate(fields, field, () => new Map<string, Carriers>());
    const carriers = getOrCreate(ids, value, () => messageId);
    if (typeof carriers !== "string") carriers.add(messageId);
    else if (carriers !== messageId) ids.set(value, new Set([carriers, messageId]));
  }
  return [...fields].sort(([a], [b]) => compareText(a, b));
}

/**
 * Why the later messages of a group came. What died in the dead-letter queue comes back under a new id; sending
 * again after a failure that never got there is recovery, and nothing is said of it.
 */
function causesOf({ key, members }: Group, context: ClassifyContext, redrive: Redrive): ResentGroup[] {
  const histories = members
    .map((messageId) => ({ messageId, deliveries: historyOf(messageId, context.seen) }))
    .sort(
      (a, b) =>
        firstStartMs(a.deliveries) - firstStartMs(b.deliveries) || compareText(a.messageId, b.messageId),
    );
  const repeated: Record<ResentGroup["cause"], string[]> = {
    "producer-duplicate": [],
    "dlq-redrive": [],
    unknown: [],
  };
  const waiting: Death[] = [];
  let duplicates = 0;
  let handledBefore = false;
  for (const { messageId, deliveries } of histories) {
    const handled = deliveries.some((delivery) => !failed(delivery));
    // What still lies in the dead-letter queue has not come back: somebody sent it again.
    const firstMs = firstStartMs(deliveries);
    const back = mayBeBack(firstMs, redrive) ? backFrom(waiting, firstMs) : undefined;
    if (back !== undefined) {
      repeated[back.sure || redrive.happened === true ? "dlq-redrive" : "unknown"].push(messageId);
    } else if (handledBefore) {
      repeated["producer-duplicate"].push(messageId);
      if (handled) duplicates += 1;
    }
    handledBefore ||= handled;
    const death = deathOf(deliveries, context);
    if (death !== undefined) waiting.push(death);
  }
  const messageIds = histories.map(({ messageId }) => messageId);
  return (["producer-duplicate", "dlq-redrive", "unknown"] as const)
    .filter((cause) => repeated[cause].length > 0)
    .map((cause) => ({
      key,
      cause,
      messageIds,
      repeatedIds: repeated[cause],
      duplicates: cause === "producer-duplicate" ? duplicates : 0,
    }));
}

function mayBeBack(firstMs: number, { happened, during }: Redrive): boolean {
  if (happened === false) return false;
  if (during === undefined) return true;
  return firstMs >= during.startMs - BEFORE_REDRIVE_MS && firstMs <= during.endMs + AFTER_REDRIVE_MS;
}

interface Death {
  /** Epoch ms from which it can lie in the dead-letter queue. */
  readonly deadMs: number;
  /** False when its last receive may have deleted it in time. */
  readonly sure: boolean;
}

/** Takes the death that a message which first came at `startMs` can be the return from, a sure one first. */
function backFrom(waiting: Death[], startMs: number): Death | undefined {
  const dead = waiting.filter(({ deadMs }) => deadMs <= startMs);
  const back = dead.find(({ sure }) => sure) ?? dead[0];
  if (back !== undefined) waiting.splice(waiting.indexOf(back), 1);
  return back;
}

/**
 * How a message ended in the dead-letter queue, if it did: after as many receives as the redrive policy allows, all
 * of them failures; perhaps when nothing shows that its last receive deleted it in time. SQS moves it there when the
 * visibility timeout of that receive is over, so what comes earlier under another id is no redrive.
 */
function deathOf(deliveries: readonly SeenDelivery[], context: ClassifyContext): Death | undefined {
  const { maxReceiveCount, visibilityTimeoutMs, rulesOf } = context;
  const last = deliveries.at(-1);
  if (last === undefined || maxReceiveCount === null || receives(deliveries) < maxReceiveCount) {
    return undefined;
  }
  const { reportBatchItemFailures, batchingWindowMs } = rulesOf(last.invocation.functionArn);
  const startMs = knownStartMs(last.invocation);
  const deadMs = startMs - batchingWindowMs - EARLY_RETURN_TOLERANCE_MS + (visibilityTimeoutMs ?? 0);
  if (deliveries.every(failed)) return { deadMs, sure: true };
  const heldMs = knownEndMs(last.invocation) - startMs + batchingWindowMs;
  const deleted =
    !failed(last) &&
    !maybeFailed(last, context) &&
    !reportBatchItemFailures &&
    heldMs <= (visibilityTimeoutMs ?? 0);
  return deleted ? undefined : { deadMs, sure: false };
}

function receives(deliveries: readonly SeenDelivery[]): number {
  return Math.max(deliveries.length, ...deliveries.map(({ receiveCount }) => receiveCount ?? 0));
}

function firstStartMs(deliveries: readonly SeenDelivery[]): number {
  return Math.min(...deliveries.map(({ invocation }) => knownStartMs(invocation)));
}
