// What is known of paths beside their numbers, and decides how much of them is read.
import type { Screening } from "../detect/screen.ts";
import { type FindingState, pathArn } from "../model/finding.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { BatchContext } from "../model/workflow.ts";
import type { Ledger } from "../ports.ts";
import { Discovery, documentKey, readDocument } from "./documents.ts";
import { duePeriod, isDue } from "./due.ts";

export interface Occasions {
  /** True where every path is read in full, whatever its numbers. */
  readonly everything: boolean;
  /** ARNs of the paths with an open finding. */
  readonly open: ReadonlySet<string>;
  /** Whether a calm path is read in full now, and may have a routine look at its logs. */
  readonly isDue: (arn: string) => boolean;
}

/** A repeat finds the same, unless a scan that ran beside this one opened a finding. */
export async function readOccasions(
  ledger: Ledger,
  settings: Pick<ScanSettings, "calmPaths" | "scanIntervalMinutes">,
  { scanId, window }: BatchContext,
): Promise<Occasions> {
  const states = await ledger.listFindingStates();
  const everything =
    settings.calmPaths === "every-scan" ||
    (await readDocument(ledger, scanId, documentKey.discovery, Discovery))?.inFull === true;
  const period = duePeriod(window, settings);
  return { everything, open: openPaths(states), isDue: (arn) => everything || isDue(arn, period) };
}

/** Of an idle path nothing more is read, whatever the occasion: nothing could be seen. */
export function isReadInFull(
  arn: string,
  screening: Screening,
  { everything, open, isDue }: Occasions,
): boolean {
  if (everything || screening === "unclear") return true;
  return screening === "calm" && (open.has(arn) || isDue(arn));
}

const openPaths = (states: readonly FindingState[]): Set<string> =>
  new Set(states.filter(({ status }) => status === "open").map(({ finding }) => pathArn(finding)));
