// The order in which findings are told: what should worry most comes first, everywhere.
import { compareText } from "../correlate/compare-text.ts";
import { Evidence, type Finding, pathArn, Severity } from "../model/finding.ts";

/** For sorting: severity, then evidence, then messages concerned, then the path's ARN. */
export function byStrength(a: Finding, b: Finding): number {
  return (
    Severity.options.indexOf(a.severity) - Severity.options.indexOf(b.severity) ||
    Evidence.options.indexOf(a.evidence) - Evidence.options.indexOf(b.evidence) ||
    (b.counts.messages ?? 0) - (a.counts.messages ?? 0) ||
    compareText(pathArn(a), pathArn(b))
  );
}
