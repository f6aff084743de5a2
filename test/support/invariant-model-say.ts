// What people, and programs that follow their links, send to the approvals function, and whether the answer is true.
import type { Change } from "../../core/model/change.ts";
import { hashOfLinkId, MOST_TRIES, normaliseCode } from "../../core/remediate/approval-link.ts";
import { isUnchanged } from "./invariant-model-account.ts";
import type { Lane } from "./invariant-model-lanes.ts";
import type { Say } from "./invariant-model-operations.ts";
import { isOver, type Letter, type World } from "./invariant-model-world.ts";

/** The approvals function: a page's request, or a command. */
export type Approvals = (event: unknown) => Promise<unknown>;

const FORM = "application/x-www-form-urlencoded";
const FORGED_HASH = "f".repeat(64);
const UNKNOWN_LINK = "A".repeat(43);
const REASON = "not this week";

interface Attempt {
  readonly change: Change;
  readonly approver: string;
  readonly event: unknown;
  /** It is for its link, code and plan to count, if the request still waits. */
  readonly isRight: boolean;
  /** Of the link; 0 by command. */
  readonly tries: number;
}

/** One person's say, right or wrong, and what must have come of it. */
export async function sayIn(
  world: World,
  approvals: Approvals,
  say: Say,
  { lane, isAlone }: { readonly lane: Lane; readonly isAlone: boolean },
): Promise<void> {
  const attempt = await (say.via === "page" ? byPage(world, say) : byCommand(world, say));
  if (attempt === undefined) return;
  const { referee, lanes, settings } = world;
  const { change, approver, isRight, tries } = attempt;
  const { verdict } = say;
  const queue = referee.queue(change.queueArn);
  // Where nobody was asked before it may be while this is under way; the referee looks at each decision's time again.
  const expiresMs = change.approval?.expiresMs ?? Number.POSITIVE_INFINITY;
  const mayCount =
    isRight &&
    referee.guesses(change.id, approver) < MOST_TRIES &&
    world.nowMs < expiresMs &&
    (verdict === "reject" || (!world.isPaused && isUnchanged(queue, change.plan.hash, settings)));
  if (mayCount) referee.votes.push({ changeId: change.id, approver, verdict });
  const isFirst = change.status === "waiting" && !change.decisions.some((one) => one.approver === approver);
  const mustCount = mayCount && isFirst && tries < MOST_TRIES;
  const isCertain = isAlone && !lanes.isFaultArmed;

  const kind = await answerTo(world, lane, () => approvals(attempt.event));
  const decisions = referee.changes.get(change.id)?.decisions ?? [];
  const isNoted = decisions.some((one) => one.approver === approver && one.verdict === verdict);
  const says = `${verdict} of ${change.id} by ${approver} is answered ${kind}`;
  if (kind === "approved" || kind === "rejected") {
    referee.check(isNoted && kind.startsWith(verdict), "I5", () => `${says}, and not counted`);
    referee.answered(change.id, approver, says);
  } else referee.count("decision refused");
  if (kind === "wrong-code") referee.guessed(change.id, approver);
  if (!isCertain) return;
  const run = world.runs.get(change.id);
  const { status } = referee.changes.get(change.id) ?? change;
  const isAsleep = run !== undefined && !isOver(run) && run.execution.waiting?.kind === "token";
  // A closed one may sleep on until its time is over: a scan closes what no longer holds.
  if (kind !== undefined && (status === "approved" || status === "rejected")) {
    referee.check(!isAsleep, "liveness", () => `${says}, and the workflow still waits`);
  }
  const isCounted = decisions.length === change.decisions.length + 1;
  referee.check(isCounted === mustCount, "I5", () => `${says}; must it count: ${mustCount}`);
  referee.check(decisions.length - change.decisions.length <= 1, "I5", () => `${says}: counted twice`);
}

async function byPage(world: World, say: Say): Promise<Attempt | undefined> {
  const letter = letterFor(world, say);
  if (letter === undefined) return undefined;
  const change = world.referee.changes.get(letter.changeId);
  const link = await world.changes.getLink(hashOfLinkId(letter.linkId));
  if (change === undefined || link === undefined) return undefined;
  const { linkId, approver } = letter;
  const code = codeFor(world, letter, say);
  const planHash = say.plan === "forged" ? FORGED_HASH : change.plan.hash;
  const form = { verdict: say.verdict, code, reason: say.verdict === "reject" ? REASON : "", plan: planHash };
  const isCodeRight = normaliseCode(code) === normaliseCode(letter.code);
  const isPlanRight = say.verdict === "reject" || say.plan === "shown";
  return {
    change,
    approver,
    event: request("POST", say.link === "unknown" ? UNKNOWN_LINK : linkId, form),
    isRight: say.link === "right" && isCodeRight && isPlanRight,
    tries: link.tries,
  };
}

