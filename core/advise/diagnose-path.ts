// Diagnose: from what was measured and read of one path to its verdict and findings.

import { largest } from "../detect/exposure.ts";
import { messagesHandled } from "../detect/flow-balance.ts";
import type { PathDeliveries } from "../model/delivery.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { Finding, FindingMetrics, PathVerdict } from "../model/finding.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import type { Plan } from "../model/plan.ts";
import { adviseCause } from "./advice/advise-cause.ts";
import { explain } from "./explain.ts";
import { exampleOf } from "./finding-example.ts";
import { findingId } from "./finding-id.ts";
import { makePlan, type PlanSettings, targetFor } from "./plan.ts";
import { whatWouldSettle } from "./settle.ts";
import { severityOf } from "./severity.ts";
import type { Sign } from "./signs.ts";
import { logsSeeEverything, signsFromLogs } from "./signs-from-logs.ts";
import { signsFromNumbers } from "./signs-from-numbers.ts";
import { type Judgement, judge, notDiagnosed } from "./verdict.ts";

export interface DiagnoseInput {
  readonly path: DeliveryPath;
  readonly measurement: PathMeasurement;
  /** What the logs prove; undefined when they were not read. */
  readonly deliveries: PathDeliveries | undefined;
  readonly settings: PlanSettings;
}

export interface PathDiagnosis {
  readonly verdict: PathVerdict;
  readonly findings: Finding[];
}

/**
 * One finding a cause, the logs first, then what only numbers or settings say. At most one of them carries a
 * plan, because a queue has one visibility timeout.
 */
export function diagnosePath(input: DiagnoseInput): PathDiagnosis {
  const { path, measurement, deliveries } = input;
  const verdictOf = ({ verdict, note }: Judgement): PathVerdict => ({
    queueArn: path.queueArn,
    functionArns: functionArns(path),
    verdict,
    ...(note === undefined ? {} : { note }),
  });
  const refusal = notDiagnosed(path, deliveries);
  if (refusal !== undefined) return { verdict: verdictOf(refusal), findings: [] };

  const proven = signsFromLogs(measurement, deliveries);
  const numbers = signsFromNumbers({ path, measurement, deliveries, proven });
  const counted = new Set(numbers.map((sign) => sign.cause));
  const signs = [...proven.filter((sign) => !counted.has(sign.cause)), ...numbers];
  const plans = signs.map((sign) => planFor(sign, input));
  const planned = plans.findIndex((plan) => plan !== undefined);
  return {
    verdict: verdictOf(judge({ path, measurement, deliveries, signs })),
    findings: signs.map((sign, index) =>
      findingOf(sign, index === planned ? plans[index] : undefined, input),
    ),
  };
}

/** A stray may be a side effect of the main cause, and most redeliveries may only be slowed: advice, but no plan. */
const planFor = (sign: Sign, { path, measurement, deliveries, settings }: DiagnoseInput): Plan | undefined =>
  sign.stray || sign.outnumberedBy !== undefined
    ? undefined
    : makePlan({
        path,
        measurement,
        settings,
        cause: sign.cause,
        evidence: sign.evidence,
        observedSharePercent: sign.duplicateSharePercent,
        logsUnreadable: (deliveries?.unreadable.length ?? 0) > 0,
        runTimes: logsSeeEverything(measurement, deliveries) ? deliveries?.runTimes : undefined,
      });

function findingOf(
  sign: Sign,
  plan: Plan | undefined,
  { path, measurement, deliveries, settings: scan }: DiagnoseInput,
): Finding {
  const { settings } = path;
  // What has no plan because a longer timeout would slow most redeliveries is not advised either.
  const raisable = settings !== undefined && sign.outnumberedBy === undefined;
  const target = raisable ? targetFor(path, settings, scan) : undefined;
  const settling = whatWouldSettle({ path, measurement, deliveries, sign });
  return {
    id: findingId(path.queueArn, sign.cause),
    queueArn: path.queueArn,
    functionArns: functionArns(path),
    cause: sign.cause,
    evidence: sign.evidence,
    severity: severityOf(sign),
    counts: {
      messages: sign.messages,
      deliveries: sign.deliveries,
      duplicateSharePercent: sign.duplicateSharePercent,
    },
    metrics: metricsOf(measurement, deliveries),
    examples: (deliveries?.examples ?? []).filter((example) => example.cause === sign.cause).map(exampleOf),
    ...explain({ path, measurement, deliveries, sign, plan, settling }),
    advice: adviseCause({
      cause: sign.cause,
      context: { path, settings, target, reservedConcurrency: measurement.reservedConcurrency },
      settling: settling.flatMap(({ advice }) => advice ?? []),
    }),
    ...(plan === undefined ? {} : { plan }),
    ...(settings?.owner === undefined ? {} : { owner: settings.owner }),
  };
}

function metricsOf(
  { totals, flow, ratio, samples }: PathMeasurement,
  deliveries: PathDeliveries | undefined,
): FindingMetrics {
  const handled = flow === null ? 0 : messagesHandled(flow);
  return {
    sent: totals.sent,
    received: totals.received,
    deleted: totals.deleted,
    backlogChange: totals.backlogChange,
    invocations: totals.invocations,
    errors: totals.errors,
    throttles: totals.throttles,
    receivesPerMessage: flow !== null && handled > 0 ? flow.received / handled : null,
    invocationRatio: ratio.invocationRatio,
    maxReceiveCount: largest([
      deliveries?.coverage.maxReceiveCount ?? null,
      ...samples.map((sample) => sample.maxReceiveCount),
    ]),
  };
}

/** Unqualified where the function could be read, otherwise as the mapping names it; each once. */
const functionArns = (path: DeliveryPath): string[] => [
  ...new Set(path.consumers.map(({ mapping, function: consumer }) => consumer?.arn ?? mapping.functionArn)),
];
