import type * as z from "zod";
import { LedgerEnv } from "../shared/environment.ts";

/** Environment of the ConcludeApproval function. */
export const ConcludeApprovalEnv = LedgerEnv;
export type ConcludeApprovalEnv = z.output<typeof ConcludeApprovalEnv>;
