import type * as z from "zod";
import { ScanEnv } from "../shared/environment.ts";

/** Environment of the Discover function. */
export const DiscoverEnv = ScanEnv;
export type DiscoverEnv = z.output<typeof DiscoverEnv>;
