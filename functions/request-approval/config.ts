import * as z from "zod";
import { ChangeEnv } from "../shared/environment.ts";

/** Environment of the RequestApproval function. */
export const RequestApprovalEnv = ChangeEnv.extend({
  /** Topic of the approvers: each message has one recipient. */
  APPROVAL_TOPIC_ARN: z.string().startsWith("arn:"),
  /** Absent where there is no page; ends in a slash. */
  APPROVAL_PAGE_URL: z.url().endsWith("/").optional(),
  /** Name of the function that the command line invokes. */
  APPROVALS_FUNCTION: z.string().min(1),
});
export type RequestApprovalEnv = z.output<typeof RequestApprovalEnv>;
