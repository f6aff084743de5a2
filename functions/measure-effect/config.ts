import type * as z from "zod";
import { LedgerEnv } from "../shared/environment.ts";

/** Environment of the MeasureEffect function. */
export const MeasureEffectEnv = LedgerEnv;
export type MeasureEffectEnv = z.output<typeof MeasureEffectEnv>;
