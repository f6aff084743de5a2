// What must be true once everything has run out: nothing is left open, everybody was told, and what nobody disturbed was
// really done.
import type { Change, ChangeOutcome } from "../../core/model/change.ts";
import type { Effect } from "./invariant-model-account.ts";
import { personOf, type Referee } from "./invariant-model-referee.ts";
import { isOver, type World } from "./invariant-model-world.ts";

const OUTCOMES: Readonly<Record<Effect, ChangeOutcome>> = {
  better: "better",
  unchanged: "unchanged",
  worse: "worse",
  nothing: "not-enough-traffic",
};

export async function checkEnd(world: World): Promise<void> {
  const { referee, changes, runs, isCalm, hadFaults } = world;
  for (const change of await changes.list()) {
    const { id, status, queueArn } = change;
    const run = runs.get(id);
    referee.check(run !== undefined && isOver(run), "I6", () => `the workflow of ${id} was lost`);
    referee.check(status === "closed", "I6", () => `${id} is left ${status}`);
    const probe: Change = { ...change, id: "probe", status: "proposed" };
    const holder = await changes.open(probe);
    referee.check(holder?.id === "probe", "I4", () => `${holder?.id} keeps the place of ${queueArn}`);
    await changes.release(probe);
    // What its own function has closed after somebody stopped the workflow is told by nobody.
    if (!hadFaults && run?.isStopped === false) checkTold(referee, change);
    if (isCalm) checkCalm(referee, change);
  }
}

/** Everybody is told once, as far as nothing kept the mails from being sent. */
function checkTold(referee: Referee, { id, approval, appliedMs, confirmedMs, outcome }: Change): void {
  const sent = (about: string) => referee.mails.get(["everybody", id, "", about].join(" ")) ?? 0;
  const isNews = approval !== undefined || appliedMs !== undefined || outcome === "failed";
  referee.check(sent("outcome") === (isNews ? 1 : 0), "I6", () => `nobody was told how ${id} ended`);
  const wasConfirmed = confirmedMs !== undefined;
  referee.check(!wasConfirmed || sent("changed") === 1, "I6", () => `nobody was told that ${id} was applied`);
}

/** Nobody and nothing came between: what was decided was done. */
function checkCalm(referee: Referee, change: Change): void {
  const { id, approval, decisions, outcome, plan } = change;
  const queue = referee.queue(change.queueArn);
  const yes = new Set(
    decisions.filter(({ verdict }) => verdict === "approve").map((one) => personOf(one.approver)),
  );
  const isRejected = decisions.some(({ verdict }) => verdict === "reject");
  const isApproved = approval !== undefined && !isRejected && yes.size >= approval.quorum;
  const raises = queue.writes.filter((one) => one.changeId === id && one.to === plan.to);
  const rollBacks = queue.writes.filter((one) => one.changeId === id && one.to === plan.from);
  const says = (what: string) => () => `${id} ended as ${outcome}, expected ${what}`;
  if (isRejected) referee.check(outcome === "rejected", "liveness", says("rejected"));
  else if (isApproved || raises.length > 0) {
    const expected = OUTCOMES[queue.effect];
    referee.check(outcome === expected, "liveness", says(expected));
    referee.check(raises.length === 1, "liveness", () => `${id}: ${raises.length} raises, expected 1`);
    const wanted = expected === "worse" ? 1 : 0;
    referee.check(rollBacks.length === wanted, "liveness", () => `${id}: ${rollBacks.length} rollbacks`);
    referee.count("calm and applied");
  } else if (approval !== undefined) referee.check(outcome === "expired", "liveness", says("expired"));
  for (const approver of approval?.approvers ?? []) {
    const sent = referee.mails.get(["approvers", id, approver, ""].join(" "));
    referee.check(sent === 1, "liveness", () => `${approver} was not asked about ${id}`);
  }
}
