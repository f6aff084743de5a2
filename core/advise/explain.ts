// What was counted and seen on one queue, in whole sentences: how often, why we think so, what speaks against it,
// what would settle it.

import { ratioWords } from "../detect/ratio/words.ts";
import type { Cause, RedeliveryExample } from "../model/delivery.ts";
import type { Finding } from "../model/finding.ts";
import type { Estimate, Exposure } from "../model/measurement.ts";
import type { Plan } from "../model/plan.ts";
import { causeWords } from "./cause-words.ts";
import { doubtsOf } from "./doubts.ts";
import { count, percentage, quantity, seconds } from "./number-words.ts";
import type { SettleInput, Settling } from "./settle.ts";
import { isOutlasted, percent } from "./signs.ts";

export interface ExplainInput extends SettleInput {
  readonly plan: Plan | undefined;
  /** What would settle the finding, as `whatWouldSettle` says. */
  readonly settling: readonly Settling[];
}

/** Plain text; nothing is escaped here. The explanation is what the cause means, and then the facts. */
export function explain(input: ExplainInput): Pick<Finding, "facts" | "explanation" | "confidence"> {
  const against = doubtsOf(input);
  const excess = excessOf(input);
  const settledBy = input.settling.map(({ step }) => step);
  const facts = [
    counted(input),
    ...timing(input),
    ...ratio(input),
    ...proof(input),
    ...listed("What speaks against it", against),
    ...listed("What would settle it", settledBy),
    ...whyNoPlan(input),
  ];
  return {
    facts,
    explanation: [causeWords(input.sign).meaning, ...facts].join(" "),
    confidence: {
      ...(excess === undefined ? {} : { messagesInterval: outwards(excess) }),
      against,
      settledBy,
    },
  };
}

const listed = (title: string, clauses: readonly string[]): string[] =>
  clauses.length === 0 ? [] : [`${title}: ${clauses.join("; ")}.`];

/** The excess that the sign's messages were estimated from; undefined where they were counted, or not at all. */
function excessOf({ sign, measurement: { flow } }: ExplainInput): Estimate | undefined {
  if (sign.evidence !== "measured" || sign.deliveries !== null || flow === null) return undefined;
  return flow.deletesSignificant ? flow.excessDeletes : flow.excessReceives;
}

const outwards = ({ low, high }: Estimate) => ({ low: Math.floor(low), high: Math.ceil(high) });

function counted(input: ExplainInput): string {
  switch (input.sign.evidence) {
    case "proven":
      return inLogs(input);
    case "measured":
      return measured(input);
    case "exposed":
    case "advisory":
      return exposed(input);
  }
}

function inLogs({ sign, deliveries }: ExplainInput): string {
  const [one, many] = COUNTED[sign.cause] ?? ["message", "messages"];
  const seen = deliveries?.coverage.messages ?? 0;
  const share = sign.cause in COUNTED || sign.messages === null ? null : percent(sign.messages, seen);
  const ofAll = share === null ? "" : ` (${percentage(share)} of the ${count(seen)} in the logs)`;
  return `${quantity(sign.messages, one, many)}${ofAll} came ${quantity(sign.deliveries, "time", "times")} in all.`;
}

/** What is counted where it is not messages of the queue; those have no share of its messages either. */
const COUNTED: Partial<Record<Cause, readonly [one: string, many: string]>> = {
  "producer-duplicate": ["piece of work", "pieces of work"],
  "async-retry": ["asynchronous invocation", "asynchronous invocations"],
};

/** The durations and timeouts that made it happen. */
function timing({ sign, measurement: { exposure } }: ExplainInput): string[] {
  if (exposure === null || (sign.evidence !== "proven" && sign.evidence !== "measured")) return [];
  if (sign.cause === "function-timeout") {
    return [`The function timeout is ${exposure.functionTimeoutSeconds} s.`];
  }
  return isOutlasted(sign.cause) ? [outlasting(exposure)] : [];
}

function outlasting(exposure: Exposure): string {
  const { maxDurationMs, p99DurationMs, batchingWindowSeconds, functionTimeoutSeconds } = exposure;
  const timeouts = `the visibility timeout is ${exposure.visibilityTimeoutSeconds} s, the function timeout ${functionTimeoutSeconds} s`;
  if (maxDurationMs === null) return `${timeouts[0]?.toUpperCase()}${timeouts.slice(1)}.`;
  const p99 = p99DurationMs === null ? "" : ` (99 % of them up to ${seconds(p99DurationMs)})`;
  const runs = `nvocations ran up to ${seconds(maxDurationMs)}${p99}`;
  return batchingWindowSeconds === 0
    ? `I${runs}; ${timeouts}.`
    : `A message may have waited up to ${batchingWindowSeconds} s for its batch, and i${runs}, together up to ${seconds(maxDurationMs + batchingWindowSeconds * 1000)}; ${timeouts}.`;
}

