// What AWS allows of the calls that a scan makes many of, and how much of that we take: people and other tools need the
// rest. Waiting here costs less than being refused: a refused call counts too.
import pThrottle from "p-throttle";

export interface Rate {
  /** "service:Operation" of the calls that share the quota. */
  readonly calls: readonly string[];
  /** What AWS allows in an account and Region, in calls a second. */
  readonly quotaPerSecond: number;
  /** What we take of it. */
  readonly perSecond: number;
}

/**
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html the 15 are shared by all calls but
 *   GetFunction and GetPolicy, which have quotas of their own, and cannot be raised
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html
 * @see https://docs.aws.amazon.com/general/latest/gr/arg.html
 */
const RATES: readonly Rate[] = [
  {
    calls: [
      "lambda:GetFunctionConcurrency",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:ListEventSourceMappings",
      "lambda:ListFunctions",
    ],
    quotaPerSecond: 15,
    perSecond: 10,
  },
  { calls: ["lambda:GetPolicy"], quotaPerSecond: 15, perSecond: 10 },
  { calls: ["logs:StartQuery"], quotaPerSecond: 10, perSecond: 9 },
  { calls: ["logs:GetQueryResults"], quotaPerSecond: 10, perSecond: 9 },
  { calls: ["sqs:ListQueueTags"], quotaPerSecond: 30, perSecond: 20 },
  { calls: ["tag:GetResources"], quotaPerSecond: 15, perSecond: 10 },
];

/** The workflow has six batches under way, each in one function at a time. @see statemachine/scan.asl.json, state Paths */
export const QUOTA_SHARE_OF_A_BATCH = 1 / 6;

/** Resolves when the call may leave. */
export type Turn = (call: string) => Promise<void>;

/**
 * Turns for the calls of one process. Of any second no more than the rate leaves; what fits leaves at once.
 * @param quotaShare how much of our rates this process may take; Infinity = no limit.
 */
export function createTurns(quotaShare: number): Turn {
  if (quotaShare === Number.POSITIVE_INFINITY) return async () => {};
  const turns = new Map<string, () => Promise<void>>();
  for (const { calls, perSecond } of RATES) {
    const limit = Math.max(1, Math.floor(perSecond * quotaShare));
    const interval = (limit * 1000) / (perSecond * quotaShare);
    // Strict: any second, not only each second of the clock.
    const turn = pThrottle({ limit, interval, strict: true })(async () => {});
    for (const call of calls) turns.set(call, turn);
  }
  return async (call) => turns.get(call)?.();
}
