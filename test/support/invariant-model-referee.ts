// Judges everything that the system does in the model while it happens, by the invariants' numbers.
import type { AuditRow, Change, Decision } from "../../core/model/change.ts";
import type { Notification } from "../../core/ports.ts";
import { MOST_TRIES } from "../../core/remediate/approval-link.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import { hashNow, isUnchanged, type ModelQueue } from "./invariant-model-account.ts";

/** A decision that somebody could legitimately make: right link, right code, right plan, in time. */
export interface Vote extends Pick<Decision, "approver" | "verdict"> {
  readonly changeId: string;
}

/** What happens in a sequence, for the table of counts. */
export type Event =
  | "proposed"
  | "raised"
  | "raised without asking"
  | "repeated write"
  | "rolled back"
  | "rollback refused"
  | "decision counted"
  | "decision refused"
  | "already decided"
  | "wrong code"
  | "too many tries"
  | "plan changed at decision"
  | "lost race of two writes"
  | "mail of unknown outcome"
  | "task failed for good"
  | "calls that failed"
  | "deaths of a function"
  | "proposed beside a broken queue"
  | "calm and applied"
  | "forged wake"
  | "race"
  | "repeated scan"
  | "scanner's visit"
  | `closed: ${string}`;

/** Secrets of the model look like this and nothing else does. */
const SECRET = /LINKID|QZ-?\d{3}|TASKTOKEN|MESSAGEBODY/;

const NOTHING_CHANGED: readonly unknown[] = ["superseded", "rejected", "expired"];
const IAM = "iam:";

/** All principals of the command line are one. */
export const personOf = (approver: string): string => (approver.startsWith(IAM) ? IAM : approver);

class InvariantError extends Error {
  override readonly name = "InvariantError";
}

export class Referee {
  readonly violations: string[] = [];
  readonly counts = new Map<Event, number>();
  /** As the ledger holds them. */
  readonly changes = new Map<string, Change>();
  readonly votes: Vote[] = [];
  /** `topic`, change, recipient, kind of the mails that may have been sent. */
  readonly mails = new Map<string, number>();
  readonly #answered = new Set<string>();
  readonly #guesses = new Map<string, number>();
  readonly #settings: RemediationSettings;
  readonly #queues: readonly ModelQueue[];

  constructor(queues: readonly ModelQueue[], settings: RemediationSettings) {
    this.#queues = queues;
    this.#settings = settings;
  }

  count(event: Event): void {
    this.counts.set(event, (this.counts.get(event) ?? 0) + 1);
  }

  check(holds: boolean, invariant: string, what: () => string): void {
    if (!holds) this.violations.push(`${invariant}: ${what()}`);
  }

  /** @throws InvariantError with all that was violated so far. */
  verdict(): void {
    if (this.violations.length > 0) throw new InvariantError(this.violations.join("\n"));
  }

  queue(arn: string): ModelQueue {
    const queue = this.#queues.find((one) => one.arn === arn);
    if (queue === undefined) throw new Error(`the model has no queue ${arn}`);
    return queue;
  }

