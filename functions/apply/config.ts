import type * as z from "zod";
import { ChangeEnv } from "../shared/environment.ts";

/** Environment of the Apply function. */
export const ApplyEnv = ChangeEnv;
export type ApplyEnv = z.output<typeof ApplyEnv>;
