import type { ScanSettings } from "../model/settings.ts";
import { matchesGlob } from "./glob.ts";

/** True when the path is looked at: included by a pattern (or no pattern at all) and excluded by none. */
export function isSelected(
  queueOrFunctionName: string,
  settings: Pick<ScanSettings, "includeQueues" | "excludeQueues">,
): boolean {
  const matches = (pattern: string) => matchesGlob(queueOrFunctionName, pattern);
  const included = settings.includeQueues.length === 0 || settings.includeQueues.some(matches);
  return included && !settings.excludeQueues.some(matches);
}
