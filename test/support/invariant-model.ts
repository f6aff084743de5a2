// The whole remediation on a model of an account: its real functions and its real definition, and what a sequence does
// to them. Plays one sequence; the referee judges.

import { effectScanId } from "../../core/remediate/prepare-effect.ts";
import { documentKey } from "../../core/scan/documents.ts";
import { createHandler as approvalsHandler } from "../../functions/approvals/handler.ts";
import { createHandler as proposeHandler } from "../../functions/propose-changes/handler.ts";
import { remediationHandlers } from "../../functions/remediation-handlers.ts";
import { inProcess } from "../../functions/scan-handlers.ts";
import definition from "../../statemachine/remediation.asl.json" with { type: "json" };
import { Execution } from "./asl-stepper.ts";
import { findingDocument } from "./finding-documents.ts";
import { type ModelQueue, mayBeChanged } from "./invariant-model-account.ts";
import { checkEnd } from "./invariant-model-end.ts";
import type { Lane } from "./invariant-model-lanes.ts";
import type { Concurrent, Operation, Others, Sequence } from "./invariant-model-operations.ts";
import { othersChange } from "./invariant-model-others.ts";
import type { Event } from "./invariant-model-referee.ts";
import {
  type Approvals,
  everybodyConsents,
  guessCodes,
  sayIn,
  scannerVisits,
} from "./invariant-model-say.ts";
import { deliveredAfter, measuredAfter, writeScan } from "./invariant-model-scan.ts";
import { isOver, PAGE_URL, type Run, World } from "./invariant-model-world.ts";

const MINUTE_MS = 60_000;
/** More steps than any execution has: retries of every task, and some loops of a forged wake. */
const MOST_STEPS = 300;

type Handler = (payload: unknown) => Promise<unknown>;

interface LaneFunctions {
  readonly states: Readonly<Record<string, Handler>>;
  readonly propose: Handler;
  readonly approvals: Approvals;
}

/** What a sequence came to. */
export interface Played {
  readonly counts: ReadonlyMap<Event, number>;
}

/** @throws InvariantError when an invariant does not hold. */
export async function play(sequence: Sequence): Promise<Played> {
  const model = new Model(sequence);
  await model.apply({ op: "scan" });
  for (const operation of sequence.operations) await model.apply(operation);
  await model.end();
  return { counts: model.world.referee.counts };
}

class Model {
  readonly world: World;
  readonly #functions = new Map<Lane, LaneFunctions>();
  readonly #scans: string[] = [];

