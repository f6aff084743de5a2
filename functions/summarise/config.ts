import * as z from "zod";
import { LedgerEnv } from "../shared/environment.ts";

/** Addresses, separated by commas; none = the empty text. */
const addresses = z.string().transform((text) => text.split(",").filter((address) => address !== ""));

/** Environment of the Summarise function. */
export const SummariseEnv = LedgerEnv.extend({
  DIGEST_TOPIC_ARN: z.string().startsWith("arn:"),
  /** Who should get the digest. */
  DIGEST_SUBSCRIBERS: addresses,
  /** Absent in the mode `observe`. */
  APPROVAL_TOPIC_ARN: z.string().startsWith("arn:").optional(),
  /** Who should be asked for approval. */
  APPROVAL_SUBSCRIBERS: addresses.optional(),
});
export type SummariseEnv = z.output<typeof SummariseEnv>;
