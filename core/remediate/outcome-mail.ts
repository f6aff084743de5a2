// What became of a change, told to everybody who gets the digest: when the queue was changed, and how it ended.
import type { Change, ChangeOutcome } from "../model/change.ts";
import type { Notification } from "../ports.ts";
import { printableAscii, shorten, wrap } from "../scan/text.ts";
import { patchLines } from "./approval-mail.ts";
import { boundWords, utcMinute } from "./words.ts";

/** The queue holds the new value and is watched from now on. */
export function changedMail(change: Change): Notification {
  const { plan, queueName, observation, bounds } = change;
  const until = observation === undefined ? "" : ` until ${utcMinute(observation.endMs)}`;
  return mail(change, "changed", `visibility timeout of ${shorten(queueName, 40)} is now ${plan.to} s`, [
    ...wrap(
      `The visibility timeout of ${queueName} was raised from ${plan.from} s to ${plan.to} s, ${consentWords(change)}.`,
    ),
    "",
    ...wrap(`It is watched${until}, and rolled back by itself if`),
    ...boundWords(bounds).flatMap((bound) => wrap(`- ${bound}`, "", "  ")),
    "",
    ...byHand(change),
    ...patchLines(change),
  ]);
}

/** How it ended. */
export function outcomeMail(change: Change): Notification {
  const { queueName, outcome = "failed", outcomeReason } = change;
  const { title, text } = OUTCOMES[outcome](change);
  // What the figures below say anyway is not said twice.
  const isShown = change.after !== undefined && (outcome === "better" || outcome === "unchanged");
  const why = outcomeReason === undefined || isShown ? "" : ` ${capital(outcomeReason)}.`;
  const isKept = change.appliedMs !== undefined && change.rollBack === undefined && outcome !== "overridden";
  return mail(change, outcome, `${title}: ${shorten(queueName, 44)}`, [
    ...wrap(`${text}${why}`),
    "",
    ...figures(change),
    ...(isKept ? [...byHand(change), ...patchLines(change)] : []),
  ]);
}

interface Words {
  /** Opens the subject. */
  readonly title: string;
  readonly text: string;
}

const OUTCOMES: Readonly<Record<ChangeOutcome, (change: Change) => Words>> = {
  superseded: ({ queueName }) => ({
    title: "not changed, things have changed",
    text: `Nothing was changed on ${queueName}: the plan no longer fits. Where one is still needed, the next scan proposes another.`,
  }),
  rejected: ({ queueName }) => ({
    title: "rejected, nothing changed",
    text: `The change on ${queueName} was rejected. Nothing was changed, and nothing is proposed for this queue for a while.`,
  }),
  expired: ({ queueName, approval }) => ({
    title: "expired, nothing changed",
    text: `Nobody decided on ${queueName}${approval === undefined ? "" : ` by ${utcMinute(approval.expiresMs)}`}. Nothing was changed.`,
  }),
  better: ({ queueName, plan }) => ({
    title: "it helped",
    text: `The visibility timeout of ${queueName} stays at ${plan.to} s: the duplicates went away.`,
  }),
  unchanged: ({ queueName, plan }) => ({
    title: "no effect seen",
    text: `The visibility timeout of ${queueName} stays at ${plan.to} s, but the duplicates did not go away. Look for another cause, and make the effect idempotent.`,
  }),
  "not-enough-traffic": ({ queueName, plan }) => ({
    title: "too little traffic to tell",
    text: `The visibility timeout of ${queueName} stays at ${plan.to} s. Too little happened to tell whether it helped.`,
  }),
  worse: ({ queueName, plan, rollBack }) => ({
    title: rollBack !== undefined && "refused" in rollBack ? "worse, not rolled back" : "worse, rolled back",
    text:
      rollBack !== undefined && "refused" in rollBack
        ? `The change on ${queueName} did harm, and was not rolled back: ${rollBack.refused}.`
        : `The change on ${queueName} did harm: the visibility timeout is ${plan.from} s again.`,
  }),
  overridden: ({ queueName, plan }) => ({
    title: "somebody else changed it",
    text: `The visibility timeout of ${queueName} was set to ${plan.to} s, and somebody else has changed it since. It is left as it is.`,
  }),
  failed: ({ queueName }) => ({
    title: "could not be finished",
    text: `The change on ${queueName} could not be finished.`,
  }),
};

function consentWords({ decisions, mode }: Change): string {
  const approvers = decisions.filter(({ verdict }) => verdict === "approve").map(({ approver }) => approver);
  if (approvers.length > 0) return `approved by ${approvers.join(", ")}`;
  return mode === "auto" ? "without asking, as the account and the queue's tag allow" : "as approved";
}

function figures({ before, after }: Change): string[] {
  if (after === undefined) return [];
  const share = (figure: typeof after) =>
    figure.duplicates === null || !figure.messages
      ? "unknown"
      : `${Math.round(figure.duplicates)} duplicates among ${Math.round(figure.messages)} messages`;
  return [...wrap(`Before: ${share(before)}.`), ...wrap(`After: ${share(after)}.`), ""];
}

/** How to undo it without this program. */
function byHand({ plan }: Change): string[] {
  return [
    ...wrap("To set it back by hand:"),
    "aws sqs set-queue-attributes \\",
    `  --queue-url ${plan.queueUrl} \\`,
    `  --attributes VisibilityTimeout=${plan.from}`,
  ];
}

function mail(change: Change, outcome: string, title: string, lines: readonly string[]): Notification {
  const { id, queueArn, plan, outcomeReason } = change;
  const text = [...lines, "", ...wrap(`Change ${id}`)].join("\n");
  return {
    subject: printableAscii(`Doubletake: ${title}`).slice(0, 99),
    text: `${text.replaceAll(/\n{3,}/g, "\n\n")}\n`,
    json: {
      schemaVersion: 1,
      kind: "doubletake.change",
      changeId: id,
      queueArn,
      outcome,
      ...(outcomeReason === undefined ? {} : { reason: outcomeReason }),
      plan: { from: plan.from, to: plan.to, policy: plan.policy, hash: plan.hash },
    },
  };
}

const capital = (text: string): string => `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}`;
