// What the remediation workflow may be told: one schema for the CDK context and the functions' environment.
import * as z from "zod";

/**
 * How far Doubletake may go, least first. `observe`: nothing is proposed · `approve`: proposed, applied after
 * consent · `auto`: applied without asking, only on queues whose tag says so too.
 */
export const Mode = z.enum(["observe", "approve", "auto"]);
export type Mode = z.infer<typeof Mode>;

/** More mails at once than this would come near the ten a second at which SNS suspends a subscription. */
const MOST_CHANGES_A_SCAN = 5;

export const ChangeSettings = z.object({
  mode: Mode.default("approve"),
  /** Globs on names of queues that may be changed; IAM is given the same. */
  changeQueues: z.array(z.string().min(1)).min(1).default(["*"]),
  /** Only queues that carry this tag may be changed, `key=value`; IAM is given the same. Absent = with any tags. */
  changeTag: z
    .string()
    .refine((text) => /^[^=]+=.+$/.test(text), { error: "a tag as key=value" })
    .optional(),
  /** Addresses that are asked, each with a link of its own. */
  approvers: z.array(z.email()).default([]),
  /** Approvals that a change needs; one rejection is enough to reject it. */
  quorum: z.number().int().min(1).max(10).default(1),
  /** Hours until an unanswered request expires. */
  approvalHours: z
    .number()
    .int()
    .min(1)
    .max(14 * 24)
    .default(72),
  /** Length of the window in which the effect of a change is measured. */
  observationMinutes: z
    .number()
    .int()
    .min(15)
    .max(7 * 1440)
    .default(180),
  /** The most changes that one scan proposes, the worst findings first. */
  maxChangesPerScan: z.number().int().min(1).max(MOST_CHANGES_A_SCAN).default(3),
  /** Days for which nothing is proposed on a queue after a rejection, or after a change that did not help. */
  snoozeDays: z.number().int().min(1).max(365).default(30),
});
export type ChangeSettings = z.infer<typeof ChangeSettings>;
