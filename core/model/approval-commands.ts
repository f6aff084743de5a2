// What the command line asks of the approvals function, and what it answers: approval without any public endpoint.
import * as z from "zod";
import { AuditRow, Change } from "./change.ts";

const changeId = z.string().min(1);
/** Whoever runs the command, as STS names them. Lambda does not learn who invokes it, so this is a statement. */
const principal = z.string().min(1).max(2048);

export const ApprovalCommand = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("list") }),
  z.strictObject({ action: z.literal("show"), changeId }),
  z.strictObject({ action: z.literal("approve"), changeId, principal, planHash: z.string() }),
  z.strictObject({ action: z.literal("reject"), changeId, principal, reason: z.string().trim().min(1) }),
  z.strictObject({ action: z.literal("pause"), principal }),
  z.strictObject({ action: z.literal("resume"), principal }),
]);
export type ApprovalCommand = z.infer<typeof ApprovalCommand>;

const Difference = z.object({ what: z.string(), was: z.string(), is: z.string() });

const PlanNow = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("same") }),
  z.object({ kind: z.literal("changed"), reason: z.string(), differences: z.array(Difference).readonly() }),
  z.object({ kind: z.literal("unreadable"), reason: z.string() }),
  z.object({ kind: z.literal("paused") }),
]);

const Review = z.object({
  change: Change,
  /** Absent where it can no longer be decided. */
  now: PlanNow.optional(),
  audit: z.array(AuditRow).readonly(),
});

/** A change in a list: without what makes it large, because Lambda answers with 6 MB at most. */
export const ChangeSummary = Change.omit({ finding: true, inputs: true });
export type ChangeSummary = z.infer<typeof ChangeSummary>;

export const ApprovalAnswer = z.discriminatedUnion("kind", [
  /** The open ones and those that were made last; the newest last. */
  z.object({ kind: z.literal("list"), changes: z.array(ChangeSummary).readonly(), paused: z.boolean() }),
  z.object({ kind: z.literal("show"), review: Review }),
  z.object({ kind: z.literal("paused"), paused: z.boolean() }),
  z.object({ kind: z.literal("unknown") }),
  z.object({ kind: z.literal("approved"), change: Change, missing: z.number().int() }),
  z.object({ kind: z.literal("rejected"), change: Change }),
  z.object({ kind: z.literal("already-decided"), change: Change }),
  z.object({ kind: z.literal("expired"), change: Change }),
  z.object({ kind: z.literal("closed"), change: Change }),
  z.object({ kind: z.literal("changed"), change: Change, now: PlanNow }),
]);
export type ApprovalAnswer = z.infer<typeof ApprovalAnswer>;