  constructor({ setup }: Sequence) {
    this.world = new World(setup, (changeId) => this.#startRun(changeId));
    for (const lane of this.world.lanes.all) this.#functions.set(lane, this.#functionsOf(lane));
  }

  async apply(operation: Operation): Promise<void> {
    await this.#apply(operation);
    this.world.referee.verdict();
  }

  async #apply(operation: Operation): Promise<void> {
    const { world } = this;
    switch (operation.op) {
      case "race":
        return this.#race(operation);
      case "run":
        return this.#runAll();
      case "wait": {
        const run = pick([...world.runs.values()].filter(isWaitingForTime), operation.run);
        if (run !== undefined) this.#letPass(run);
        return;
      }
      case "go to": {
        const run = pick(running(world), operation.run);
        return run === undefined ? undefined : this.#goTo(run, operation);
      }
      case "advance":
        world.nowMs += operation.minutes * MINUTE_MS;
        if (operation.areTimersOnTime) this.#fireTimers();
        return;
      case "expire":
        return this.#expire(operation.run, operation.areTimersOnTime);
      case "scanner":
        return scannerVisits(world, this.#of(world.firstLane).approvals, operation.mail);
      case "guess":
        return guessCodes(world, this.#of(world.firstLane).approvals, operation);
      case "forge": {
        const run = pick([...world.runs.values()].filter(isWaitingForToken), operation.run);
        if (run?.execution.waiting?.kind !== "token") return;
        world.referee.count("forged wake");
        world.wake(run.execution.waiting.token);
        return;
      }
      case "others": {
        const queue = pick(world.queues, operation.queue);
        world.isCalm = false;
        if (queue !== undefined) this.#others(queue, operation.what);
        return;
      }
      case "meddle": {
        world.isCalm = false;
        const run = pick(running(world), operation.run);
        const change = run && world.referee.changes.get(run.changeId);
        if (run === undefined || change === undefined) return;
        await this.#goTo(run, operation);
        this.#others(world.referee.queue(change.queueArn), operation.what);
        return;
      }
      case "pause":
      case "resume": {
        world.isCalm = false;
        const { approvals } = this.#of(world.firstLane);
        return ignoreErrors(
          world.lanes.invoke(world.firstLane, undefined, () =>
            approvals({ action: operation.op, principal: "arn:aws:iam::123456789012:user/op" }),
          ),
          world,
        );
      }
      case "effect": {
        const queue = pick(world.queues, operation.queue);
        world.isCalm = false;
        if (queue !== undefined) queue.effect = operation.effect;
        return;
      }
      case "break": {
        const queue = pick(world.queues, operation.queue);
        world.isCalm = false;
        if (queue !== undefined) queue.broken = operation.broken;
        return;
      }
      case "stop": {
        const run = pick(running(world), operation.run);
        world.isCalm = false;
        if (run !== undefined) run.isStopped = true;
        return;
      }
      case "fault":
        world.isCalm = false;
        world.hadFaults = true;
        return world.lanes.arm(operation.fault);
      case "redeploy": {
        world.isCalm = false;
        const { scan, change } = world.settings;
        Object.assign(scan, { maxVisibilityTimeoutSeconds: operation.capSeconds });
        Object.assign(change, { quorum: operation.quorum });
        return;
      }
      default:
        return this.#concurrent(operation, world.firstLane, true);
    }
  }

  async #concurrent(operation: Concurrent, lane: Lane, isAlone: boolean): Promise<void> {
    const { world } = this;
    switch (operation.op) {
      case "scan":
        return this.#scan(lane, isAlone);
      case "rescan": {
        const scanId = pick(this.#scans, operation.scan);
        world.referee.count("repeated scan");
        return scanId === undefined ? undefined : this.#propose(scanId, lane);
      }
      case "step": {
        const run = pick(running(world).filter(canStep), operation.run);
        return run === undefined ? undefined : this.#step(run, lane);
      }
      case "twin":
        world.isCalm = false;
        return this.#twin(operation, lane);
      case "say":
        return sayIn(world, this.#of(lane).approvals, operation.say, { lane, isAlone });
    }
  }

  async #race(operation: Extract<Operation, { op: "race" }>): Promise<void> {
    const { world } = this;
    world.isCalm = false;
    world.referee.count("race");
    const waiting = [...world.referee.changes.values()].find(({ status }) => status === "waiting");
    await world.lanes.race(
      operation.lanes.map((one) => (lane) => this.#concurrent(one, lane, false)),
      operation.turns,
      (turn) => {
        if (turn !== operation.expiresAt || waiting?.approval === undefined) return;
        world.nowMs = Math.max(world.nowMs, waiting.approval.expiresMs);
        this.#fireTimers();
      },
    );
  }

  async #scan(lane: Lane, isAlone: boolean): Promise<void> {
    const { world } = this;
    world.nowMs += MINUTE_MS;
    const scanId = `scan-${this.#scans.length + 1}`;
    this.#scans.push(scanId);
    const { ledger, queues, settings, nowMs } = world;
    const found = await writeScan(ledger, scanId, queues, settings, nowMs);
    const hadFaults = world.lanes.isFaultArmed;
    const before = new Set([...world.referee.changes.values()].map(({ queueArn }) => queueArn));
    await this.#propose(scanId, lane);
    if (!isAlone || hadFaults || world.isPaused || settings.change.mode === "observe") return;
    const proposed = [...world.referee.changes.values()].filter((change) => change.scanId === scanId);
    if (proposed.length >= settings.change.maxChangesPerScan) return;
    for (const { queue } of found) {
      if (before.has(queue.arn) || !mayBeChanged(queue, settings)) continue;
      const isProposed = proposed.some(({ queueArn }) => queueArn === queue.arn);
      world.referee.check(isProposed, "I9", () => `nothing is proposed for ${queue.name}`);
      if (queues.some(({ broken }) => broken !== "nothing")) {
        world.referee.count("proposed beside a broken queue");
      }
    }
  }

  #propose(scanId: string, lane: Lane): Promise<void> {
    const { propose } = this.#of(lane);
    const { world } = this;
    const window = { startMs: 0, endMs: MINUTE_MS };
    const run = world.lanes.invoke(lane, undefined, () => propose({ scanId, window }));
    return ignoreErrors(run, world);
  }

  #startRun(changeId: string): Run {
    const { world } = this;
    const states = Object.keys(this.#of(world.firstLane).states);
    const run: Run = {
      changeId,
      execution: new Execution({
        definition,
        input: { changeId },
        executionId: `arn:aws:states:eu-west-1:123456789012:execution:remediation:${changeId}`,
        handlers: Object.fromEntries(
          states.map((state) => [
            state,
            (payload: unknown) => {
              run.last = { state, payload };
              return this.#task(run.lane, changeId, state, payload);
            },
          ]),
        ),
        newToken: world.newToken,
      }),
      lane: world.firstLane,
      isStepping: false,
      isStopped: false,
      untilMs: undefined,
      last: undefined,
    };
    return run;
  }

  #task(lane: Lane, changeId: string, state: string, payload: unknown): Promise<unknown> {
    const { world } = this;
    const handler = this.#of(lane).states[state];
    if (handler === undefined) throw new Error(`the model has no function for ${state}`);
    return world.lanes
      .invoke(lane, changeId, () => handler(payload))
      .catch((error: unknown) => {
        world.referee.threw(error);
        throw error;
      });
  }

