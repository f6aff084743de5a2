import * as z from "zod";
import { LedgerEnv } from "../shared/environment.ts";

/** Environment of the NotifyOutcome function. */
export const NotifyOutcomeEnv = LedgerEnv.extend({
  /** Topic of the digest: everybody is told. */
  DIGEST_TOPIC_ARN: z.string().startsWith("arn:"),
});
export type NotifyOutcomeEnv = z.output<typeof NotifyOutcomeEnv>;
