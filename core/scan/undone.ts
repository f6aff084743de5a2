// Changes of ours that somebody's deployment has undone: told once, with the patch for the source, never made again.
import type { Change } from "../model/change.ts";
import type { Ledger } from "../ports.ts";
import { undoneChange } from "../remediate/history.ts";
import { scannedPaths } from "../remediate/scanned-path.ts";

export interface UndoneChange {
  readonly change: Change;
  /** What the queue holds now. */
  readonly currentSeconds: number;
}

/** Those that nobody was told of, or that this very scan tells (a repeat of the step finds the same news). */
export async function findUndone(
  ledger: Ledger,
  scanId: string,
  changes: readonly Change[],
): Promise<UndoneChange[]> {
  const readScanned = scannedPaths(ledger, scanId);
  const undone: UndoneChange[] = [];
  for (const [queueArn, history] of Map.groupBy(changes, (change) => change.queueArn)) {
    if (!history.some(({ appliedMs }) => appliedMs !== undefined)) continue;
    const settings = (await readScanned(queueArn))?.path.settings;
    if (settings === undefined) continue;
    const currentSeconds = settings.visibilityTimeoutSeconds;
    const change = undoneChange(history, currentSeconds);
    const isNews = change?.undoneToldScanId === undefined || change.undoneToldScanId === scanId;
    // What was undone while it was watched, its outcome has told.
    if (change !== undefined && isNews && change.outcome !== "overridden")
      undone.push({ change, currentSeconds });
  }
  return undone;
}
