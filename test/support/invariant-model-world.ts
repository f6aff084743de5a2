// The world of one sequence: queues, ledgers, mails and executions, and the ports through which one lane sees them.
import { createMemoryChangeLedger } from "../../aws/memory-change-ledger.ts";
import { createMemoryLedger } from "../../aws/memory-ledger.ts";
import { createQueueWriter } from "../../aws/queue-writer.ts";
import { ConfigError, UnreadableError } from "../../core/errors.ts";
import { ChangeSettings } from "../../core/model/change-settings.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import type { NotifierPort } from "../../core/ports.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../../core/remediate/ports.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import type { Execution } from "./asl-stepper.ts";
import {
  type ModelQueue,
  mappingsOf,
  modelQueue,
  readFunction,
  readQueue,
  TEAM,
} from "./invariant-model-account.ts";
import { type Lane, Lanes } from "./invariant-model-lanes.ts";
import type { Setup } from "./invariant-model-operations.ts";
import { Referee } from "./invariant-model-referee.ts";

const START_MS = Date.parse("2026-11-23T18:00:00Z");
const APPROVERS = ["ann@example.com", "bob@example.com", "cyd@example.com"];
const LANES = 3;

export const PAGE_URL = "https://page.example/";

/** One execution of the remediation workflow. */
export interface Run {
  readonly changeId: string;
  readonly execution: Execution;
  /** In which its next task is run. */
  lane: Lane;
  isStepping: boolean;
  /** By hand. */
  isStopped: boolean;
  /** When what it waits for is over; absent while it does not wait. */
  untilMs: number | undefined;
  /** The last call of a function. */
  last: { readonly state: string; readonly payload: unknown } | undefined;
}

/** A request for approval as it came to one approver. */
export interface Letter {
  readonly changeId: string;
  readonly approver: string;
  readonly linkId: string;
  readonly code: string;
}

/** Ports of one lane: all that any function of ours is given. */
export type LanePorts = RemediationPorts & ScanPorts;

/** What no function here may touch. */
const untouched = (what: string) =>
  new Proxy(
    {},
    {
      get: (_target, name) => {
        throw new Error(`${what}.${String(name)}: the model has none`);
      },
    },
  );

const ofDiscover = (): never => {
  throw new Error("the model has no Discover and no Measure");
};

export class World {
  readonly settings: RemediationSettings;
  readonly queues: readonly ModelQueue[];
  readonly referee: Referee;
  readonly lanes: Lanes;
  readonly changes = createMemoryChangeLedger();
  readonly ledger = createMemoryLedger();
  readonly runs = new Map<string, Run>();
  readonly letters: Letter[] = [];
  nowMs = START_MS;
  /** Nothing has happened that may keep an approved plan from being applied. */
  isCalm = true;
  /** Some call has been made to fail. */
  hadFaults = false;
  isPaused = false;
  readonly #startRun: (changeId: string) => Run;
  #secrets = 0;

  /** @param startRun makes an execution; its world is complete by then. */
  constructor(setup: Setup, startRun: (changeId: string) => Run) {
    this.#startRun = startRun;
    this.settings = {
      scan: ScanSettings.parse({
        targetPolicy: setup.policy,
        maxVisibilityTimeoutSeconds: setup.capSeconds,
      }),
      change: ChangeSettings.parse({
        mode: setup.mode,
        approvers: APPROVERS.slice(0, setup.approvers),
        quorum: setup.quorum,
        maxChangesPerScan: setup.maxChangesPerScan,
        approvalHours: setup.approvalHours,
        observationMinutes: 15,
        snoozeDays: 2,
        changeQueues: setup.someQueues ? ["a*", "g*"] : ["*"],
        ...(setup.changeTag ? { changeTag: `${TEAM}=shop` } : {}),
      }),
    };
    this.queues = setup.queues.map(modelQueue);
    this.referee = new Referee(this.queues, this.settings);
    this.lanes = new Lanes(LANES, (event) => this.referee.count(event));
  }

  get firstLane(): Lane {
    const [lane] = this.lanes.all;
    if (lane === undefined) throw new Error("expected a lane");
    return lane;
  }

  newToken = (): string => `TASKTOKEN-${this.#next()}`;

  #next(): string {
    this.#secrets += 1;
    return String(this.#secrets).padStart(6, "0");
  }

