import type * as z from "zod";
import { LedgerEnv } from "../shared/environment.ts";

/** Environment of the Close function. */
export const CloseEnv = LedgerEnv;
export type CloseEnv = z.output<typeof CloseEnv>;
