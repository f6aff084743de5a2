import * as z from "zod";
import { ChangeEnv } from "../shared/environment.ts";

/** Environment of the Confirm function. */
export const ConfirmEnv = ChangeEnv.extend({
  /** Topic of the digest: everybody is told. */
  DIGEST_TOPIC_ARN: z.string().startsWith("arn:"),
});
export type ConfirmEnv = z.output<typeof ConfirmEnv>;
