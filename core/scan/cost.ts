// What one scan costs at list prices (us-east-1, November 2026). An estimate: free tiers are not taken off.

const PRICE_USD = {
  /** @see https://aws.amazon.com/cloudwatch/pricing/ GetMetricData, never free */
  metric: 0.01 / 1000,
  /** ListMetrics and other requests to CloudWatch. */
  metricListing: 0.01 / 1000,
  /** Logs Insights, a gigabyte scanned. */
  logGigabyte: 0.005,
  /** @see https://aws.amazon.com/sqs/pricing/ standard queues */
  sqsRequest: 0.4 / 1e6,
  /** @see https://aws.amazon.com/step-functions/pricing/ */
  standardTransition: 0.025 / 1000,
  expressRequest: 1 / 1e6,
  expressGigabyteSecond: 0.00001667,
  /** @see https://aws.amazon.com/lambda/pricing/ arm64 */
  lambdaRequest: 0.2 / 1e6,
  lambdaGigabyteSecond: 0.0000133334,
} as const;

/** Transitions of the parent: seven states, and the starting of each batch. */
const STANDARD_STATES = 7;
/** Steps of one batch with a few looks at its queries, each some seconds at 0.5 GB, or 1.7 GB to read log rows. */
const LAMBDAS_A_BATCH = 6;
const LAMBDAS_A_SCAN = 4;
const LAMBDA_SECONDS = 3;
const LAMBDA_GIGABYTES = 1;
/** An EXPRESS child is billed for at least 64 MB over its life, most of it waiting for queries. */
const EXPRESS_SECONDS = 60;
const EXPRESS_GIGABYTES = 0.064;

export interface ScanUsage {
  readonly metricsRequested: number;
  readonly logBytesScanned: number;
  /** Calls by "service:Operation". */
  readonly apiCalls: Readonly<Record<string, number>>;
  /** Batches run by the deployed workflow; 0 when the scan ran elsewhere. */
  readonly deployedBatches: number;
}

/** US dollars of one scan: metrics, log bytes, SQS requests, and the workflow itself where it is deployed. */
export function estimateCostUsd(usage: ScanUsage): number {
  const sqsRequests = Object.entries(usage.apiCalls)
    .filter(([operation]) => operation.startsWith("sqs:"))
    .reduce((sum, [, calls]) => sum + calls, 0);
  const reads =
    usage.metricsRequested * PRICE_USD.metric +
    (usage.apiCalls["cloudwatch:ListMetrics"] ?? 0) * PRICE_USD.metricListing +
    (usage.logBytesScanned / 1e9) * PRICE_USD.logGigabyte +
    sqsRequests * PRICE_USD.sqsRequest;
  return reads + workflowCostUsd(usage.deployedBatches);
}

function workflowCostUsd(batches: number): number {
  if (batches === 0) return 0;
  const lambdas = LAMBDAS_A_SCAN + LAMBDAS_A_BATCH * batches;
  const lambdaUsd =
    PRICE_USD.lambdaRequest + LAMBDA_SECONDS * LAMBDA_GIGABYTES * PRICE_USD.lambdaGigabyteSecond;
  const childUsd =
    PRICE_USD.expressRequest + EXPRESS_SECONDS * EXPRESS_GIGABYTES * PRICE_USD.expressGigabyteSecond;
  return (
    (STANDARD_STATES + batches) * PRICE_USD.standardTransition + lambdas * lambdaUsd + batches * childUsd
  );
}
