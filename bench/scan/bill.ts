// What was used, at list prices (us-east-1, November 2026; free tiers not taken off but where it says so). What an account is read with is
// priced by the scan's own estimate; the workflow, which that one only guesses at, from what was measured.
import { estimateCostUsd } from "../../core/scan/cost.ts";
import { METRIC_NAMES } from "../../functions/shared/telemetry.ts";
import type { Deployment } from "./functions.ts";
import { gigabyteSeconds } from "./lambda.ts";
import type { Schedule } from "./schedules.ts";
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
  /** A month with data in each of its hours: charged by the hour, and only for hours in which it was sent. */
  customMetric: 0.3,
} as const;

/** What AWS gives every account each month, for ever, and shares among all that runs in it. */
const ALWAYS_FREE = {
  alarms: 10,
  customMetrics: 10,
  logGigabytes: 5,
  sqsRequests: 1e6,
  standardTransitions: 4_000,
  lambdaRequests: 1e6,
  lambdaGigabyteSeconds: 400_000,
} as const;

/** An EXPRESS execution is billed by 100 ms and by 64 MB, and keys and counts need no more than the first. */
const EXPRESS_STEP_MS = 100;
const EXPRESS_GIGABYTES = 64 / 1024;

const HOURS_A_MONTH = 730;

export const BILL_ITEMS = [
  "metrics",
  "logs",
  "sqs",
  "stepFunctions",
  "lambda",
  "dynamoDb",
  "alarms",
  "ownMetrics",
] as const;
export type BillItem = (typeof BILL_ITEMS)[number];
export type Bill = Readonly<Record<BillItem, number>>;

const NOTHING = { metricsRequested: 0, logBytesScanned: 0, apiCalls: {}, deployedBatches: 0 };

/** What stays whether scans run or not. */
export type Standing = Pick<Deployment, "alarms">;

interface Amounts {
  readonly scans: number;
  readonly alarms: number;
  readonly logGigabytes: number;
  readonly sqsRequests: number;
  readonly standardTransitions: number;
  readonly lambdaRequests: number;
  readonly lambdaGigabyteSeconds: number;
}

/** Of a scan that is run so many times. */
function amountsOf(
  { network, transitions, invocations }: ScanRun,
  scans: number,
  { alarms }: Standing,
): Amounts {
  const sqsRequests = Object.entries(network.calls)
    .filter(([name]) => name.startsWith("sqs:"))
    .reduce((sum, [, calls]) => sum + calls, 0);
  return {
    scans,
    alarms,
    logGigabytes: (network.logBytes / 1e9) * scans,
    sqsRequests: sqsRequests * scans,
    standardTransitions: transitions * scans,
    lambdaRequests: invocations.length * scans,
    lambdaGigabyteSeconds: invocations.reduce((sum, one) => sum + gigabyteSeconds(one), 0) * scans,
  };
}

/** What the allowances leave of it. */
function withoutFree(amounts: Amounts): Amounts {
  const left = (name: Exclude<keyof Amounts, "scans">) => Math.max(0, amounts[name] - ALWAYS_FREE[name]);
  return {
    scans: amounts.scans,
    alarms: left("alarms"),
    logGigabytes: left("logGigabytes"),
    sqsRequests: left("sqsRequests"),
    standardTransitions: left("standardTransitions"),
    lambdaRequests: left("lambdaRequests"),
    lambdaGigabyteSeconds: left("lambdaGigabyteSeconds"),
  };
}

function priced(run: ScanRun, amounts: Amounts, freeCustomMetrics: number): Bill {
  const { network, children } = run;
  const { scans } = amounts;
  const expressGigabyteSeconds = children.reduce(
    (sum, { startMs, endMs }) =>
      sum + ((Math.ceil((endMs - startMs) / EXPRESS_STEP_MS) * EXPRESS_STEP_MS) / 1000) * EXPRESS_GIGABYTES,
    0,
  );
  const expressUsd =
    children.length * PRICE_USD.expressRequest + expressGigabyteSeconds * PRICE_USD.expressGigabyteSecond;
  return {
    metrics:
      scans *
      estimateCostUsd({
        ...NOTHING,
        metricsRequested: network.metrics,
        apiCalls: { "cloudwatch:ListMetrics": network.calls["cloudwatch:ListMetrics"] ?? 0 },
      }),
    logs: estimateCostUsd({ ...NOTHING, logBytesScanned: amounts.logGigabytes * 1e9 }),
    sqs: estimateCostUsd({ ...NOTHING, apiCalls: { "sqs:any": amounts.sqsRequests } }),
    stepFunctions: amounts.standardTransitions * PRICE_USD.standardTransition + scans * expressUsd,
    lambda:
      amounts.lambdaRequests * PRICE_USD.lambdaRequest +
      amounts.lambdaGigabyteSeconds * PRICE_USD.lambdaGigabyteSecond,
    dynamoDb: scans * (network.readUnits * PRICE_USD.readUnit + network.writeUnits * PRICE_USD.writeUnit),
    alarms: amounts.alarms * PRICE_USD.alarm,
    ownMetrics: Math.max(0, ownMetricMonths(scans) - freeCustomMetrics) * PRICE_USD.customMetric,
  };
}

/** Each is sent once a scan, in an hour that has no other scan. */
function ownMetricMonths(scans: number): number {
  return METRIC_NAMES.length * Math.min(1, scans / HOURS_A_MONTH);
}

const NO_STANDING: Standing = { alarms: 0 };

/** Of one scan; nothing that stays. */
export function billOf(run: ScanRun): Bill {
  return { ...priced(run, amountsOf(run, 1, NO_STANDING), 0), ownMetrics: 0 };
}

/**
 * A month of scans that are all like this one. It follows another after a day and brings a day's hours into the history
 * of each path that it reads in full: of those that every scan reads in full this is a little more than they take.
 */
export function monthOf(
  run: ScanRun,
  { everyHours }: Pick<Schedule, "everyHours">,
  standing: Standing,
): Bill {
  return priced(run, amountsOf(run, HOURS_A_MONTH / everyHours, standing), 0);
}

/** The same month in an account that uses its allowances for nothing else. */
export function monthWithAllowances(
  run: ScanRun,
  { everyHours }: Pick<Schedule, "everyHours">,
  standing: Standing,
): Bill {
  const amounts = amountsOf(run, HOURS_A_MONTH / everyHours, standing);
  return priced(run, withoutFree(amounts), ALWAYS_FREE.customMetrics);
}

export function totalOf(bill: Bill): number {
  return BILL_ITEMS.reduce((sum, item) => sum + bill[item], 0);
}
