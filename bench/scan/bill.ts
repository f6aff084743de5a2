// What was used, at list prices (us-east-1, November 2026; free tiers not taken off). What an account is read with is
// priced by the scan's own estimate; the workflow, which that one only guesses at, from what was measured.
import { estimateCostUsd } from "../../core/scan/cost.ts";
import { gigabyteSeconds } from "./lambda.ts";
import type { ScanRun } from "./simulate-scan.ts";

/** As in core/scan/cost.ts, and what that one leaves out. */
const PRICE_USD = {
  standardTransition: 0.025 / 1000,
  expressRequest: 1 / 1e6,
  expressGigabyteSecond: 0.00001667,
  lambdaRequest: 0.2 / 1e6,
  lambdaGigabyteSecond: 0.0000133334,
  /** On demand. From memory of the price list, not read again. @see https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  readUnit: 0.125 / 1e6,
  writeUnit: 0.625 / 1e6,
  /** A month each. @see https://aws.amazon.com/cloudwatch/pricing/ */
  alarm: 0.1,
  customMetric: 0.3,
} as const;

/** An EXPRESS execution is billed by 100 ms and by 64 MB, and keys and counts need no more than the first. */
const EXPRESS_STEP_MS = 100;
const EXPRESS_GIGABYTES = 64 / 1024;

const HOURS_A_MONTH = 730;
const DAYS_A_MONTH = HOURS_A_MONTH / 24;
/** OpenFindings and UnreachableSubscribers. */
const CUSTOM_METRICS = 2;

export const BILL_ITEMS = ["metrics", "logs", "sqs", "stepFunctions", "lambda", "dynamoDb"] as const;
export type BillItem = (typeof BILL_ITEMS)[number];
export type Bill = Readonly<Record<BillItem, number>>;

const NOTHING = { metricsRequested: 0, logBytesScanned: 0, apiCalls: {}, deployedBatches: 0 };

export function billOf({ network, transitions, children, invocations }: ScanRun): Bill {
  const sqs = Object.entries(network.calls).filter(([name]) => name.startsWith("sqs:"));
  const listed = network.calls["cloudwatch:ListMetrics"] ?? 0;
  const expressGigabyteSeconds = children.reduce(
    (sum, { startMs, endMs }) =>
      sum + ((Math.ceil((endMs - startMs) / EXPRESS_STEP_MS) * EXPRESS_STEP_MS) / 1000) * EXPRESS_GIGABYTES,
    0,
  );
  return {
    metrics: estimateCostUsd({
      ...NOTHING,
      metricsRequested: network.metrics,
      apiCalls: { "cloudwatch:ListMetrics": listed },
    }),
    logs: estimateCostUsd({ ...NOTHING, logBytesScanned: network.logBytes }),
    sqs: estimateCostUsd({ ...NOTHING, apiCalls: Object.fromEntries(sqs) }),
    stepFunctions:
      transitions * PRICE_USD.standardTransition +
      children.length * PRICE_USD.expressRequest +
      expressGigabyteSeconds * PRICE_USD.expressGigabyteSecond,
    lambda:
      invocations.length * PRICE_USD.lambdaRequest +
      invocations.reduce((sum, one) => sum + gigabyteSeconds(one), 0) * PRICE_USD.lambdaGigabyteSecond,
    dynamoDb: network.readUnits * PRICE_USD.readUnit + network.writeUnits * PRICE_USD.writeUnit,
  };
}

/**
 * A month of scans, of which one a day brings the ratio's history up to date.
 * @param first the scan that filled the history, of the same paths as `usual`.
 */
export function monthOf(usual: Bill, first: Bill, everyHours: number): Bill {
  const scans = HOURS_A_MONTH / everyHours;
  const daily = Math.max(0, first.metrics - usual.metrics);
  const month = Object.fromEntries(BILL_ITEMS.map((item) => [item, usual[item] * scans])) as Record<
    BillItem,
    number
  >;
  return { ...month, metrics: month.metrics + daily * DAYS_A_MONTH };
}

export function totalOf(bill: Bill): number {
  return BILL_ITEMS.reduce((sum, item) => sum + bill[item], 0);
}

/** What stays whether scans run or not, a month. */
export function standingUsd(alarms: number): number {
  return alarms * PRICE_USD.alarm + CUSTOM_METRICS * PRICE_USD.customMetric;
}
