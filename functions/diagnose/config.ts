import type * as z from "zod";
import { ScanEnv } from "../shared/environment.ts";

/** Environment of the Diagnose function. */
export const DiagnoseEnv = ScanEnv;
export type DiagnoseEnv = z.output<typeof DiagnoseEnv>;
