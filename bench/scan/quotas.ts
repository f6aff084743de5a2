// What AWS allows of each call in an account and Region, and who is refused. Default quotas, as a token bucket that holds
// one second's worth: AWS says no more than "per second".
export interface Quota {
  readonly name: string;
  /** "service:Operation" of the calls that share it. */
  readonly calls: readonly string[];
  /** Calls, or points of GetMetricData, a second. */
  readonly perSecond: number;
}

const METRICS = ["cloudwatch:GetMetricData"];

/**
 * SQS publishes none but that of its tagging calls, and an on-demand table takes thousands of units a second.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html the 15 are "across all APIs (not 15
 *   requests per second per API)", only GetFunction and GetPolicy have quotas of their own; neither can be raised
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html "Tagging actions are
 *   limited to 30 TPS per AWS account"
 * @see https://docs.aws.amazon.com/general/latest/gr/arg.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
export const QUOTAS: readonly Quota[] = [
  {
    name: "Lambda control plane",
    calls: [
      "lambda:ListEventSourceMappings",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionConcurrency",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:ListFunctions",
    ],
    perSecond: 15,
  },
  { name: "Lambda GetPolicy", calls: ["lambda:GetPolicy"], perSecond: 15 },
  { name: "SQS tagging", calls: ["sqs:ListQueueTags"], perSecond: 30 },
  { name: "Tagging GetResources", calls: ["tag:GetResources"], perSecond: 15 },
  { name: "Logs StartQuery", calls: ["logs:StartQuery"], perSecond: 10 },
  { name: "Logs GetQueryResults", calls: ["logs:GetQueryResults"], perSecond: 10 },
  { name: "CloudWatch ListMetrics", calls: ["cloudwatch:ListMetrics"], perSecond: 25 },
  { name: "CloudWatch GetMetricData", calls: METRICS, perSecond: 50 },
];

const THREE_HOURS_MS = 3 * 3_600_000;
/** @see https://repost.aws/knowledge-center/cloudwatch-getmetricdata-api */
const RECENT_POINTS: Quota = { name: "points, last 3 h", calls: METRICS, perSecond: 180_000 };
const OLDER_POINTS: Quota = { name: "points, older", calls: METRICS, perSecond: 396_000 };

const ALL_QUOTAS: readonly Quota[] = [...QUOTAS, RECENT_POINTS, OLDER_POINTS];

export interface Call {
  /** "service:Operation". */
  readonly name: string;
  /** Of GetMetricData; 0 otherwise. */
  readonly points: number;
  /** How far back GetMetricData reaches. */
  readonly reachMs: number;
}

/** A bucket that is filled evenly and holds one second's worth. Times may come a little out of order. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledMs = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** More than the bucket holds is let through when it is full, and is paid for afterwards. */
  take(nowMs: number, tokens = 1): boolean {
    if (nowMs > this.#filledMs) {
      const fresh = Number.isFinite(this.#filledMs) ? ((nowMs - this.#filledMs) / 1000) * this.#perSecond : 0;
      this.#tokens = Math.min(this.#perSecond, this.#tokens + fresh);
      this.#filledMs = nowMs;
    }
    if (this.#tokens < Math.min(tokens, this.#perSecond)) return false;
    this.#tokens -= tokens;
    return true;
  }
}

export class Quotas {
  readonly #buckets = new Map(ALL_QUOTAS.map((quota) => [quota, new TokenBucket(quota.perSecond)]));

  /** The quota that a call is above; undefined when it may go through, and then it counts. */
  refusal(call: Call, nowMs: number): Quota | undefined {
    const above = QUOTAS.find((quota) => quota.calls.includes(call.name) && !this.#take(quota, nowMs, 1));
    if (above !== undefined) return above;
    if (call.points === 0) return undefined;
    const points = call.reachMs <= THREE_HOURS_MS ? RECENT_POINTS : OLDER_POINTS;
    return this.#take(points, nowMs, call.points) ? undefined : points;
  }

  #take(quota: Quota, nowMs: number, tokens: number): boolean {
    return this.#buckets.get(quota)?.take(nowMs, tokens) ?? true;
  }
}
