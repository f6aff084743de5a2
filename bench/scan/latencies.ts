// How long AWS takes to answer, inside one Region. AWS publishes no such numbers: these are round figures of the size
// that its services show, and all in one place so that they can be doubted together.

const BY_CALL_MS: Readonly<Record<string, number>> = {
  "cloudwatch:ListMetrics": 100,
  "lambda:GetFunctionConcurrency": 30,
  "lambda:GetFunctionConfiguration": 40,
  "lambda:GetFunctionEventInvokeConfig": 30,
  "lambda:GetPolicy": 30,
  "lambda:ListEventSourceMappings": 100,
  "lambda:ListFunctions": 150,
  "logs:GetQueryResults": 50,
  "logs:StartQuery": 100,
  "sqs:ListQueues": 50,
  "sts:GetCallerIdentity": 30,
  "tag:GetResources": 150,
};
const BY_SERVICE_MS: Readonly<Record<string, number>> = { dynamodb: 6, sns: 30, sqs: 10 };
const OTHER_MS = 50;

const METRICS_MS = 100;
const METRICS_MS_PER_THOUSAND_POINTS = 10;
const LOG_MS_PER_THOUSAND_ROWS = 40;

/** A refusal is quick. */
export const REFUSAL_MS = 10;
/** Between two states, and from the state to the first line of a warm function. */
export const STATE_MS = 40;
/** Before Lambda runs the first line of a new environment; to load the function comes on top. */
export const NEW_ENVIRONMENT_MS = 150;

/** Of an answer, in ms. `points` are those asked of GetMetricData, `rows` those that GetQueryResults gave. */
export function latencyMs(call: string, { points = 0, rows = 0 } = {}): number {
  if (call === "cloudwatch:GetMetricData") {
    return METRICS_MS + (points / 1000) * METRICS_MS_PER_THOUSAND_POINTS;
  }
  const [service = ""] = call.split(":");
  return (BY_CALL_MS[call] ?? BY_SERVICE_MS[service] ?? OTHER_MS) + (rows / 1000) * LOG_MS_PER_THOUSAND_ROWS;
}

/** How long a Logs Insights query runs: a start, and a second a gigabyte. */
export function queryMs(bytesScanned: number): number {
  return 2_000 + (bytesScanned / 1e9) * 1_000;
}
