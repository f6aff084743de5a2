// Diagnose, of one asynchronous path: reported only, so there is never a plan.
import type { AsyncMeasurement, AsyncPath, EventSource } from "../../model/async-path.ts";
import type { AsyncDeliveries } from "../../model/delivery.ts";
import type { Advice, Finding, PathReference } from "../../model/finding.ts";
import { conditionalWrite } from "../advice/conditional-write.ts";
import type { IdempotencyKey } from "../advice/idempotency-key.ts";
import { onFailureDestinationOf } from "../advice/on-failure-destination.ts";
import { sqlOnConflict } from "../advice/sql-on-conflict.ts";
import { hashOf } from "../canonical-json.ts";
import type { PathDiagnosis } from "../diagnose-path.ts";
import { exampleOf } from "../finding-example.ts";
import { severityOf } from "../severity.ts";
import type { Sign } from "../signs.ts";
import { explainAsync } from "./explain.ts";
import { asyncSigns } from "./signs.ts";
import { judgeAsync } from "./verdict.ts";

export interface DiagnoseAsyncInput {
  readonly path: AsyncPath;
  readonly measurement: AsyncMeasurement;
  /** What the logs prove; undefined when they were not read. */
  readonly deliveries: AsyncDeliveries | undefined;
}

/** One finding a cause. */
export function diagnoseAsyncPath(input: DiagnoseAsyncInput): PathDiagnosis {
  const { path, measurement, deliveries } = input;
  const signs = asyncSigns(measurement, deliveries);
  return {
    verdict: { ...asyncReference(path), ...judgeAsync({ path, measurement, deliveries, signs }) },
    findings: signs.map((sign) => findingOf(sign, input)),
  };
}

/** How the finding document names an asynchronous path. */
export function asyncReference({ functionArn, targets }: AsyncPath): PathReference {
  const sources = targets.flatMap(({ eventSources }) => eventSources);
  const each = new Map(sources.map((source) => [`${source.kind} ${source.arn ?? ""}`, source]));
  return { source: "async", functionArns: [functionArn], eventSources: [...each.values()] };
}

function findingOf(sign: Sign, { path, measurement, deliveries }: DiagnoseAsyncInput): Finding {
  const { events, invocations, errors, throttles } = measurement.totals;
  return {
    // Stable over scans, and never that of a queue.
    id: hashOf({ functionArn: path.functionArn, cause: sign.cause }).slice(0, 12),
    ...asyncReference(path),
    cause: sign.cause,
    evidence: sign.evidence,
    severity: severityOf(sign),
    counts: {
      messages: sign.messages,
      deliveries: sign.deliveries,
      duplicateSharePercent: sign.duplicateSharePercent,
    },
    metrics: {
      sent: null,
      received: null,
      deleted: null,
      backlogChange: null,
      invocations,
      errors,
      throttles,
      receivesPerMessage: null,
      invocationRatio: events !== null && events > 0 && invocations !== null ? invocations / events : null,
      maxReceiveCount: null,
      asyncEvents: events,
    },
    examples: (deliveries?.examples ?? []).filter(({ cause }) => cause === sign.cause).map(exampleOf),
    ...explainAsync({ path, measurement, deliveries, sign }),
    advice: adviceFor(sign, path),
  };
}

function adviceFor({ cause }: Sign, { functionName, targets }: AsyncPath): Advice[] {
  const key = keyOf(targets.flatMap(({ eventSources }) => eventSources));
  const once = [conditionalWrite(key), sqlOnConflict(key)];
  if (cause !== "async-retry") return once;
  const kept = targets.every(({ onFailureDestinationArn }) => onFailureDestinationArn !== undefined);
  return kept && targets.length > 0
    ? once
    : [onFailureDestinationOf(functionName, targets[0]?.qualifier), ...once];
}

/** What names one event of the function's only kind of source. */
function keyOf(sources: readonly EventSource[]): IdempotencyKey {
  const [kind, ...others] = [...new Set(sources.map((source) => source.kind))];
  return others.length > 0 || kind === undefined || kind === "eventbridge" ? "event" : kind;
}
