// Which paths' logs are worth their bytes, and in which order.
import { asyncTraffic } from "../detect/async/measure-async-path.ts";
import { activeFunctions } from "../detect/consumers.ts";
import { traffic } from "../detect/suspicions.ts";
import type { AsyncMeasurement, AsyncPath } from "../model/async-path.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import { type FindingState, pathArn } from "../model/finding.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { MeasureOutput } from "../model/workflow.ts";
import { type Candidate, CandidateKind } from "./documents.ts";

interface Ranked {
  readonly candidate: Candidate;
  /** How strongly the numbers speak for duplicates. */
  readonly strength: number;
}

function kindOf(
  { suspicions }: Pick<PathMeasurement, "suspicions">,
  moved: "yes" | "no" | "unknown",
  hasOpenFinding: boolean,
): CandidateKind | undefined {
  if (suspicions.length > 0) return "suspect";
  if (moved === "no") return undefined;
  if (hasOpenFinding) return "follow-up";
  return moved === "unknown" ? "unmeasured" : "routine";
}

/** Excess deletes say most. */
function strength({ flow, exposure }: PathMeasurement): number {
  if (flow?.deletesSignificant) return 2;
  return flow?.receivesSignificant || exposure?.level === "exceeded" ? 1 : 0;
}

/**
 * The paths whose logs should be read: suspects first (strongest first), then paths with an open finding, paths
 * without metrics, and paths with traffic; within each the cheapest logs first. Empty when logs are not read.
 * @param open ARNs of paths that have an open finding.
 */
export function selectCandidates(
  paths: readonly DeliveryPath[],
  measurements: readonly PathMeasurement[],
  open: ReadonlySet<string>,
  settings: Pick<ScanSettings, "readLogs">,
): Candidate[] {
  if (!settings.readLogs) return [];
  const measured = new Map(measurements.map((measurement) => [measurement.queueArn, measurement]));
  const ranked = paths.flatMap((path, index): Ranked[] => {
    const measurement = measured.get(path.queueArn);
    if (measurement === undefined || path.foreign || activeFunctions(path).length === 0) return [];
    const kind = kindOf(measurement, traffic(measurement.totals), open.has(path.queueArn));
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
  open: ReadonlySet<string>,
  settings: Pick<ScanSettings, "readLogs">,
): Candidate[] {
  if (!settings.readLogs) return [];
  const measured = new Map(measurements.map((measurement) => [measurement.functionArn, measurement]));
  const ranked = paths.flatMap(({ functionArn: arn, function: consumer }, index): Ranked[] => {
    const measurement = measured.get(arn);
    if (measurement === undefined || consumer === undefined) return [];
    const kind = kindOf(measurement, asyncTraffic(measurement.totals), open.has(arn));
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

/** ARNs of the paths with an open finding. */
export function openPaths(states: readonly FindingState[]): Set<string> {
  return new Set(states.filter(({ status }) => status === "open").map(({ finding }) => pathArn(finding)));
}

/** What Measure tells the workflow. */
export function countCandidates(paths: number, candidates: readonly Candidate[]): MeasureOutput {
  const suspects = candidates.filter((candidate) => candidate.kind === "suspect").length;
  return { paths, suspects, candidates: candidates.length };
}
