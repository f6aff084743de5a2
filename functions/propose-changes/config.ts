import * as z from "zod";
import { ChangeEnv } from "../shared/environment.ts";

/** Environment of the ProposeChanges function. */
export const ProposeChangesEnv = ChangeEnv.extend({
  /** Topic of the digest: told of changes whose workflow was stopped by hand. */
  DIGEST_TOPIC_ARN: z.string().startsWith("arn:"),
  /** Absent in the mode `observe`, where there is no such workflow. */
  REMEDIATION_STATE_MACHINE_ARN: z.string().startsWith("arn:").optional(),
});
export type ProposeChangesEnv = z.output<typeof ProposeChangesEnv>;
