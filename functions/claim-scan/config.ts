import type * as z from "zod";
import { ScanEnv } from "../shared/environment.ts";

/** Environment of the ClaimScan function. */
export const ClaimScanEnv = ScanEnv;
export type ClaimScanEnv = z.output<typeof ClaimScanEnv>;
