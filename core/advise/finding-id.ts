import type { Cause } from "../model/delivery.ts";
import { hashOf } from "./canonical-json.ts";

/** Stable over scans: twelve hex digits of a hash over queue ARN and cause. */
export const findingId = (queueArn: string, cause: Cause): string => hashOf({ queueArn, cause }).slice(0, 12);
