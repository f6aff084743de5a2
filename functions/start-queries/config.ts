import type * as z from "zod";
import { ScanEnv } from "../shared/environment.ts";

/** Environment of the StartQueries function. */
export const StartQueriesEnv = ScanEnv;
export type StartQueriesEnv = z.output<typeof StartQueriesEnv>;