  async #step(run: Run, lane: Lane): Promise<void> {
    if (!canStep(run)) return;
    run.lane = lane;
    run.isStepping = true;
    await run.execution.step();
    run.isStepping = false;
    const { waiting, status } = run.execution;
    if (status === "failed") this.world.referee.count("task failed for good");
    if (waiting === undefined) run.untilMs = undefined;
    else {
      const seconds = waiting.kind === "time" ? waiting.seconds : waiting.timeoutSeconds;
      run.untilMs = this.world.nowMs + seconds * 1000;
    }
  }

  async #runAll(): Promise<void> {
    for (const run of running(this.world)) {
      for (let steps = 0; canStep(run) && !isOver(run); steps += 1) {
        if (steps > MOST_STEPS) throw new Error(`${run.changeId} does not end: ${run.execution.state}`);
        await this.#step(run, this.world.firstLane);
        this.world.referee.verdict();
      }
    }
  }

  async #goTo(
    run: Run,
    { state, hasConsent }: { readonly state: string; readonly hasConsent: boolean },
  ): Promise<void> {
    let canAsk = hasConsent;
    for (let steps = 0; !isOver(run) && run.execution.state !== state; steps += 1) {
      if (steps > MOST_STEPS) throw new Error(`${run.changeId} does not end: ${run.execution.state}`);
      if (canStep(run)) await this.#step(run, this.world.firstLane);
      else if (isWaitingForTime(run)) this.#letPass(run);
      else if (canAsk) {
        canAsk = false;
        await everybodyConsents(this.world, this.#of(this.world.firstLane).approvals, run.changeId);
      } else return;
      this.world.referee.verdict();
    }
  }

  async #twin(operation: Extract<Concurrent, { op: "twin" }>, lane: Lane): Promise<void> {
    const alive = running(this.world);
    const run = pick(alive.length > 0 ? alive : [...this.world.runs.values()], operation.run);
    if (run === undefined) return;
    const call = operation.isLast ? run.last : (nextCall(run) ?? run.last);
    if (call === undefined) return;
    await ignoreErrors(this.#task(lane, run.changeId, call.state, call.payload), this.world);
  }

  #letPass(run: Run): void {
    this.world.nowMs = Math.max(this.world.nowMs, run.untilMs ?? 0);
    run.untilMs = undefined;
    run.execution.pass();
  }

  #fireTimers(): void {
    for (const run of running(this.world)) {
      if (run.untilMs === undefined || run.untilMs > this.world.nowMs) continue;
      if (isWaitingForTime(run)) this.#letPass(run);
      else if (isWaitingForToken(run)) this.#timeOut(run);
    }
  }

  #timeOut(run: Run): void {
    run.untilMs = undefined;
    run.execution.timeOut();
  }

  #expire(choice: number, areTimersOnTime: boolean): void {
    const { world } = this;
    const run = pick(running(world).filter(isWaitingForToken), choice);
    const expiresMs = run && world.referee.changes.get(run.changeId)?.approval?.expiresMs;
    if (run === undefined || expiresMs === undefined) return;
    const untilMs = areTimersOnTime ? (run.untilMs ?? expiresMs) : expiresMs;
    world.nowMs = Math.max(world.nowMs, untilMs);
    if (areTimersOnTime) this.#fireTimers();
  }

  #others(queue: ModelQueue, what: Others): void {
    const changes = [...this.world.referee.changes.values()];
    const latest = changes.findLast(({ queueArn }) => queueArn === queue.arn);
    othersChange(queue, what, latest?.plan.to ?? queue.seconds);
  }

  /** Lets everything run out on a quiet account, scans once more, and looks at what is left. */
  async end(): Promise<void> {
    const { world } = this;
    world.lanes.disarm();
    for (const queue of world.queues) queue.broken = "nothing";
    await this.#drain();
    const scanId = "scan-last";
    const document = findingDocument({ findings: [], paths: [] });
    await world.ledger.putDocument(scanId, documentKey.document, document);
    await this.#propose(scanId, world.firstLane);
    // What was opened and could not be started is started by that.
    await this.#drain();
    await checkEnd(world);
    world.referee.verdict();
  }

  async #drain(): Promise<void> {
    const { world } = this;
    for (let rounds = 0; running(world).length > 0; rounds += 1) {
      if (rounds > MOST_STEPS) throw new Error("the executions do not end");
      await this.#runAll();
      const next = running(world).toSorted((a, b) => (a.untilMs ?? 0) - (b.untilMs ?? 0))[0];
      if (next === undefined) return;
      world.nowMs = Math.max(world.nowMs, next.untilMs ?? 0);
      this.#fireTimers();
    }
  }

  #of(lane: Lane): LaneFunctions {
    const functions = this.#functions.get(lane);
    if (functions === undefined) throw new Error("expected a lane of this world");
    return functions;
  }

  #functionsOf(lane: Lane): LaneFunctions {
    const { world } = this;
    const { settings } = world;
    const ports = world.portsOf(lane);
    const addresses = {
      pageUrl: PAGE_URL,
      functionName: "approvals",
      region: "eu-west-1",
      snoozeDays: settings.change.snoozeDays,
    };
    const page = approvalsHandler(settings, ports);
    return {
      states: {
        ...remediationHandlers(ports, settings, addresses),
        Measure: async (payload) => {
          const { scanId, window, batchKey } = payload as Effective;
          const queue = this.#queueOfEffect(scanId);
          const key = documentKey.measurement(batchKey);
          await ports.ledger.putDocument(scanId, key, measuredAfter(queue, window));
          return { candidates: queue.effect === "nothing" ? 0 : 1 };
        },
        StartQueries: async () => ({ queries: 1 }),
        CollectDeliveries: async (payload) => {
          const { scanId, batchKey, attempt } = payload as Effective;
          const key = documentKey.deliveries(batchKey, 0);
          await ports.ledger.putDocument(scanId, key, deliveredAfter(this.#queueOfEffect(scanId)));
          return { pending: 0, attempt };
        },
      },
      propose: inProcess(proposeHandler(settings, ports)),
      approvals: (event) => page(event, {} as never),
    };
  }

  #queueOfEffect(scanId: string): ModelQueue {
    const { referee } = this.world;
    const change = [...referee.changes.values()].find(({ id }) => effectScanId(id) === scanId);
    if (change === undefined) throw new Error(`no change has the effect ${scanId}`);
    return referee.queue(change.queueArn);
  }
}

