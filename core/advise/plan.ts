// The one change ever proposed: a longer visibility timeout, where that is the proven fix.
import { activeConsumers, consumerTimings } from "../detect/consumers.ts";
import type { Cause, RunTimes } from "../model/delivery.ts";
import type { DeliveryPath, QueueSettings } from "../model/delivery-path.ts";
import type { Evidence } from "../model/finding.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import type { Plan, PlanInputs } from "../model/plan.ts";
import type { ScanSettings } from "../model/settings.ts";
import { hashOf } from "./canonical-json.ts";
import { predictTradeOffs } from "./predict.ts";
import { type Target, targetTimeout } from "./target-timeout.ts";

export type PlanSettings = Pick<ScanSettings, "targetPolicy" | "maxVisibilityTimeoutSeconds">;

export interface PlanInput {
  readonly path: DeliveryPath;
  readonly measurement: PathMeasurement;
  readonly settings: PlanSettings;
  readonly cause: Cause;
  readonly evidence: Evidence;
  /** Duplicates ÷ messages × 100, where counted. */
  readonly observedSharePercent: number | null;
  /** True when the logs of a consumer could not be read. */
  readonly logsUnreadable: boolean;
  /** From logs that hold practically every delivery; undefined where they do not. */
  readonly runTimes?: RunTimes | undefined;
}

/**
 * A plan, or undefined where there must be none: any other cause, weaker evidence, another account's queue,
 * anything on the path that could not be read (I8), or no room for a raise.
 */
export function makePlan(input: PlanInput): Plan | undefined {
  const { path, measurement } = input;
  const { settings } = path;
  const { exposure } = measurement;
  if (settings === undefined || exposure === null || path.foreign) return undefined;
  if (!isRemediable(input.cause) || !isEnough(input.evidence, measurement)) return undefined;
  if (path.unreadable.length > 0 || measurement.unreadable.length > 0 || input.logsUnreadable)
    return undefined;
  if (activeConsumers(path).some((consumer) => consumer.function === undefined)) return undefined;
  const target = targetFor(path, settings, input.settings);
  if (target === undefined) return undefined;
  return {
    queueArn: path.queueArn,
    queueUrl: settings.url,
    from: settings.visibilityTimeoutSeconds,
    to: target.seconds,
    policy: target.policy,
    tradeOffs: predictTradeOffs({
      settings,
      exposure: { ...exposure, runTimes: input.runTimes },
      toSeconds: target.seconds,
      observedSharePercent: input.observedSharePercent,
    }),
    hash: hashOf(planInputs(path, settings, target)),
  };
}

/** The target for a path under the scan's settings; also what advice names where no plan may be made. */
export const targetFor = (
  path: DeliveryPath,
  settings: QueueSettings,
  scan: PlanSettings,
): Target | undefined =>
  targetTimeout({
    currentSeconds: settings.visibilityTimeoutSeconds,
    fifo: settings.fifo,
    timings: consumerTimings(path),
    policy: scan.targetPolicy,
    capSeconds: scan.maxVisibilityTimeoutSeconds,
  });

/** Raising the timeout cures these two and nothing else. */
const isRemediable = (cause: Cause): boolean =>
  cause === "visibility-expired" || cause === "deleted-too-late";

const isEnough = (evidence: Evidence, measurement: PathMeasurement): boolean =>
  evidence === "proven" || (evidence === "measured" && measurement.exposure?.level === "exceeded");

/**
 * Every input of the decision and the change itself, so that whatever changes between proposal and approval gives
 * another hash (I3). Observations (durations, shares) are left out: they differ at each scan.
 */
export function planInputs(path: DeliveryPath, settings: QueueSettings, target: Target): PlanInputs {
  return {
    queueArn: path.queueArn,
    from: settings.visibilityTimeoutSeconds,
    to: target.seconds,
    policy: target.policy,
    fifo: settings.fifo,
    redrive: settings.redrive ?? null,
    messageRetentionSeconds: settings.messageRetentionSeconds,
    consumers: activeConsumers(path)
      .map(({ mapping, function: consumer }) => ({
        uuid: mapping.uuid,
        state: mapping.state,
        functionArn: mapping.functionArn,
        batchSize: mapping.batchSize,
        maximumBatchingWindowSeconds: mapping.maximumBatchingWindowSeconds,
        functionTimeoutSeconds: consumer?.timeoutSeconds ?? null,
      }))
      .sort((a, b) => (a.uuid < b.uuid ? -1 : 1)),
  };
}
