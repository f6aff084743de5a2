import type * as z from "zod";
import { ChangeEnv } from "../shared/environment.ts";

/** Environment of the approvals function. */
export const ApprovalsEnv = ChangeEnv;
export type ApprovalsEnv = z.output<typeof ApprovalsEnv>;
