// What AWS allows of the calls that a scan makes many of, and how much of that we take: people and other tools need the
// rest. Waiting here costs less than being refused: a refused call counts too.
import pThrottle from "p-throttle";
import { HEAVIEST_METRICS_CALL, weightOfMetricsCall } from "./metric-points.ts";

export interface Rate {
  /** "service:Operation" of the calls that share the quota. */
  readonly calls: readonly string[];
  /** What AWS allows in an account and Region, in calls a second, or in what they weigh. */
  readonly quotaPerSecond: number;
  /** What we take of it. */
  readonly perSecond: number;
  /** How much of it one call takes, where that is not 1 for each. */
  readonly weight?: { readonly of: (input: unknown) => number; readonly most: number };
}

/**
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html the 15 are shared by all calls but
 *   GetFunction and GetPolicy, which have quotas of their own, and cannot be raised
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html
 * @see https://docs.aws.amazon.com/general/latest/gr/arg.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const RATES: readonly Rate[] = [
  { calls: ["cloudwatch:GetMetricData"], quotaPerSecond: 50, perSecond: 40 },
  {
    calls: ["cloudwatch:GetMetricData"],
    quotaPerSecond: 396_000,
    perSecond: 360_000,
    weight: { of: weightOfMetricsCall, most: HEAVIEST_METRICS_CALL },
  },
  {
    calls: [
      "lambda:GetFunctionConcurrency",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:ListEventSourceMappings",
      "lambda:ListFunctions",
    ],
    quotaPerSecond: 15,
    perSecond: 12,
  },
  { calls: ["lambda:GetPolicy"], quotaPerSecond: 15, perSecond: 10 },
  { calls: ["logs:StartQuery"], quotaPerSecond: 10, perSecond: 9 },
  { calls: ["logs:GetQueryResults"], quotaPerSecond: 10, perSecond: 9 },
  { calls: ["sqs:ListQueueTags"], quotaPerSecond: 30, perSecond: 20 },
  { calls: ["tag:GetResources"], quotaPerSecond: 15, perSecond: 10 },
];

/** The workflow has twelve batches under way, each in one function at a time. @see statemachine/scan.asl.json, state Paths */
export const QUOTA_SHARE_OF_A_BATCH = 1 / 12;

/** What we take of the quota of a call that counts once, in calls a second; undefined where none is known. */
export const rateOf = (call: string): number | undefined =>
  RATES.find(({ calls, weight }) => weight === undefined && calls.includes(call))?.perSecond;

/** Resolves when the call with that input may leave. */
export type Turn = (call: string, input?: unknown) => Promise<void>;

/**
 * Turns for the calls of one process. Of any second no more than the rate leaves; what fits leaves at once.
 * @param quotaShare how much of our rates this process may take; Infinity = no limit.
 */
export function createTurns(quotaShare: number): Turn {
  if (quotaShare === Number.POSITIVE_INFINITY) return async () => {};
  const turns = RATES.map((rate) => ({ calls: rate.calls, turn: turnsOf(rate, quotaShare) }));
  const byCall = new Map<string, ((input: unknown) => Promise<void>)[]>();
  for (const { calls, turn } of turns) {
    for (const call of calls) byCall.set(call, [...(byCall.get(call) ?? []), turn]);
  }
  return async (call, input) => {
    for (const turn of byCall.get(call) ?? []) await turn(input);
  };
}

function turnsOf({ perSecond, weight }: Rate, quotaShare: number): (input: unknown) => Promise<void> {
  // One call must fit, however small the share.
  const limit = Math.max(weight?.most ?? 1, Math.floor(perSecond * quotaShare));
  const interval = (limit * 1000) / (perSecond * quotaShare);
  return pThrottle({
    limit,
    interval,
    // Any second, not only each second of the clock.
    strict: true,
    ...(weight !== undefined && { weight: (input: unknown) => Math.min(limit, weight.of(input)) }),
  })(async () => {});
}
