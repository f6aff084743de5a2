// What was counted and seen on one queue, in whole sentences: how often, why we think so, what speaks against it.

import { returnsWholeBatches } from "../detect/consumers.ts";
import type { Cause, PathDeliveries, RedeliveryExample } from "../model/delivery.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { Finding } from "../model/finding.ts";
import type { Exposure, PathMeasurement } from "../model/measurement.ts";
import type { Plan } from "../model/plan.ts";
import { causeWords } from "./cause-words.ts";
import { isOutlasted, percent, type Sign } from "./signs.ts";
import { logsSeeEverything } from "./signs-from-logs.ts";

export interface ExplainInput {
  readonly path: DeliveryPath;
  readonly measurement: PathMeasurement;
  readonly deliveries: PathDeliveries | undefined;
  readonly sign: Sign;
  readonly plan: Plan | undefined;
}

/** Plain text; nothing is escaped here. The explanation is what the cause means, and then the facts. */
export function explain(input: ExplainInput): Pick<Finding, "facts" | "explanation"> {
  const facts = [
    counted(input),
    ...timing(input),
    ...proof(input),
    ...whatSpeaksAgainst(input),
    ...whyNoPlan(input),
  ];
  return { facts, explanation: [causeWords(input.sign).meaning, ...facts].join(" ") };
}

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
  if (flow === null || sign.deliveries !== null) return inLogs(input);
  const act = flow.deletesSignificant ? "deleted" : "received";
  const excess = flow.deletesSignificant ? flow.excessDeletes : flow.excessReceives;
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

function whatSpeaksAgainst(input: ExplainInput): string[] {
  const reasons = [...doubtsOfEvidence(input), ...doubtsOfCause(input)];
  return reasons.length === 0 ? [] : [`What speaks against it: ${reasons.join("; ")}.`];
}

function doubtsOfEvidence({ sign, measurement, deliveries }: ExplainInput): string[] {
  switch (sign.evidence) {
    case "proven":
      return deliveries?.coverage.truncated === true
        ? ["the logs were cut off, so the counts are lower bounds"]
        : [];
    case "measured":
      return sign.deliveries === null
        ? [`SQS's counters are approximate, and ${unprovenBecause(deliveries)}`]
        : ["whether the work was done twice cannot be told"];
    case "exposed":
    case "advisory":
      return logsSeeEverything(measurement, deliveries) && deliveries?.causes.length === 0
        ? [
            `the logs show ${quantity(deliveries.coverage.messages, "message", "messages")}, each delivered once`,
          ]
        : ["no duplicate was seen"];
  }
}

/** Why nothing was proven from the logs. */
function unprovenBecause(deliveries: PathDeliveries | undefined): string {
  const [unreadable] = deliveries?.unreadable ?? [];
  if (unreadable !== undefined) return `the logs could not be read (${unreadable.reason})`;
  if (deliveries === undefined || deliveries.coverage.logged === "not-read") return "the logs were not read";
  return deliveries.coverage.logged === "nothing"
    ? "the consumers log no message ids that could prove it"
    : "the logs hold only part of the messages";
}

function doubtsOfCause({ path, sign, measurement }: ExplainInput): string[] {
  const doubts: string[] = [];
  const { exposure, flow } = measurement;
  if (sign.cause === "function-error" && sign.evidence === "measured" && returnsWholeBatches(path)) {
    doubts.push(
      "a batch that failed came back whole, so records of it that had succeeded were worked on twice",
    );
  }
  if (sign.stray) doubts.push("these are few beside the path's main cause and may be side effects of it");
  if (sign.cause === "visibility-expired" && sign.evidence !== "proven" && exposure !== null) {
    if (exposure.level === "exceeded") {
      doubts.push("durations are of all triggers of the function, not of this queue alone");
    }
    if (exposure.batchingWindowSeconds > 0) {
      doubts.push("with a batching window Lambda may keep messages hidden for longer than the queue says");
    }
  }
  if (isOutlasted(sign.cause) && sign.evidence === "proven" && flow !== null && !flow.deletesSignificant) {
    doubts.push(
      path.settings?.fifo === true
        ? "the counters do not show it, as a late delete fails on a FIFO queue"
        : "the queue's counters alone would not show it",
    );
  }
  return doubts;
}

/** Silence about the change would be read as "no change needed". */
function whyNoPlan({ path, sign, measurement, deliveries, plan }: ExplainInput): string[] {
  if (plan !== undefined || !isOutlasted(sign.cause)) return [];
  if (sign.evidence !== "proven" && sign.evidence !== "measured") return [];
  const [unreadable] = [...path.unreadable, ...measurement.unreadable, ...(deliveries?.unreadable ?? [])];
  return unreadable === undefined
    ? []
    : [`No change is proposed as long as ${unreadable.resource} cannot be read (${unreadable.reason}).`];
}

const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

const count = (value: number): string => NUMBER.format(value);

const quantity = (value: number | null, one: string, many: string): string =>
  value === null ? many : `${count(value)} ${Math.round(value) === 1 ? one : many}`;

/** Two significant digits below 10 %, whole percents above. */
const percentage = (value: number): string =>
  `${value === 0 || value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} %`;

const seconds = (durationMs: number | null): string => `${((durationMs ?? 0) / 1000).toFixed(1)} s`;
