// A change: one plan on its way from proposal to outcome, with everybody's say. The remediation workflow passes its
// id from state to state; all else is read from the ledger.
import * as z from "zod";
import { Finding } from "./finding.ts";
import { Window } from "./measurement.ts";
import { Plan, PlanInputs } from "./plan.ts";

/** One person's say. */
export const Decision = z.object({
  /** Address of the link that was used; `iam:` and the principal as the command line stated it. */
  approver: z.string(),
  verdict: z.enum(["approve", "reject"]),
  /** Why not. */
  reason: z.string().optional(),
  atMs: z.number(),
});
export type Decision = z.infer<typeof Decision>;

/** What happened on a path in a window, as far as an effect of the visibility timeout shows in it. */
export const EffectFigures = z.object({
  window: Window,
  /** What messages and duplicates were counted from. */
  basis: z.enum(["logs", "metrics", "none"]),
  /** null = not known. */
  messages: z.number().nullable(),
  /** Work done twice because the timeout had ended. */
  duplicates: z.number().nullable(),
  oldestMessageAgeSeconds: z.number().nullable(),
  deadLettered: z.number().nullable(),
  /** Longest time from a failed delivery to the next one of the same message, among the examples; null = none seen. */
  longestRetryDelaySeconds: z.number().nullable(),
});
export type EffectFigures = z.infer<typeof EffectFigures>;

/** Above any of these after the change, it is rolled back. Shown before anybody approves. */
export const RollBackBounds = z.object({
  oldestMessageAgeSeconds: z.number(),
  retryDelaySeconds: z.number(),
  /** Messages to the dead-letter queue for a thousand messages. */
  deadLetteredPerThousand: z.number(),
});
export type RollBackBounds = z.infer<typeof RollBackBounds>;

/** `better`, `unchanged` and `not-enough-traffic` keep the change; `worse` rolls it back. */
export const EffectVerdict = z.enum(["better", "unchanged", "worse", "not-enough-traffic"]);
export type EffectVerdict = z.infer<typeof EffectVerdict>;

/**
 * proposed → waiting (people are asked) → approved | rejected → applying (the next call changes the queue) → applied
 * → confirmed (the queue holds it) → rolling-back → closed. `auto` goes from proposed to applying. Any may be closed.
 */
export const ChangeStatus = z.enum([
  "proposed",
  "waiting",
  "approved",
  "rejected",
  "applying",
  "applied",
  "confirmed",
  "rolling-back",
  "closed",
]);
export type ChangeStatus = z.infer<typeof ChangeStatus>;

/**
 * How a change ended. `superseded`: what it was made from changed or went away before it was applied · `overridden`:
 * somebody else set another value while its effect was watched · `failed`: a step could not be done.
 */
export const Outcome = z.enum([
  "superseded",
  "rejected",
  "expired",
  ...EffectVerdict.options,
  "overridden",
  "failed",
]);
export type ChangeOutcome = z.infer<typeof Outcome>;

export const Change = z.object({
  /** Legal as an execution name; derived from the plan's hash and the scan. */
  id: z.string(),
  /** Raised by each write; a write that read an older one is refused. */
  version: z.number().int(),
  queueArn: z.string(),
  queueName: z.string(),
  findingId: z.string(),
  scanId: z.string(),
  /** How it was to be decided when it was proposed. */
  mode: z.enum(["approve", "auto"]),
  status: ChangeStatus,
  plan: Plan,
  /** What the plan's hash is taken over. */
  inputs: PlanInputs,
  /** As the scan saw it. */
  finding: Finding,
  before: EffectFigures,
  bounds: RollBackBounds,
  createdMs: z.number(),
  /** Set when people are asked. */
  approval: z
    .object({
      askedMs: z.number(),
      expiresMs: z.number(),
      quorum: z.number().int(),
      approvers: z.array(z.string()),
    })
    .optional(),
  decisions: z.array(Decision),
  /** When the queue was first seen, or set, at the new value by us. */
  appliedMs: z.number().optional(),
  confirmedMs: z.number().optional(),
  /** Where the effect is looked for; set with confirmedMs. */
  observation: Window.optional(),
  after: EffectFigures.optional(),
  verdict: EffectVerdict.optional(),
  /** What speaks for the verdict, a clause each. */
  verdictReasons: z.array(z.string()).optional(),
  /** Absent = not tried. */
  rollBack: z
    .union([z.object({ atMs: z.number() }), z.object({ atMs: z.number(), refused: z.string() })])
    .optional(),
  outcome: Outcome.optional(),
  /** Why, in a clause; absent where the outcome says it all. */
  outcomeReason: z.string().optional(),
  closedMs: z.number().optional(),
  /** The scan whose digest told that somebody undid the change after it was closed. */
  undoneToldScanId: z.string().optional(),
});
export type Change = z.infer<typeof Change>;

/** What an approver's link stands for. The link's id itself is in the mail and nowhere else. */
export const ApprovalLink = z.object({
  /** Hex SHA-256 of the id. */
  idHash: z.string(),
  changeId: z.string(),
  approver: z.string(),
  planHash: z.string(),
  expiresMs: z.number(),
  /** Hex SHA-256 over id and code, so that whoever reads the ledger cannot try codes. */
  codeHash: z.string(),
  /** Codes tried so far. */
  tries: z.number().int(),
});
export type ApprovalLink = z.infer<typeof ApprovalLink>;

/** One request that reached the approval endpoint, or a decision by command line. */
export const AuditRow = z.object({
  atMs: z.number(),
  /** Unknown links have none. */
  changeId: z.string().optional(),
  /** GET, HEAD, POST … or `invoke`. */
  method: z.string(),
  /** The link's address, or the principal as the command line stated it; absent where unknown. */
  approver: z.string().optional(),
  /** Stable, kebab-case: shown, approved, wrong-code, unknown-link … */
  result: z.string(),
});
export type AuditRow = z.infer<typeof AuditRow>;
