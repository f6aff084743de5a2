import type * as z from "zod";
import { ScanEnv } from "../shared/environment.ts";

/** Environment of the CollectDeliveries function. */
export const CollectDeliveriesEnv = ScanEnv;
export type CollectDeliveriesEnv = z.output<typeof CollectDeliveriesEnv>;