/** Invocations beside what is usual on this path, where the numbers are all there is. */
function ratio({ sign, measurement }: ExplainInput): string[] {
  const words = sign.evidence === "measured" ? ratioWords(measurement.ratio) : undefined;
  return words === undefined ? [] : [`There were ${words}.`];
}

function proof({ sign, deliveries }: ExplainInput): string[] {
  const words = causeWords(sign).proof;
  if (sign.evidence !== "proven" || words === undefined) return [];
  const clearest = deliveries?.examples.find(({ cause }) => cause === sign.cause);
  const togetherMs = sign.cause === "visibility-expired" && clearest ? longestOverlapMs(clearest) : 0;
  const example = togetherMs > 0 ? ` (for ${seconds(togetherMs)} in the clearest example)` : "";
  return [`Proof in the logs: ${words}${example}.`];
}

/** How long two deliveries of one message were at work together; 0 where none were, or no times are known. */
function longestOverlapMs({ deliveries }: RedeliveryExample): number {
  const overlaps = deliveries.flatMap(({ invocation: a }, index) =>
    deliveries.slice(index + 1).map(({ invocation: b }) => {
      if (a.startedAtMs === null || a.endedAtMs === null) return 0;
      if (b.startedAtMs === null || b.endedAtMs === null) return 0;
      return Math.min(a.endedAtMs, b.endedAtMs) - Math.max(a.startedAtMs, b.startedAtMs);
    }),
  );
  return Math.max(0, ...overlaps);
}

function measured(input: ExplainInput): string {
  const { sign, measurement } = input;
  const { flow } = measurement;
  const excess = excessOf(input);
  if (flow === null || excess === undefined) return inLogs(input);
  const act = flow.deletesSignificant ? "deleted" : "received";
  const total = flow.deletesSignificant ? flow.deleted : flow.received;
  const range = `about ${count(excess.value)} more than there were messages to ${act === "deleted" ? "complete" : "receive"} (95 % interval ${count(excess.low)} to ${count(excess.high)})`;
  return `The queue counted ${quantity(total, "message", "messages")} ${act}, ${range}: ${MEASURED[sign.cause] ?? MEASURED_UNKNOWN[act]}.`;
}

const MEASURED: Partial<Record<Cause, string>> = {
  "visibility-expired":
    "messages were worked on more than once, and runs that outlast the visibility timeout are the likely cause",
  throttled:
    "messages were received and thrown back because the function was throttled; none was deleted twice",
  "function-error": "messages were tried again after function errors; none was deleted twice",
};

const MEASURED_UNKNOWN = {
  deleted: "messages were completed more than once, and the numbers do not tell why",
  received: "messages came back without being deleted twice, and the numbers do not tell why",
} as const;

function exposed({ measurement, sign }: ExplainInput): string {
  const { exposure } = measurement;
  if (exposure === null) return "The settings could not be compared.";
  const timeout = `the visibility timeout is ${exposure.visibilityTimeoutSeconds} s`;
  const window =
    exposure.batchingWindowSeconds === 0
      ? ""
      : ` after a batching window of up to ${exposure.batchingWindowSeconds} s`;
  const traffic =
    sign.evidence === "advisory" ? "" : " There is traffic, so messages can be worked on twice.";
  switch (exposure.level) {
    case "exceeded":
      return `Invocations ran up to ${seconds(exposure.maxDurationMs)}${window}, but ${timeout}.${traffic}`;
    case "exposed":
      return `The function may run for ${exposure.functionTimeoutSeconds} s${window}, but ${timeout}.${traffic}`;
    case "below-recommendation":
    case "safe":
      return `No run can outlast it, but ${timeout}, where AWS advises ${exposure.recommendedSeconds} s (6 × the function timeout plus the batching window), which leaves room for throttled tries.`;
  }
}

/** Silence about the change would be read as "no change needed". */
function whyNoPlan({ path, sign, measurement, deliveries, plan }: ExplainInput): string[] {
  if (plan !== undefined || !isOutlasted(sign.cause)) return [];
  if (sign.evidence !== "proven" && sign.evidence !== "measured") return [];
  if (sign.outnumberedBy !== undefined) {
    return [
      `No change is proposed as long as most redeliveries of this queue have another cause (${sign.outnumberedBy}): a longer visibility timeout would slow those.`,
    ];
  }
  const [unreadable] = [...path.unreadable, ...measurement.unreadable, ...(deliveries?.unreadable ?? [])];
  return unreadable === undefined
    ? []
    : [`No change is proposed as long as ${unreadable.resource} cannot be read (${unreadable.reason}).`];
}
