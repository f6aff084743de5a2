import type * as z from "zod";
import { ScanEnv } from "../shared/environment.ts";

/** Environment of the Measure function. */
export const MeasureEnv = ScanEnv;
export type MeasureEnv = z.output<typeof MeasureEnv>;