interface Effective {
  readonly scanId: string;
  readonly window: { readonly startMs: number; readonly endMs: number };
  readonly batchKey: string;
  readonly attempt: number;
}

/** The task that comes next, as the definition would call it; undefined where another state does. */
function nextCall({ execution, changeId, last }: Run): Run["last"] {
  const { state, status } = execution;
  if (status !== "running") return undefined;
  if (last?.state === state) return last;
  switch (state) {
    case "Apply":
      return { state, payload: { action: "apply", changeId } };
    case "RollBack":
      return { state, payload: { action: "roll-back", changeId } };
    case "Revalidate":
    case "ConcludeApproval":
    case "Confirm":
    case "PrepareEffect":
    case "MeasureEffect":
    case "NotifyOutcome":
      return { state, payload: { changeId } };
    default:
      return undefined;
  }
}

const running = ({ runs }: World): Run[] => [...runs.values()].filter((run) => !isOver(run));
const canStep = (run: Run): boolean => !isOver(run) && run.execution.waiting === undefined && !run.isStepping;
const isWaitingForTime = (run: Run): boolean => !isOver(run) && run.execution.waiting?.kind === "time";
const isWaitingForToken = (run: Run): boolean => !isOver(run) && run.execution.waiting?.kind === "token";

const pick = <T>(items: readonly T[], choice: number): T | undefined => items[choice % items.length];

/** Whoever called the function sees the error, and calls again or not. */
async function ignoreErrors(call: Promise<unknown>, { referee }: World): Promise<void> {
  try {
    await call;
  } catch (error) {
    referee.threw(error);
  }
}
