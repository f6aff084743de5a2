// Which paths' logs are worth their bytes, and in which order.
import { activeFunctions } from "../detect/consumers.ts";
import { traffic } from "../detect/suspicions.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import { type Candidate, CandidateKind } from "./documents.ts";

function kindOf(measurement: PathMeasurement, hasOpenFinding: boolean): CandidateKind | undefined {
  if (measurement.suspicions.length > 0) return "suspect";
  const moved = traffic(measurement.totals);
  if (moved === "no") return undefined;
  if (hasOpenFinding) return "follow-up";
  return moved === "unknown" ? "unmeasured" : "routine";
}

/** How strongly the numbers speak for duplicates: excess deletes say most. */
function strength({ flow, exposure }: PathMeasurement): number {
  if (flow?.deletesSignificant) return 2;
  return flow?.receivesSignificant || exposure?.level === "exceeded" ? 1 : 0;
}

/**
 * The paths whose logs should be read: suspects first (strongest first), then paths with an open finding, paths
 * without metrics, and paths with traffic; within each the cheapest logs first. Empty when logs are not read.
 * @param openQueues queue ARNs that have an open finding.
 */
export function selectCandidates(
  paths: readonly DeliveryPath[],
  measurements: readonly PathMeasurement[],
  openQueues: ReadonlySet<string>,
  settings: Pick<ScanSettings, "readLogs">,
): Candidate[] {
  if (!settings.readLogs) return [];
  const measured = new Map(measurements.map((measurement) => [measurement.queueArn, measurement]));
  const ranked = paths.flatMap((path, index) => {
    const measurement = measured.get(path.queueArn);
    if (measurement === undefined || path.foreign || activeFunctions(path).length === 0) return [];
    const kind = kindOf(measurement, openQueues.has(path.queueArn));
    if (kind === undefined) return [];
    const candidate = { index, queueArn: path.queueArn, kind, logBytes: measurement.totals.logBytes };
    return [{ candidate, strength: strength(measurement) }];
  });
  const urgency = (kind: CandidateKind) => CandidateKind.options.indexOf(kind);
  const bytes = (candidate: Candidate) => candidate.logBytes ?? Number.MAX_VALUE;
  return ranked
    .sort(
      (a, b) =>
        urgency(a.candidate.kind) - urgency(b.candidate.kind) ||
        b.strength - a.strength ||
        bytes(a.candidate) - bytes(b.candidate),
    )
    .map(({ candidate }) => candidate);
}
