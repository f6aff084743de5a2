// MeasureEffect: before against after, from what the detector found in the observation window.
import type { ChangeContext, MeasureEffectOutput } from "../model/remediation-workflow.ts";
import { requireChange, updateChange } from "./changes.ts";
import { effectFigures, judgeEffect } from "./effect.ts";
import type { RemediationPorts } from "./ports.ts";
import { effectScanId } from "./prepare-effect.ts";
import { scannedPaths } from "./scanned-path.ts";

const NOT_MEASURED = "the observation window could not be measured";

export async function measureEffect(
  ports: Pick<RemediationPorts, "changes" | "ledger">,
  { changeId }: ChangeContext,
): Promise<MeasureEffectOutput> {
  const change = await requireChange(ports.changes, changeId);
  const scanned = await scannedPaths(ports.ledger, effectScanId(changeId))(change.queueArn);
  const { verdict } = await updateChange(ports.changes, changeId, (now) => {
    if (now.status !== "confirmed" || now.verdict !== undefined) return undefined;
    if (scanned === undefined) {
      return { ...now, verdict: "not-enough-traffic", verdictReasons: [NOT_MEASURED] };
    }
    const after = effectFigures(scanned.measurement, scanned.deliveries, now.before.basis);
    const judged = judgeEffect(now.before, after, now.bounds);
    return { ...now, after, verdict: judged.verdict, verdictReasons: judged.reasons };
  });
  return { next: verdict === "worse" ? "roll-back" : "close" };
}