async function byCommand(world: World, say: Say): Promise<Attempt | undefined> {
  const all = [...world.referee.changes.values()];
  const fresh = say.isFresh ? all.filter(({ status }) => status === "waiting") : all;
  const change = pick(fresh, say.pick);
  if (change === undefined) return undefined;
  const principal = `arn:aws:iam::123456789012:user/${say.pick % 2 === 0 ? "dan" : "eve"}`;
  const { verdict } = say;
  const planHash = say.plan === "forged" ? FORGED_HASH : change.plan.hash;
  return {
    change,
    approver: `iam:${principal}`,
    event: {
      action: verdict,
      changeId: change.id,
      principal,
      ...(verdict === "approve" ? { planHash } : { reason: REASON }),
    },
    isRight: verdict === "reject" || say.plan === "shown",
    tries: 0,
  };
}

/** What follows a link without reading the mail: opens it, looks at it, sends its form as it stands, and rubbish. */
export async function scannerVisits(world: World, approvals: Approvals, choice: number): Promise<void> {
  const letter = pick(world.letters, choice);
  if (letter === undefined) return;
  world.referee.count("scanner's visit");
  const before = world.referee.changes.get(letter.changeId)?.decisions.length;
  const plan = world.referee.changes.get(letter.changeId)?.plan.hash ?? "";
  const { linkId } = letter;
  const visits = [
    request("GET", linkId),
    request("HEAD", linkId),
    request("POST", linkId, { verdict: "approve", code: "", reason: "", plan }),
    request("POST", linkId, { verdict: "reject", code: "", reason: "", plan }),
    request("POST", linkId, { "verdict\u0000": "approve", code: "\u0000 -", plan }),
    { ...request("POST", linkId), body: "%%%", headers: { "content-type": "application/json" } },
    request("PUT", linkId),
    request("GET", `${linkId.slice(0, -1)}x`),
  ];
  for (const visit of visits) await answerTo(world, world.firstLane, () => approvals(visit));
  const after = world.referee.changes.get(letter.changeId)?.decisions.length;
  world.referee.check(before === after, "I5", () => `a scanner has decided on ${letter.changeId}`);
}

const RIGHT = {
  via: "page",
  isFresh: false,
  verdict: "approve",
  code: "right",
  plan: "shown",
  link: "right",
} as const;

/** All who are asked about a change say yes. */
export async function everybodyConsents(world: World, approvals: Approvals, changeId: string): Promise<void> {
  for (const [pick, letter] of world.letters.entries()) {
    if (letter.changeId !== changeId) continue;
    await sayIn(world, approvals, { ...RIGHT, pick }, { lane: world.firstLane, isAlone: true });
  }
}

/** Somebody has the link and not the code. */
export async function guessCodes(
  world: World,
  approvals: Approvals,
  { mail, times }: { readonly mail: number; readonly times: number },
): Promise<void> {
  for (let guess = 0; guess < times; guess += 1) {
    const verdict = guess % 2 === 0 ? "approve" : "reject";
    const say: Say = { ...RIGHT, pick: mail, isFresh: true, verdict, code: "wrong" };
    await sayIn(world, approvals, say, { lane: world.firstLane, isAlone: true });
  }
}

/** How the audit trail, or the command's answer, names it; undefined where there was none. */
async function answerTo(
  { lanes, referee }: World,
  lane: Lane,
  call: () => Promise<unknown>,
): Promise<string | undefined> {
  try {
    const answer = (await lanes.invoke(lane, undefined, call)) as {
      readonly kind?: string;
      readonly statusCode?: number;
    };
    if (answer.kind !== undefined) return answer.kind;
    return answer.statusCode === 503 ? undefined : lane.audited;
  } catch (error) {
    referee.threw(error);
    return undefined;
  }
}

function letterFor(world: World, { pick: choice, isFresh }: Say): Letter | undefined {
  const fresh = world.letters.filter(
    ({ changeId }) => world.referee.changes.get(changeId)?.status === "waiting",
  );
  return pick(isFresh && fresh.length > 0 ? fresh : world.letters, choice);
}

function codeFor({ letters }: World, letter: Letter, { code, pick: choice }: Say): string {
  switch (code) {
    case "right":
      return letter.code;
    case "typed":
      return ` ${letter.code.slice(0, 4).toLowerCase()}-${letter.code.slice(4)} `;
    case "wrong":
      return "WRONG234";
    case "none":
      return " - ";
    case "another's":
      return letters.find((one) => one.code !== letter.code)?.code ?? `WRONG${choice}`;
  }
}

/** As a function URL hands it on. */
function request(method: string, linkId: string, form?: Readonly<Record<string, string>>) {
  return {
    rawPath: `/${linkId}`,
    headers: { "content-type": FORM },
    body: form === undefined ? "" : new URLSearchParams(form).toString(),
    isBase64Encoded: false,
    requestContext: { http: { method } },
  };
}

const pick = <T>(items: readonly T[], choice: number): T | undefined => items[choice % items.length];
