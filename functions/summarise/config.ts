import type * as z from "zod";
import { LedgerEnv } from "../shared/environment.ts";

/** Environment of the Summarise function. */
export const SummariseEnv = LedgerEnv;
export type SummariseEnv = z.output<typeof SummariseEnv>;
