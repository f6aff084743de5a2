// What a change did: figures of the path before and after, the bounds that were promised, and the verdict.
import { messagesHandled } from "../detect/flow-balance.ts";
import type { EffectFigures, EffectVerdict, RollBackBounds } from "../model/change.ts";
import type { Cause, PathDeliveries } from "../model/delivery.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import type { Plan } from "../model/plan.ts";

/** Work done twice for these reasons is what a longer visibility timeout ends. */
const CURED: ReadonlySet<Cause> = new Set(["visibility-expired", "deleted-too-late"]);

/**
 * So many duplicates must have been expected before their absence says anything: of a Poisson variable with mean 3
 * none is seen in 5 % of all cases (the rule of three).
 */
const LEAST_EXPECTED = 3;
/** At most this part of the expected duplicates is left where a change has helped. */
const BETTER_SHARE = 0.5;
/** Messages that may reach the dead-letter queue beyond the bound before they count: single ones are chance. */
const STRAY_DEAD_LETTERS = 3;

/**
 * Messages and duplicates come from the logs where these name messages, otherwise from the flow balance.
 * @param basis takes only this one, so that a window is compared with another of the same kind.
 */
export function effectFigures(
  measurement: PathMeasurement,
  deliveries: PathDeliveries | undefined,
  basis?: EffectFigures["basis"],
): EffectFigures {
  const { window, totals } = measurement;
  const counted = [fromLogs(deliveries), fromFlow(measurement)].find(
    (one) => one !== undefined && (basis === undefined || one.basis === basis),
  );
  return {
    window,
    ...(counted ?? { basis: "none", messages: null, duplicates: null }),
    oldestMessageAgeSeconds: totals.oldestMessageAgeSeconds,
    deadLettered: totals.deadLettered,
    longestRetryDelaySeconds: longestRetryDelay(deliveries),
  };
}

type Counted = Pick<EffectFigures, "basis" | "messages" | "duplicates">;

function fromLogs(deliveries: PathDeliveries | undefined): Counted | undefined {
  if (deliveries === undefined || !deliveries.coverage.logged.startsWith("ids")) return undefined;
  return {
    basis: "logs",
    messages: deliveries.coverage.messages,
    duplicates: deliveries.causes
      .filter(({ cause }) => CURED.has(cause))
      .reduce((sum, { duplicates }) => sum + duplicates, 0),
  };
}

function fromFlow({ flow }: PathMeasurement): Counted | undefined {
  if (flow === null) return undefined;
  return {
    basis: "metrics",
    messages: messagesHandled(flow),
    duplicates: Math.max(0, flow.excessDeletes.value),
  };
}

function longestRetryDelay(deliveries: PathDeliveries | undefined): number | null {
  const delaysMs = (deliveries?.examples ?? []).flatMap(({ deliveries: all }) =>
    all.slice(1).flatMap(({ invocation }, index) => {
      const earlier = all[index]?.invocation;
      if (earlier === undefined || (earlier.outcome !== "error" && earlier.outcome !== "timeout")) return [];
      if (earlier.startedAtMs === null || invocation.startedAtMs === null) return [];
      return [invocation.startedAtMs - earlier.startedAtMs];
    }),
  );
  return delaysMs.length === 0 ? null : Math.max(...delaysMs) / 1000;
}

/**
 * What would show that the longer timeout does harm: a message two new timeouts older than the oldest before, a retry
 * that waits half as long again as the plan says (a minute at least), or twice the dead letters and five in a thousand.
 */
export function rollBackBounds(before: EffectFigures, { to }: Pick<Plan, "to">): RollBackBounds {
  const { messages, deadLettered, oldestMessageAgeSeconds } = before;
  const rate = messages === null || messages <= 0 ? 0 : (1000 * (deadLettered ?? 0)) / messages;
  return {
    oldestMessageAgeSeconds: Math.ceil((oldestMessageAgeSeconds ?? 0) + 2 * to),
    retryDelaySeconds: to + Math.max(60, Math.ceil(to / 2)),
    deadLetteredPerThousand: Math.ceil(2 * rate + 5),
  };
}

export interface JudgedEffect {
  readonly verdict: EffectVerdict;
  /** A clause each. */
  readonly reasons: string[];
}

/** Harm first, whatever the traffic; then whether enough happened to tell, and whether the duplicates went away. */
export function judgeEffect(
  before: EffectFigures,
  after: EffectFigures,
  bounds: RollBackBounds,
): JudgedEffect {
  const harm = harmOf(after, bounds);
  if (harm.length > 0) return { verdict: "worse", reasons: harm };
  if (after.basis === "none" || after.basis !== before.basis) {
    const reason = before.basis === "none" ? "before the change" : `after it from the ${before.basis}`;
    return { verdict: "not-enough-traffic", reasons: [`nothing could be counted ${reason}`] };
  }
  const expected = expectedDuplicates(before, after);
  const seen = Math.round(after.duplicates ?? 0);
  const counts = `${seen} duplicates among ${Math.round(after.messages ?? 0)} messages, where about ${Number(expected.toPrecision(2))} were expected before the change`;
  if (expected < LEAST_EXPECTED) return { verdict: "not-enough-traffic", reasons: [counts] };
  return { verdict: seen <= BETTER_SHARE * expected ? "better" : "unchanged", reasons: [counts] };
}

function expectedDuplicates(before: EffectFigures, after: EffectFigures): number {
  if (!before.messages || before.duplicates === null || after.messages === null) return 0;
  return (before.duplicates / before.messages) * after.messages;
}

function harmOf(after: EffectFigures, bounds: RollBackBounds): string[] {
  const { oldestMessageAgeSeconds: age, longestRetryDelaySeconds: delay, deadLettered, messages } = after;
  // A rate needs both: what was not counted is not held against the change.
  const allowed =
    messages === null
      ? Number.POSITIVE_INFINITY
      : (bounds.deadLetteredPerThousand * Math.max(0, messages)) / 1000 + STRAY_DEAD_LETTERS;
  return [
    ...(age !== null && age > bounds.oldestMessageAgeSeconds
      ? [`the oldest message was ${age} s old, the bound is ${bounds.oldestMessageAgeSeconds} s`]
      : []),
    ...(delay !== null && delay > bounds.retryDelaySeconds
      ? [`a retry waited ${Math.round(delay)} s, the bound is ${bounds.retryDelaySeconds} s`]
      : []),
    ...(deadLettered !== null && deadLettered > allowed
      ? [
          `${deadLettered} messages went to the dead-letter queue, the bound is ${bounds.deadLetteredPerThousand} in a thousand`,
        ]
      : []),
  ];
}
