// What was counted and seen on one asynchronous path, in whole sentences.
import type { AsyncMeasurement, AsyncPath, EventSource } from "../../model/async-path.ts";
import type { AsyncDeliveries } from "../../model/delivery.ts";
import type { Finding } from "../../model/finding.ts";
import { count, percentage, quantity } from "../number-words.ts";
import { percent, type Sign } from "../signs.ts";
import { asyncCauseWords } from "./words.ts";

export interface ExplainAsyncInput {
  readonly path: AsyncPath;
  readonly measurement: AsyncMeasurement;
  readonly deliveries: AsyncDeliveries | undefined;
  readonly sign: Sign;
}

/** Plain text; nothing is escaped here. */
export function explainAsync(
  input: ExplainAsyncInput,
): Pick<Finding, "facts" | "explanation" | "confidence"> {
  const words = asyncCauseWords(input.sign.cause);
  const against = doubts(input);
  const settledBy = settling(input);
  const facts = [
    counted(input),
    ...(input.sign.evidence === "proven" && words.proof !== undefined
      ? [`Proof in the logs: ${words.proof}.`]
      : []),
    ...failures(input),
    ...sources(input),
    ...(against.length > 0 ? [`What speaks against it: ${against.join("; ")}.`] : []),
    ...(settledBy.length > 0 ? [`What would settle it: ${settledBy.join("; ")}.`] : []),
  ];
  return {
    facts,
    explanation: [words.meaning, ...facts].join(" "),
    confidence: { ...interval(input), against, settledBy },
  };
}

function counted({ sign, measurement, deliveries }: ExplainAsyncInput): string {
  const { totals, excessInvocations: excess } = measurement;
  if (sign.deliveries === null && excess !== null) {
    return `Lambda counted ${quantity(totals.invocations, "invocation", "invocations")} for ${quantity(totals.events, "asynchronous event", "asynchronous events")}, about ${count(excess.value)} more than one each (95 % interval ${count(excess.low)} to ${count(excess.high)}), and ${quantity(totals.errors, "error", "errors")} that can have brought them about.`;
  }
  const share = percent(sign.messages ?? 0, deliveries?.coverage.messages ?? 0);
  const ofAll =
    share === null
      ? ""
      : ` (${percentage(share)} of the ${count(deliveries?.coverage.messages ?? 0)} in the logs)`;
  return `${quantity(sign.messages, "event", "events")}${ofAll} ran ${quantity(sign.deliveries, "time", "times")} in all.`;
}

/** What becomes of an event that goes on failing. */
function failures({ path, measurement, sign }: ExplainAsyncInput): string[] {
  if (sign.cause !== "async-retry" || path.targets.length === 0) return [];
  const attempts = Math.max(...path.targets.map((target) => target.maximumRetryAttempts));
  const kept = path.targets.every((target) => target.onFailureDestinationArn !== undefined);
  const dropped = measurement.totals.dropped ?? 0;
  const gone = dropped > 0 ? ` ${quantity(dropped, "event was", "events were")} given up in the window.` : "";
  return [
    `Lambda tries a failed event again up to ${quantity(attempts, "time", "times")}; what still fails ${kept ? "goes to the on-failure destination" : "is lost unless a dead-letter queue is set on the function"}.${gone}`,
  ];
}

const SOURCE_WORDS: Readonly<Record<EventSource["kind"], string>> = {
  sns: "SNS topic",
  s3: "S3 bucket",
  eventbridge: "EventBridge rule",
};

/** Who may send the events, as far as the function's policy tells. */
function sources({ path }: ExplainAsyncInput): string[] {
  const named = path.targets.flatMap(({ eventSources }) =>
    eventSources.map(
      ({ kind, arn }) => `${SOURCE_WORDS[kind]} ${arn?.split(/[:/]/).at(-1) ?? "(not named)"}`,
    ),
  );
  return named.length === 0 ? [] : [`Its events come from ${[...new Set(named)].join(", ")}.`];
}

function doubts({ sign, deliveries }: ExplainAsyncInput): string[] {
  if (sign.evidence === "proven") {
    return deliveries?.coverage.truncated === true
      ? ["the logs were cut off, so the counts are lower bounds"]
      : [];
  }
  return sign.deliveries === null
    ? ["other triggers of the function count as its invocations and its errors too"]
    : ["whether the work was done twice cannot be told"];
}

function settling({ sign, deliveries }: ExplainAsyncInput): string[] {
  if (sign.evidence === "proven") return [];
  if (deliveries === undefined || deliveries.coverage.logged === "not-read") {
    return ["read the function's logs: the same request id again is a retry"];
  }
  return ["keep START and REPORT lines and log the id of each event: then the next scan can tell"];
}

function interval({ sign, measurement: { excessInvocations: excess } }: ExplainAsyncInput) {
  if (sign.deliveries !== null || excess === null) return {};
  return { messagesInterval: { low: Math.floor(excess.low), high: Math.ceil(excess.high) } };
}
