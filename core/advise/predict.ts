// What a longer visibility timeout would change, for better and for worse.
import type { RunTimes } from "../model/delivery.ts";
import type { QueueSettings } from "../model/delivery-path.ts";
import type { Exposure } from "../model/measurement.ts";
import type { TradeOffs } from "../model/plan.ts";

export interface DurationFacts
  extends Pick<
    Exposure,
    "functionTimeoutSeconds" | "batchingWindowSeconds" | "maxDurationMs" | "p99DurationMs"
  > {
  /** From logs that hold practically every delivery; undefined where they do not. */
  readonly runTimes?: RunTimes | undefined;
}

/** One invocation in a hundred is longer than the p99. */
const SHARE_ABOVE_P99_PERCENT = 1;
/** Where more deliveries than this have no known end, the long runs may be among them. */
const MAX_UNTIMED_SHARE = 0.02;

/**
 * Share of deliveries, in percent, that outlast a visibility timeout of T seconds. A message may have waited for the
 * whole batching window W before its run (0 … W; taken is W, so that the share is rather too high), which leaves
 * T − W seconds for the run:
 *
 * - from the function timeout on: 0, because no run passes it;
 * - from the run times in the logs: 100 × runs longer than T − W ÷ runs;
 * - otherwise from Lambda's Duration: 0 from the longest run on, 1 at the p99, a straight line between.
 *
 * It never rises with T. A run is taken to start when its message is received; a cold start's Init comes on top.
 *
 * @returns null where the observations do not reach: below the p99, or without any.
 * @see docs/how-it-decides.md, "Predicted effect"
 */
export function predictedSharePercent(timeoutSeconds: number, facts: DurationFacts): number | null {
  const runSeconds = timeoutSeconds - facts.batchingWindowSeconds;
  if (runSeconds >= facts.functionTimeoutSeconds) return 0;
  return shareOfRuns(runSeconds, facts.runTimes) ?? shareFromDuration(runSeconds, facts);
}

/** Exact for whole seconds: a run outlasts them if, rounded up, it is longer. */
function shareOfRuns(runSeconds: number, runTimes: RunTimes | undefined): number | null {
  if (runTimes === undefined || runTimes.deliveries === 0) return null;
  if (runTimes.untimed > MAX_UNTIMED_SHARE * runTimes.deliveries) return null;
  const longer = runTimes.bySeconds.reduce(
    (sum, [seconds, runs]) => (seconds > runSeconds ? sum + runs : sum),
    0,
  );
  return (100 * longer) / runTimes.deliveries;
}

function shareFromDuration(runSeconds: number, facts: DurationFacts): number | null {
  if (facts.maxDurationMs === null) return null;
  const maxSeconds = facts.maxDurationMs / 1000;
  if (runSeconds >= maxSeconds) return 0;
  if (facts.p99DurationMs === null) return null;
  const p99Seconds = facts.p99DurationMs / 1000;
  if (runSeconds < p99Seconds) return null;
  return (SHARE_ABOVE_P99_PERCENT * (maxSeconds - runSeconds)) / (maxSeconds - p99Seconds);
}

/**
 * Duplicates for a hundred messages, where a share p of deliveries outlasts the timeout: each such delivery brings
 * the message once more, which may outlast it again. With n tries at most that is p + p² + … + pⁿ⁻¹. Taken is that
 * runs of the same message are as long as any others; where some messages are slow every time, it is too low.
 */
export function duplicatesPercent(sharePercent: number, tries: number): number {
  const p = sharePercent / 100;
  const last = Math.max(1, tries);
  return p === 1 ? 100 * (last - 1) : (100 * (p - p ** last)) / (1 - p);
}

export interface TradeOffInput {
  readonly settings: QueueSettings;
  readonly exposure: DurationFacts;
  readonly toSeconds: number;
  /** Duplicates ÷ messages × 100 as seen in logs or numbers; preferred to the prediction for "before". */
  readonly observedSharePercent: number | null;
}

/** Before and after of everything that depends on the visibility timeout. */
export function predictTradeOffs(input: TradeOffInput): TradeOffs {
  const { settings, exposure, toSeconds } = input;
  const fromSeconds = settings.visibilityTimeoutSeconds;
  const tries = settings.redrive?.maxReceiveCount;
  const toDeadLetter = (timeoutSeconds: number) => (tries === undefined ? null : tries * timeoutSeconds);
  const afterSeconds = toDeadLetter(toSeconds);
  const duplicates = (timeoutSeconds: number) => {
    const share = predictedSharePercent(timeoutSeconds, exposure);
    const mostTries = tries ?? Math.floor(settings.messageRetentionSeconds / Math.max(1, timeoutSeconds));
    return share === null ? null : duplicatesPercent(share, mostTries);
  };
  return {
    duplicateSharePercent: {
      before: input.observedSharePercent ?? duplicates(fromSeconds),
      after: duplicates(toSeconds),
    },
    retryDelaySeconds: { before: fromSeconds, after: toSeconds },
    timeToDeadLetterSeconds: { before: toDeadLetter(fromSeconds), after: afterSeconds },
    messageRetentionSeconds: settings.messageRetentionSeconds,
    outlivesRetention: afterSeconds !== null && afterSeconds > settings.messageRetentionSeconds,
    fifoGroupBlockedSeconds: settings.fifo ? { before: fromSeconds, after: toSeconds } : null,
  };
}
