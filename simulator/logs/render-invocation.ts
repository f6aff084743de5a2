// All log lines of one invocation, in the order in which its log stream has them.
import { renderAsyncEvent } from "../engine/async-events.ts";
import { messageId, recordOf } from "../engine/bodies.ts";
import { uuid } from "../engine/ids.ts";
import { hash32 } from "../engine/random.ts";
import type { Invocation } from "../engine/records.ts";
import type { World } from "../engine/world.ts";
import { closingLines, eventLines } from "./application-lines.ts";
import type { InvocationFacts, Line } from "./line.ts";
import { platformJson } from "./platform-json.ts";
import { platformText } from "./platform-text.ts";

/** How long after START the event is printed. */
const EVENT_AFTER_MS = 2;
/** An oddity shows on this part of the invocations of a function that has it. */
const ODD_ONE_IN = 4;
const DICE = { clock: 1, event: 2, report: 3 } as const;

/** A number in [0, 1) that belongs to one thing that may be lost or shifted. */
function dice(world: World, what: number, index: number): number {
  return hash32(hash32(world.seed, what), index) / 2 ** 32;
}

/** By how much the clock of its execution environment is off. */
function skewMs(world: World, { environment, fn }: Invocation): number {
  const { clockSkewMs = 0 } = fn.logStyle.losses ?? {};
  return Math.round((2 * dice(world, DICE.clock, environment.index) - 1) * clockSkewMs);
}

function factsOf(world: World, invocation: Invocation): InvocationFacts {
  const { configuration, version } = invocation.fn;
  const { clock, seed } = world;
  const offMs = skewMs(world, invocation);
  const startMs = clock.epochMs(invocation.startMs) + offMs;
  const foreignId = uuid(seed, "decoy", invocation.requestIndex);
  return {
    requestId: uuid(seed, "request", invocation.requestIndex),
    functionName: configuration.name,
    functionArn: configuration.arn,
    version,
    runtime: configuration.runtime,
    memoryMb: configuration.memoryMb,
    timeoutSeconds: configuration.timeoutSeconds,
    beginMs: startMs - invocation.initMs,
    startMs,
    endMs: clock.epochMs(invocation.endMs) + offMs,
    initMs: invocation.initMs,
    outcome: invocation.outcome,
    trigger: invocation.trigger,
    records: invocation.deliveries.map((delivery) => recordOf(world, delivery)),
    ...(invocation.event === undefined ? {} : { event: renderAsyncEvent(world, invocation.event) }),
    returned: invocation.deliveries
      .filter(({ fault }) => fault === "own" || fault === "handed-back")
      .map(({ message, fault }) => ({
        messageId: messageId(world, message),
        why: fault === "own" ? "failed" : "not-ours",
      })),
    foreignId,
    xrayTraceId: `1-${Math.floor(startMs / 1000).toString(16)}-${foreignId.replaceAll("-", "").slice(0, 24)}`,
  };
}

const unnamed = (facts: InvocationFacts): InvocationFacts => ({
  ...facts,
  returned: facts.returned.filter(({ why }) => why !== "failed"),
});

function isReport(message: string): boolean {
  return message.startsWith("REPORT ") || message.includes('"platform.report"');
}

/** Every line the invocation writes, also those that lie in the future of the virtual clock. */
export function renderInvocation(world: World, invocation: Invocation): Line[] {
  const facts = factsOf(world, invocation);
  const { configuration, logStyle } = invocation.fn;
  const { eventShare = 1, failuresUnnamed, maxTextLength, lostReportShare = 0 } = logStyle.losses ?? {};
  const format = configuration.logFormat;
  const odd = hash32(world.seed, invocation.requestIndex) % ODD_ONE_IN === 0;
  // A missing Status is a property of the platform's age, not of one invocation.
  const oddities = new Set(logStyle.oddities.filter((oddity) => odd || oddity === "no-status"));
  const platform =
    format === "JSON"
      ? platformJson(facts, configuration.systemLogLevel ?? "INFO")
      : platformText(facts, oddities);

  const late = oddities.has("late-event");
  const eventMs = late ? facts.endMs : Math.min(facts.startMs + EVENT_AFTER_MS, facts.endMs);
  const closingMs = Math.max(facts.startMs, facts.endMs - 1);
  const lines = (messages: readonly string[], timestampMs: number): Line[] =>
    messages.map((message) => ({ timestampMs, message }));
  const told = oddities.has("undefined-request-id") ? { ...facts, requestId: "undefined" } : facts;
  const printed = dice(world, DICE.event, invocation.requestIndex) < eventShare;
  const texts = printed ? eventLines(logStyle.shape, format, told, eventMs, maxTextLength) : [];
  const event = lines(texts, eventMs);
  const closing = lines(
    closingLines(logStyle.shape, format, failuresUnnamed === true ? unnamed(facts) : facts, closingMs),
    closingMs,
  );
  const reported = dice(world, DICE.report, invocation.requestIndex) >= lostReportShare;
  const after = reported ? platform.after : platform.after.filter(({ message }) => !isReport(message));
  return [...platform.before, ...(late ? [] : event), ...closing, ...after, ...(late ? event : [])];
}
