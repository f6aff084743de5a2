// Which paths' logs are worth their bytes, and in which order.
import { asyncTraffic } from "../detect/async/measure-async-path.ts";
import { activeFunctions } from "../detect/consumers.ts";
import { traffic } from "../detect/suspicions.ts";
import type { AsyncMeasurement, AsyncPath } from "../model/async-path.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { MeasureOutput } from "../model/workflow.ts";
import { type Candidate, CandidateKind } from "./documents.ts";
import type { Occasions } from "./occasions.ts";

interface Ranked {
  readonly candidate: Candidate;
  /** How strongly the numbers speak for duplicates. */
  readonly strength: number;
}

function kindOf(
  arn: string,
  { suspicions }: Pick<PathMeasurement, "suspicions">,
  moved: "yes" | "no" | "unknown",
  { open, isDue }: Pick<Occasions, "open" | "isDue">,
): CandidateKind | undefined {
  if (suspicions.length > 0) return "suspect";
  if (moved === "no") return undefined;
  if (open.has(arn)) return "follow-up";
  if (moved === "unknown") return "unmeasured";
  return isDue(arn) ? "routine" : undefined;
}

/** Excess deletes say most. */
function strength({ flow, exposure }: PathMeasurement): number {
  if (flow?.deletesSignificant) return 2;
  return flow?.receivesSignificant || exposure?.level === "exceeded" ? 1 : 0;
}

/**
 * The paths whose logs should be read: suspects first (strongest first), then paths with an open finding, paths
 * without metrics, and paths with traffic that are due; within each the cheapest logs first. Empty when logs are not
 * read.
 */
export function selectCandidates(
  paths: readonly DeliveryPath[],
  measurements: readonly PathMeasurement[],
  occasions: Pick<Occasions, "open" | "isDue">,
  settings: Pick<ScanSettings, "readLogs">,
): Candidate[] {
  if (!settings.readLogs) return [];
  const measured = new Map(measurements.map((measurement) => [measurement.queueArn, measurement]));
  const ranked = paths.flatMap((path, index): Ranked[] => {
    const measurement = measured.get(path.queueArn);
    if (measurement === undefined || path.foreign || activeFunctions(path).length === 0) return [];
    const kind = kindOf(path.queueArn, measurement, traffic(measurement), occasions);
    if (kind === undefined) return [];
    const candidate = { index, arn: path.queueArn, kind, logBytes: measurement.totals.logBytes };
    return [{ candidate, strength: strength(measurement) }];
  });
  return inOrder(ranked);
}

/** The same for asynchronous paths. */
export function selectAsyncCandidates(
  paths: readonly AsyncPath[],
  measurements: readonly AsyncMeasurement[],
  occasions: Pick<Occasions, "open" | "isDue">,
  settings: Pick<ScanSettings, "readLogs">,
): Candidate[] {
  if (!settings.readLogs) return [];
  const measured = new Map(measurements.map((measurement) => [measurement.functionArn, measurement]));
  const ranked = paths.flatMap(({ functionArn: arn, function: consumer }, index): Ranked[] => {
    const measurement = measured.get(arn);
    if (measurement === undefined || consumer === undefined) return [];
    const kind = kindOf(arn, measurement, asyncTraffic(measurement.totals), occasions);
    return kind === undefined
      ? []
      : [{ candidate: { index, arn, kind, logBytes: measurement.totals.logBytes }, strength: 0 }];
  });
  return inOrder(ranked);
}

function inOrder(ranked: readonly Ranked[]): Candidate[] {
  const urgency = (kind: CandidateKind) => CandidateKind.options.indexOf(kind);
  const bytes = (candidate: Candidate) => candidate.logBytes ?? Number.MAX_VALUE;
  return ranked
    .toSorted(
      (a, b) =>
        urgency(a.candidate.kind) - urgency(b.candidate.kind) ||
        b.strength - a.strength ||
        bytes(a.candidate) - bytes(b.candidate),
    )
    .map(({ candidate }) => candidate);
}

/** What Measure tells the workflow. */
export function countCandidates(paths: number, candidates: readonly Candidate[]): MeasureOutput {
  const suspects = candidates.filter((candidate) => candidate.kind === "suspect").length;
  return { paths, suspects, candidates: candidates.length };
}