  portsOf(lane: Lane): LanePorts {
    const { referee, lanes } = this;
    const call = <T>(port: string, effect: () => Promise<T> | T) =>
      lanes.call(lane, port, async () => effect());
    /** Notes what could not be read, for whatever reason. */
    const reading = async <T>(port: string, arns: readonly string[], read: () => T): Promise<T> => {
      try {
        return await call(port, read);
      } catch (error) {
        for (const arn of arns) lane.unread.add(arn);
        throw error;
      }
    };
    return {
      ...(untouched("scan") as Pick<ScanPorts, "account" | "asyncEvents" | "metrics" | "logs">),
      nowMs: () => this.nowMs,
      calls: { take: () => ({}) },
      mappings: {
        listQueueMappings: (arn = "") =>
          reading("mappings.list", [arn], () => mappingsOf(referee.queue(arn))),
        describeFunction: (arn) => reading("mappings.describe", [], () => readFunction(this.queues, arn)),
        forMany: ofDiscover,
        reservedConcurrency: ofDiscover,
      },
      queues: {
        describeQueue: (arn) => reading("queues.describe", [arn], () => readQueue(referee.queue(arn))),
        forMany: ofDiscover,
        sampleReceiveCounts: () => {
          referee.sampled();
          throw new ConfigError("nobody has opted in");
        },
      },
      queueWriter: createQueueWriter({
        calls: { take: () => ({}) },
        client: () => this.#sqs(lane) as never,
      }),
      ledger: watched(this.ledger, "ledger", call, {
        putDocument: (_result, _scanId, key, value) => referee.stored(`document ${key}`, value),
      }),
      changes: watched(this.changes, "changes", call, {
        open: (result) => {
          if (result !== undefined) referee.opened(result);
        },
        save: (result, change) => {
          if (result) referee.saved(change, this.nowMs);
          else referee.count("lost race of two writes");
        },
        audit: (_result, row) => {
          lane.audited = row.result;
          referee.audited(row);
        },
        putLink: (_result, link) => referee.stored("a link", link),
        setPaused: (_result, paused) => {
          this.isPaused = paused;
        },
      }),
      executions: {
        start: (changeId) =>
          call("executions.start", () => {
            referee.started(changeId);
            if (!this.runs.has(changeId)) this.runs.set(changeId, this.#startRun(changeId));
          }),
        status: (changeId) =>
          call("executions.status", () => {
            const run = this.runs.get(changeId);
            if (run === undefined) return "absent";
            return isOver(run) ? "ended" : "running";
          }),
      },
      callbacks: { wake: (token) => call("callbacks.wake", () => this.wake(token)) },
      secrets: {
        linkId: () => `LINKID${this.#next()}`.padEnd(43, "_"),
        code: () => `QZ${this.#next()}`,
      },
      notifier: this.#notifier("everybody", call),
      approvalNotifier: this.#notifier("approvers", call),
    };
  }

  wake(token: string): "told" | "gone" {
    for (const run of this.runs.values()) {
      if (isOver(run) || run.execution.wake(token) === "gone") continue;
      run.untilMs = undefined;
      return "told";
    }
    return "gone";
  }

  #sqs(lane: Lane) {
    return {
      send: ({ input }: { input: { QueueUrl: string; Attributes: Record<string, string> } }) =>
        this.lanes.call(lane, "sqs.SetQueueAttributes", async () => {
          const queue = this.queues.find(({ url }) => url === input.QueueUrl);
          if (queue === undefined) throw new UnreadableError(input.QueueUrl, "no such queue");
          const { changeId, unread } = lane;
          this.referee.writing(queue, input.Attributes, { changeId, unread, paused: this.isPaused });
          const to = Number(input.Attributes["VisibilityTimeout"]);
          queue.writes.push({
            by: "us",
            from: queue.seconds,
            to,
            ...(changeId === undefined ? {} : { changeId }),
          });
          queue.seconds = to;
        }),
    };
  }

  #notifier(
    topic: "approvers" | "everybody",
    call: <T>(port: string, effect: () => T) => Promise<T>,
  ): NotifierPort {
    return {
      publish: (notification) =>
        call(`${topic}.publish`, () => {
          this.referee.mailed(topic, notification);
          if (topic === "everybody") return;
          const letter = letterOf(notification.text, notification);
          this.referee.mailedSecrets(notification.text, letter);
          this.letters.push(letter);
        }),
    };
  }
}

/** It has ended, whichever way. */
export const isOver = ({ isStopped, execution }: Run): boolean => isStopped || execution.status !== "running";

function letterOf(
  text: string,
  { recipient = "", json }: { readonly recipient?: string; readonly json: unknown },
): Letter {
  const [, linkId = ""] = /https:\/\/page\.example\/(\S+)/.exec(text) ?? [];
  const [, code = ""] = /Code: (\S+)/.exec(text) ?? [];
  const { changeId } = json as { readonly changeId: string };
  return { changeId, approver: recipient, linkId, code };
}

type Method = (...args: never[]) => Promise<unknown>;
type After<Port> = {
  [Name in keyof Port]?: Port[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (result: Result, ...args: Args) => void
    : never;
};

/** The same port, each call of it through `call`; what it did is told at once, before anybody else goes on. */
function watched<Port extends object>(
  port: Port,
  name: string,
  call: <T>(port: string, effect: () => Promise<T>) => Promise<T>,
  after: After<Port>,
): Port {
  const methods = Object.entries(port as Record<string, Method>).map(([method, run]) => {
    const tell = after[method as keyof Port] as ((...args: unknown[]) => void) | undefined;
    const watching = (...args: never[]) =>
      call(`${name}.${method}`, async () => {
        const result = await run(...args);
        tell?.(result, ...args);
        return result;
      });
    return [method, watching];
  });
  return Object.fromEntries(methods) as Port;
}
