// The rules that people use today, written from their public descriptions. Where a description leaves a number open,
// the rule gets the one that serves it best, and its docstring says so.

/** What such a rule sees of one path. Points are one a minute over the window, 0 where CloudWatch has none. */
export interface RuleInput {
  readonly visibilityTimeoutSeconds: number;
  /** Of the polling mappings. */
  readonly consumers: readonly {
    readonly functionTimeoutSeconds: number;
    readonly batchingWindowSeconds: number;
  }[];
  readonly sentByMinute: readonly number[];
  readonly invocationsByMinute: readonly number[];
  readonly oldestAgeSecondsByMinute: readonly number[];
  /** The highest ApproximateReceiveCount that any consumer was given. */
  readonly maxReceiveCount: number;
}

export interface Rule {
  /** Key in the JSON, kebab-case. */
  readonly name: string;
  /** As the tables show it. */
  readonly title: string;
  /** True where somebody who uses the rule would look into this queue. */
  readonly rings: (input: RuleInput) => boolean;
}

const INVOCATIONS_MARGIN = 1.1;
const RECEIVE_COUNT_THRESHOLD = 3;
const AGE_ALARM_MINUTES = 15;

/**
 * More invocations than messages sent over the window. The article names no margin; without one the rule would ring
 * on noise alone wherever batches hold one message, so it gets 10 %.
 * @see https://dev.to/siddharth_pandey_27/your-sqs-queue-is-redelivering-messages-your-lambda-is-still-processing-40k2
 */
function invocationsOutrunMessages({ sentByMinute, invocationsByMinute }: RuleInput): boolean {
  return total(invocationsByMinute) > INVOCATIONS_MARGIN * total(sentByMinute);
}

/**
 * A function timeout above the visibility timeout: cfn-lint's E3505, and what Lambda itself checks when a mapping is
 * created or updated.
 * @see https://github.com/aws-cloudformation/cfn-lint/pull/3990
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
function belowFunctionTimeout({ visibilityTimeoutSeconds, consumers }: RuleInput): boolean {
  return consumers.some(({ functionTimeoutSeconds }) => visibilityTimeoutSeconds < functionTimeoutSeconds);
}

/**
 * Below six times the function timeout plus the batching window: AWS's advice. cdk-nag and sls-mentor check the six
 * times without the window.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 * @see https://github.com/cdklabs/cdk-nag/pull/1813
 * @see https://sls-mentor.dev/docs/rules/timeoutSmallEnoughForSqsVisibility
 */
function belowSixTimes({ visibilityTimeoutSeconds, consumers }: RuleInput): boolean {
  return consumers.some(
    ({ functionTimeoutSeconds, batchingWindowSeconds }) =>
      visibilityTimeoutSeconds < 6 * functionTimeoutSeconds + batchingWindowSeconds,
  );
}

/**
 * Any message received three times or more. The rule is shown the true counts, also of consumers that do not log
 * them. Three is where SQS itself takes a message for one that cannot be processed.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
function highReceiveCount({ maxReceiveCount }: RuleInput): boolean {
  return maxReceiveCount >= RECEIVE_COUNT_THRESHOLD;
}

/**
 * The alarm that CloudWatch recommends on ApproximateAgeOfOldestMessage: 15 of 15 points of one minute at a threshold
 * 50 % above the longest expected processing time, which is the function timeout; missing points breach nothing.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html
 */
function oldestMessageAlarm({ consumers, oldestAgeSecondsByMinute }: RuleInput): boolean {
  const timeoutsSeconds = consumers.map(({ functionTimeoutSeconds }) => functionTimeoutSeconds);
  const thresholdSeconds = 1.5 * Math.max(...timeoutsSeconds);
  let breachingMinutes = 0;
  return oldestAgeSecondsByMinute.some((ageSeconds) => {
    breachingMinutes = ageSeconds >= thresholdSeconds ? breachingMinutes + 1 : 0;
    return breachingMinutes >= AGE_ALARM_MINUTES;
  });
}

export const RULES: readonly Rule[] = [
  { name: "invocations-over-messages", title: "invocations > messages", rings: invocationsOutrunMessages },
  { name: "below-function-timeout", title: "visibility < timeout", rings: belowFunctionTimeout },
  { name: "below-six-times", title: "visibility < 6 × timeout", rings: belowSixTimes },
  { name: "receive-count-alarm", title: "receive count ≥ 3", rings: highReceiveCount },
  { name: "oldest-message-alarm", title: "age of oldest message", rings: oldestMessageAlarm },
];

function total(points: readonly number[]): number {
  return points.reduce((sum, point) => sum + point, 0);
}
