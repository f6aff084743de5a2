// Whether a scan is the first that its ledger knows of: then every path is read in full, so that who deploys today sees
// today what there is to see.
import * as z from "zod";
import type { Ledger } from "../ports.ts";
import { readDocument } from "./documents.ts";

/** Of no scan, so that the next one finds it. It expires as documents do: after that, one scan is a first one again. */
const NOTE = { scanId: "first-scan", key: "scan" } as const;
const FirstScan = z.object({ scanId: z.string() });

/** A repeat of the first scan is the first scan, too. Of two at once both may be. */
export async function isFirstScan(ledger: Ledger, scanId: string): Promise<boolean> {
  const noted = await readDocument(ledger, NOTE.scanId, NOTE.key, FirstScan);
  return noted === undefined || noted.scanId === scanId;
}

/** To be called once the scan has found the paths: one that failed before has shown nobody anything. */
export async function noteFirstScan(ledger: Ledger, scanId: string): Promise<void> {
  await ledger.putDocument(NOTE.scanId, NOTE.key, { scanId } satisfies z.infer<typeof FirstScan>);
}