  /** SetQueueAttributes, just before it takes effect. */
  writing(
    queue: ModelQueue,
    attributes: Readonly<Record<string, string>>,
    by: {
      readonly changeId: string | undefined;
      readonly unread: ReadonlySet<string>;
      readonly paused: boolean;
    },
  ): void {
    const to = Number(attributes["VisibilityTimeout"]);
    const change = this.changes.get(by.changeId ?? "");
    const said = () => `${queue.name} ${queue.seconds} s → ${JSON.stringify(attributes)} by ${by.changeId}`;
    this.check(
      Object.keys(attributes).join() === "VisibilityTimeout",
      "I2",
      () => `one attribute: ${said()}`,
    );
    this.check(Number.isInteger(to) && to > 0 && to <= 43_200, "I2", () => `limits: ${said()}`);
    this.check(this.#settings.change.mode !== "observe", "I10", said);
    this.check(!by.unread.has(queue.arn) && queue.broken !== "queue", "I8", () => `unreadable: ${said()}`);
    if (change === undefined || change.queueArn !== queue.arn) {
      this.check(false, "I5", () => `a write for no change: ${said()}`);
      return;
    }
    const ours = queue.writes.filter(({ changeId }) => changeId === change.id);
    if (to < queue.seconds) {
      const isOwn = ours.some((one) => one.from === to && one.to === queue.seconds);
      this.check(isOwn && queue.seconds === change.plan.to, "I1", () => `lowered: ${said()}`);
      this.count("rolled back");
    } else if (to === queue.seconds) {
      this.check(
        ours.some((one) => one.to === to),
        "I6",
        () => `a repeat of no write: ${said()}`,
      );
      this.count("repeated write");
    } else {
      this.#raising(queue, change, to, by.paused, said);
      const isOver = ours.some((one) => one.to < one.from);
      this.check(!isOver, "I6", () => `raised again after its rollback: ${said()}`);
    }
  }

  #raising(queue: ModelQueue, change: Change, to: number, paused: boolean, said: () => string): void {
    const { scan } = this.#settings;
    const { plan, approval, decisions } = change;
    this.check(to <= scan.maxVisibilityTimeoutSeconds, "I2", () => `above the cap: ${said()}`);
    this.check(to === plan.to, "I3", () => `not the plan's ${plan.to} s: ${said()}`);
    this.check(hashNow(queue, this.#settings) === plan.hash, "I3", () => `another plan by now: ${said()}`);
    this.check(queue.broken === "nothing", "I8", () => `part of the path is unreadable: ${said()}`);
    this.check(
      isUnchanged(queue, plan.hash, this.#settings),
      "I3",
      () => `it may not be changed (any more): ${said()}`,
    );
    this.check(!paused, "I5", () => `raised while paused: ${said()}`);
    this.check(change.status === "applying", "I6", () => `raised while ${change.status}: ${said()}`);
    this.count("raised");
    if (approval === undefined) {
      const isAuto =
        change.mode === "auto" &&
        this.#settings.change.mode === "auto" &&
        queue.tags["doubletake:mode"] === "auto" &&
        change.finding.evidence === "proven" &&
        !queue.fifo &&
        !plan.tradeOffs.outlivesRetention;
      this.check(isAuto, "I5", () => `nobody was asked: ${said()}`);
      this.count("raised without asking");
      return;
    }
    const approved = this.votes.filter((one) => one.changeId === change.id && one.verdict === "approve");
    const people = new Set(approved.map(({ approver }) => personOf(approver)));
    this.check(people.size >= approval.quorum, "I5", () => `${people.size} of ${approval.quorum}: ${said()}`);
    const yes = decisions.filter(({ verdict }) => verdict === "approve");
    this.check(new Set(yes.map(({ approver }) => personOf(approver))).size >= approval.quorum, "I5", said);
    this.check(yes.length === decisions.length, "I5", () => `raised although rejected: ${said()}`);
  }

  /** A change as open() left it. */
  opened(change: Change): void {
    if (this.changes.has(change.id)) return;
    this.changes.set(change.id, change);
    this.count("proposed");
    this.#holdsNoSecret(change, `change ${change.id}`);
    const { mode, maxChangesPerScan } = this.#settings.change;
    this.check(mode !== "observe", "I10", () => `opened ${change.id}`);
    const all = [...this.changes.values()];
    const open = all.filter((one) => one.queueArn === change.queueArn && one.status !== "closed");
    this.check(open.length <= 1, "I4", () => `${open.length} open changes of ${change.queueName}`);
    const ofScan = all.filter(({ scanId }) => scanId === change.scanId).length;
    this.check(ofScan <= maxChangesPerScan, "I4", () => `${ofScan} changes of scan ${change.scanId}`);
  }

  /** A save that the ledger has taken. */
  saved(change: Change, nowMs: number): void {
    const before = this.changes.get(change.id);
    if (before === undefined) throw new Error(`the ledger has saved ${change.id}, which was never opened`);
    this.changes.set(change.id, { ...change, version: change.version + 1 });
    this.#holdsNoSecret(change, `change ${change.id}`);
    const was = `${change.id} ${before.status} → ${change.status}`;
    this.check(before.status !== "closed", "I6", () => `written after it was closed: ${was}`);
    this.check(
      JSON.stringify([before.plan, before.inputs]) === JSON.stringify([change.plan, change.inputs]),
      "I3",
      () => `the plan itself was changed: ${was}`,
    );
    this.#decided(before, change, nowMs, was);
    if (change.status === "closed") this.#closed(before, change, was);
  }

  #decided(before: Change, change: Change, nowMs: number, was: string): void {
    const added = change.decisions.slice(before.decisions.length);
    const kept = change.decisions.slice(0, before.decisions.length);
    this.check(JSON.stringify(kept) === JSON.stringify(before.decisions), "I5", () => `rewritten: ${was}`);
    for (const { approver, verdict, atMs } of added) {
      const isLegitimate = this.votes.some(
        (one) => one.changeId === change.id && one.approver === approver && one.verdict === verdict,
      );
      this.check(isLegitimate, "I5", () => `${verdict} by ${approver}, who could not: ${was}`);
      this.check(before.status === "waiting", "I5", () => `a decision while ${before.status}: ${was}`);
      const expiresMs = change.approval?.expiresMs ?? 0;
      this.check(atMs < expiresMs && atMs <= nowMs, "I5", () => `a decision after expiry: ${was}`);
      const times = change.decisions.filter((one) => one.approver === approver).length;
      this.check(times === 1, "I5", () => `${approver} counts ${times} times: ${was}`);
      this.count("decision counted");
    }
  }

  #closed(before: Change, change: Change, was: string): void {
    const { outcome, outcomeReason = "", rollBack, queueArn } = change;
    this.count(`closed: ${outcome}`);
    if (rollBack !== undefined && "refused" in rollBack) {
      this.count("rollback refused");
      const last = this.queue(queueArn).writes.at(-1);
      const isRolledBack = last?.changeId === change.id && last.to < last.from;
      this.check(!isRolledBack, "I6", () => `says that it was not rolled back: ${was}`);
    }
    const saysNothingChanged =
      NOTHING_CHANGED.includes(outcome) ||
      (outcome === "failed" && /nothing was changed/.test(outcomeReason));
    const isStanding = this.queue(queueArn).writes.at(-1)?.changeId === change.id;
    this.check(!(saysNothingChanged && isStanding), "I6", () => `says that nothing was changed: ${was}`);
    this.check(
      !(before.status === "approved" && outcome === "expired"),
      "I5",
      () => `an approval that counted has expired: ${was}`,
    );
    this.check(
      !(before.status === "rejected" && (outcome === "expired" || outcome === "superseded")),
      "I5",
      () => `a rejection that counted ended as ${outcome}: ${was}`,
    );
  }

  /** A mail that has been sent, or may have been. */
  mailed(topic: "approvers" | "everybody", { subject, text, json, recipient = "" }: Notification): void {
    const { changeId = "", kind = "", outcome = "" } = json as Readonly<Record<string, string>>;
    const about = outcome === "changed" || topic === "approvers" ? outcome : "outcome";
    const key = [topic, changeId, recipient, about].join(" ");
    const times = (this.mails.get(key) ?? 0) + 1;
    this.mails.set(key, times);
    this.check(times === 1, "I6", () => `${times} mails: ${key}`);
    this.#holdsNoSecret([subject, json], `the mail ${kind} for machines`);
    if (topic === "everybody") this.#holdsNoSecret(text, "a mail to everybody");
    this.check(topic === "everybody" || recipient !== "", "I7", () => "a link for everybody");
  }

  /** A mail's text may hold its recipient's own link and code. */
  mailedSecrets(text: string, own: { readonly linkId: string; readonly code: string }): void {
    const rest = text.replaceAll(own.linkId, "").replaceAll(own.code, "");
    this.#holdsNoSecret(rest, "a mail beside its own link and code");
  }

  /** Somebody was told that their decision counts. */
  answered(changeId: string, approver: string, says: string): void {
    const key = `${changeId} ${approver}`;
    this.check(!this.#answered.has(key), "I5", () => `${says}, a second time`);
    this.#answered.add(key);
  }

  /** Wrong codes that were looked at, of one approver's link. */
  guesses(changeId: string, approver: string): number {
    return this.#guesses.get(`${changeId} ${approver}`) ?? 0;
  }

  /** One more of them. */
  guessed(changeId: string, approver: string): void {
    const times = this.guesses(changeId, approver) + 1;
    this.#guesses.set(`${changeId} ${approver}`, times);
    this.check(times <= MOST_TRIES, "I5", () => `${times} codes were tried for ${changeId}`);
  }

  audited(row: AuditRow): void {
    this.#holdsNoSecret(row, "the audit trail");
    if (row.result === "wrong-code") this.count("wrong code");
    if (row.result === "too-many-tries") this.count("too many tries");
    if (row.result === "already-decided") this.count("already decided");
    if (row.result === "changed") this.count("plan changed at decision");
  }

  stored(what: string, value: unknown): void {
    this.#holdsNoSecret(value, what);
  }

  /** What a function threw is what its logger gets. */
  threw(error: unknown): void {
    this.#holdsNoSecret(error instanceof Error ? `${error.name}: ${error.message}` : error, "an error");
  }

  sampled(): void {
    this.check(false, "I11", () => "ReceiveMessage was called");
  }

  started(changeId: string): void {
    this.check(this.#settings.change.mode !== "observe", "I10", () => `started ${changeId}`);
    this.check(this.changes.has(changeId), "I6", () => `started and never opened: ${changeId}`);
  }

  #holdsNoSecret(value: unknown, where: string): void {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    this.check(!SECRET.test(text ?? ""), "I7", () => `${where} holds ${SECRET.exec(text)?.[0]}`);
  }
}
