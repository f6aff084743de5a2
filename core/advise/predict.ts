// What a longer visibility timeout would change, for better and for worse.
import type { QueueSettings } from "../model/delivery-path.ts";
import type { Exposure } from "../model/measurement.ts";
import type { TradeOffs } from "../model/plan.ts";

export type DurationFacts = Pick<
  Exposure,
  "functionTimeoutSeconds" | "batchingWindowSeconds" | "maxDurationMs" | "p99DurationMs"
>;

/** One invocation in a hundred is longer than the p99. */
const SHARE_ABOVE_P99_PERCENT = 1;

/**
 * Share of deliveries, in percent, that outlast a visibility timeout, from the observed durations plus the
 * whole batching window: 0 from the longest run (or the function timeout) on, 1 at the p99, a straight line
 * between. It never rises with the timeout.
 *
 * @returns null where the observations do not reach: below the p99, or without any.
 */
export function predictedSharePercent(timeoutSeconds: number, facts: DurationFacts): number | null {
  const runSeconds = timeoutSeconds - facts.batchingWindowSeconds;
  if (runSeconds >= facts.functionTimeoutSeconds) return 0;
  if (facts.maxDurationMs === null) return null;
  const maxSeconds = facts.maxDurationMs / 1000;
  if (runSeconds >= maxSeconds) return 0;
  if (facts.p99DurationMs === null) return null;
  const p99Seconds = facts.p99DurationMs / 1000;
  if (runSeconds < p99Seconds) return null;
  return (SHARE_ABOVE_P99_PERCENT * (maxSeconds - runSeconds)) / (maxSeconds - p99Seconds);
}

export interface TradeOffInput {
  readonly settings: QueueSettings;
  readonly exposure: DurationFacts;
  readonly toSeconds: number;
  /** Duplicates ÷ messages as seen in logs or numbers; preferred to the prediction for "before". */
  readonly observedSharePercent: number | null;
}

/** Before and after of everything that depends on the visibility timeout. */
export function predictTradeOffs(input: TradeOffInput): TradeOffs {
  const { settings, exposure, toSeconds } = input;
  const fromSeconds = settings.visibilityTimeoutSeconds;
  const tries = settings.redrive?.maxReceiveCount;
  const toDeadLetter = (timeoutSeconds: number) => (tries === undefined ? null : tries * timeoutSeconds);
  const afterSeconds = toDeadLetter(toSeconds);
  return {
    duplicateSharePercent: {
      before: input.observedSharePercent ?? predictedSharePercent(fromSeconds, exposure),
      after: predictedSharePercent(toSeconds, exposure),
    },
    retryDelaySeconds: { before: fromSeconds, after: toSeconds },
    timeToDeadLetterSeconds: { before: toDeadLetter(fromSeconds), after: afterSeconds },
    messageRetentionSeconds: settings.messageRetentionSeconds,
    outlivesRetention: afterSeconds !== null && afterSeconds > settings.messageRetentionSeconds,
    fifoGroupBlockedSeconds: settings.fifo ? { before: fromSeconds, after: toSeconds } : null,
  };
}
