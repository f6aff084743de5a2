import type * as z from "zod";
import { ChangeEnv } from "../shared/environment.ts";

/** Environment of the PrepareEffect function. */
export const PrepareEffectEnv = ChangeEnv;
export type PrepareEffectEnv = z.output<typeof PrepareEffectEnv>;
