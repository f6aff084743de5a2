import type * as z from "zod";
import { ChangeEnv } from "../shared/environment.ts";

/** Environment of the Revalidate function. */
export const RevalidateEnv = ChangeEnv;
export type RevalidateEnv = z.output<typeof RevalidateEnv>;
