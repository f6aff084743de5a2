import * as z from "zod";
import { LedgerEnv } from "../shared/environment.ts";

/** Environment of the Notify function. */
export const NotifyEnv = LedgerEnv.extend({
  /** Topic of the digest. */
  DIGEST_TOPIC_ARN: z.string().startsWith("arn:"),
});
export type NotifyEnv = z.output<typeof NotifyEnv>;
