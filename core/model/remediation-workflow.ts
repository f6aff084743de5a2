// What travels between the states of the remediation workflow: the change's id, and where to go next.
import * as z from "zod";
import { Outcome } from "./change.ts";
import { Window } from "./measurement.ts";

export const ChangeContext = z.object({ changeId: z.string().min(1) });
export type ChangeContext = z.infer<typeof ChangeContext>;

/** `stop`: the change is closed, and what is left is to tell so. */
export const RevalidateOutput = z.object({
  next: z.enum(["ask", "apply", "stop"]),
  /** How long the request for approval may wait. */
  approvalSeconds: z.number().int(),
});
export type RevalidateOutput = z.infer<typeof RevalidateOutput>;

export const RequestApprovalInput = ChangeContext.extend({
  /** A credential: kept in the ledger, never logged. */
  taskToken: z.string().min(1),
  executionId: z.string().min(1),
});
export type RequestApprovalInput = z.infer<typeof RequestApprovalInput>;

/** Read by nobody: what the state gives is what the callback brings. */
export const RequestApprovalOutput = z.object({ asked: z.number().int() });
export type RequestApprovalOutput = z.infer<typeof RequestApprovalOutput>;

/** `ask`: nobody has decided and there is time left. */
export const ConcludeApprovalOutput = z.object({
  next: z.enum(["apply", "ask", "stop"]),
  approvalSeconds: z.number().int(),
});
export type ConcludeApprovalOutput = z.infer<typeof ConcludeApprovalOutput>;

/** The one function that may change a queue serves two states: it raises, and it rolls back. */
export const ApplyInput = ChangeContext.extend({ action: z.enum(["apply", "roll-back"]) });
export type ApplyInput = z.infer<typeof ApplyInput>;

/** After a rollback there is nothing to confirm: `stop`. */
export const ApplyOutput = z.object({ next: z.enum(["confirm", "stop"]) });
export type ApplyOutput = z.infer<typeof ApplyOutput>;

export const ConfirmOutput = z.object({
  next: z.enum(["observe", "stop"]),
  /** Until the observation window is over and its metrics have settled. */
  observeSeconds: z.number().int(),
});
export type ConfirmOutput = z.infer<typeof ConfirmOutput>;

/** What the detector's states are given: a scan of one path over the observation window. */
export const PrepareEffectOutput = z.object({
  next: z.enum(["measure", "stop"]),
  scanId: z.string(),
  window: Window,
  batchKey: z.string(),
});
export type PrepareEffectOutput = z.infer<typeof PrepareEffectOutput>;

export const MeasureEffectOutput = z.object({ next: z.enum(["close", "roll-back"]) });
export type MeasureEffectOutput = z.infer<typeof MeasureEffectOutput>;

export const CloseInput = ChangeContext.extend({
  /** Empty names = no state failed. */
  error: z.object({ Error: z.string(), Cause: z.string().default("") }),
});
export type CloseInput = z.infer<typeof CloseInput>;

export const CloseOutput = z.object({ outcome: Outcome });
export type CloseOutput = z.infer<typeof CloseOutput>;

export const NotifyOutcomeOutput = z.object({ sent: z.boolean() });
export type NotifyOutcomeOutput = z.infer<typeof NotifyOutcomeOutput>;

/** Of the scan workflow's last state. */
export const ProposeChangesOutput = z.object({
  /** Changes that this scan opened. */
  proposed: z.number().int(),
  /** Open changes of earlier scans. */
  open: z.number().int(),
});
export type ProposeChangesOutput = z.infer<typeof ProposeChangesOutput>;
