// A small made-up account behind the remediation's ports: its queues really change, and any call can fail or die.
import { createMemoryChangeLedger } from "../../aws/memory-change-ledger.ts";
import { createMemoryLedger } from "../../aws/memory-ledger.ts";
import { UnreadableError } from "../../core/errors.ts";
import type { Change, ChangeOutcome } from "../../core/model/change.ts";
import { ChangeSettings } from "../../core/model/change-settings.ts";
import type { PathDeliveries } from "../../core/model/delivery.ts";
import type {
  ConsumerFunction,
  DeliveryPath,
  EventSourceMapping,
  QueueSettings,
} from "../../core/model/delivery-path.ts";
import type { Finding, FindingDocument } from "../../core/model/finding.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import type { Notification, SubscriptionsPort } from "../../core/ports.ts";
import type { ApprovalAddresses } from "../../core/remediate/approval-mail.ts";
import type { RemediationSettings } from "../../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../../core/remediate/ports.ts";
import { type Discovery, documentKey } from "../../core/scan/documents.ts";
import { change, plan, planInputs } from "./changes.ts";
import { finding } from "./findings.ts";
import { measurement } from "./measurements.ts";
import {
  ACCOUNT,
  consumer,
  deliveryPath,
  functionArn,
  mapping,
  queueArn,
  queueSettings,
  REGION,
  SCAN,
  WINDOW,
} from "./scan-fakes.ts";

/** Twenty minutes after the scan's window: when a scan proposes. */
export const NOW_MS = WINDOW.endMs + 20 * 60_000;

export const APPROVERS = ["ann@example.com", "bob@example.com"];

export function remediationSettings(
  change: Partial<ChangeSettings> = {},
  scan: Partial<ScanSettings> = {},
): RemediationSettings {
  return {
    scan: ScanSettings.parse(scan),
    change: ChangeSettings.parse({ approvers: APPROVERS, ...change }),
  };
}

/** What dies without saying why: a Lambda that is killed. No error of ours, so nobody handles it. */
class CrashError extends Error {
  override readonly name = "Runtime.ExitError";
}

export interface Write {
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
}

export interface FailOptions {
  /** Calls that fail. @default 1 */
  readonly times?: number;
  /** Such calls that go well before. @default 0 */
  readonly skip?: number;
  /** True = the call has its effect, and only the answer is lost. @default false */
  readonly after?: boolean;
}

export interface RemediationFakesOptions {
  /** By queue name; each gets a consumer `<name>-worker`. @default orders, at 30 s: what `change()` is made from */
  readonly queues?: Readonly<Record<string, Partial<QueueSettings>>>;
  /** @default NOW_MS */
  readonly nowMs?: number;
}

export interface RemediationFakes {
  readonly ports: RemediationPorts & { readonly subscriptions: SubscriptionsPort };
  /** By queue ARN; an Error is thrown to whoever reads or writes it. Replace an entry to change it from outside. */
  readonly queues: Map<string, QueueSettings | Error>;
  readonly mappings: EventSourceMapping[];
  /** By function ARN; an Error is thrown. */
  readonly functions: Map<string, ConsumerFunction | Error>;
  /** Of the digest's topic. */
  readonly outbox: Notification[];
  /** Of the approvers' topic. */
  readonly approvalOutbox: Notification[];
  readonly executions: Map<string, "running" | "ended">;
  /** Tokens that wake a waiting state; another is `gone`. */
  readonly waitingTokens: Set<string>;
  /** Tokens that wake was called with, in order. */
  readonly woken: string[];
  /** What was really written to queues, in order. */
  readonly writes: Write[];
  readonly subscriptions: Map<string, { endpoint: string; protocol: string; confirmed: boolean }[]>;
  /** Every call in order, e.g. `changes.save`, `queueWriter.setVisibilityTimeout`. */
  readonly log: string[];
  /** Epoch ms; set it to let time pass. */
  nowMs: number;
  /** The timeout that a queue holds now, by its name. */
  secondsOf(queue: string): number;
  /** Somebody else sets it. */
  setSeconds(queue: string, seconds: number): void;
  /** Changes other settings of a queue from outside. */
  setQueue(queue: string, more: Partial<QueueSettings>): void;
  /** The next calls of that name throw. */
  fail(call: string, error: Error, options?: FailOptions): void;
  /** The nth call from now on, counted from 1, of whatever name throws a CrashError; undefined = none does. */
  crashAt(nth: number | undefined, when?: "before" | "after"): void;
}

interface Failure {
  readonly call: string;
  readonly error: Error;
  readonly after: boolean;
  skip: number;
  times: number;
}

export function createRemediationFakes(options: RemediationFakesOptions = {}): RemediationFakes {
  const { queues = queuesLike("orders") } = options;
  const failures: Failure[] = [];
  let crash: { left: number; readonly when: "before" | "after" } | undefined;
  let secrets = 0;

  const fakes: Omit<RemediationFakes, "ports"> = {
    queues: new Map(
      Object.entries(queues).map(([name, more]) => [queueArn(name), queueSettings(name, more)]),
    ),
    mappings: Object.keys(queues).map((name) => mapping(name, `${name}-worker`)),
    functions: new Map(
      Object.keys(queues).map((name) => [functionArn(`${name}-worker`), consumer(`${name}-worker`)]),
    ),
    outbox: [],
    approvalOutbox: [],
    executions: new Map(),
    waitingTokens: new Set(),
    woken: [],
    writes: [],
    subscriptions: new Map(),
    log: [],
    nowMs: options.nowMs ?? NOW_MS,
    secondsOf: (name) => found(fakes.queues, queueArn(name)).visibilityTimeoutSeconds,
    setSeconds: (name, visibilityTimeoutSeconds) => fakes.setQueue(name, { visibilityTimeoutSeconds }),
    setQueue: (name, more) => {
      fakes.queues.set(queueArn(name), { ...found(fakes.queues, queueArn(name)), ...more });
    },
    fail: (call, error, { times = 1, skip = 0, after = false } = {}) => {
      failures.push({ call, error, times, skip, after });
    },
    crashAt: (nth, when = "before") => {
      crash = nth === undefined ? undefined : { left: nth, when };
    },
  };

  /** What is thrown before and after the call of that name, if anything. */
  function planned(call: string): { readonly before?: Error; readonly after?: Error } {
    if (crash !== undefined) {
      crash.left -= 1;
      if (crash.left === 0) return { [crash.when]: new CrashError(`died at ${call}`) };
    }
    const failure = failures.find((one) => one.call === call && one.times > 0);
    if (failure === undefined) return {};
    if (failure.skip > 0) {
      failure.skip -= 1;
      return {};
    }
    failure.times -= 1;
    return failure.after ? { after: failure.error } : { before: failure.error };
  }

  function noted<Port extends object>(name: string, port: Port): Port {
    const methods = Object.entries(port).map(([method, run]) => {
      const call = `${name}.${method}`;
      const wrapped = async (...args: unknown[]) => {
        fakes.log.push(call);
        const { before, after } = planned(call);
        if (before !== undefined) throw before;
        const answer: unknown = await run(...args);
        if (after !== undefined) throw after;
        return answer;
      };
      return [method, wrapped] as const;
    });
    return Object.fromEntries(methods) as Port;
  }

  const ports: RemediationFakes["ports"] = {
    nowMs: () => fakes.nowMs,
    ledger: noted("ledger", createMemoryLedger()),
    changes: noted("changes", createMemoryChangeLedger()),
    mappings: noted("mappings", {
      listQueueMappings: async (arn?: string) =>
        fakes.mappings.filter((one) => arn === undefined || one.queueArn === arn),
      describeFunction: async (arn: string) => found(fakes.functions, arn),
    }),
    queues: noted("queues", {
      describeQueue: async (arn: string) => found(fakes.queues, arn),
      sampleReceiveCounts: async () => {
        throw new Error("expected no ReceiveMessage (I11)");
      },
    }),
    queueWriter: noted("queueWriter", {
      setVisibilityTimeout: async (queueUrl: string, arn: string, seconds: number) => {
        const queue = found(fakes.queues, arn);
        const from = queue.visibilityTimeoutSeconds;
        fakes.writes.push({ queueArn: arn, queueUrl, from, to: seconds, atMs: fakes.nowMs });
        fakes.queues.set(arn, { ...queue, visibilityTimeoutSeconds: seconds });
      },
    }),
    executions: noted("executions", {
      start: async (changeId: string) => {
        if (!fakes.executions.has(changeId)) fakes.executions.set(changeId, "running");
      },
      status: async (changeId: string) => fakes.executions.get(changeId) ?? "absent",
    }),
    callbacks: noted("callbacks", {
      wake: async (taskToken: string) => {
        fakes.woken.push(taskToken);
        return fakes.waitingTokens.delete(taskToken) ? ("told" as const) : ("gone" as const);
      },
    }),
    secrets: {
      linkId: () => `link-${++secrets}`.padEnd(43, "x"),
      code: () => `CODE-${String(++secrets).padStart(4, "0")}`,
    },
    notifier: noted("notifier", {
      publish: async (notification: Notification) => {
        fakes.outbox.push(notification);
      },
    }),
    approvalNotifier: noted("approvalNotifier", {
      publish: async (notification: Notification) => {
        fakes.approvalOutbox.push(notification);
      },
    }),
    subscriptions: noted("subscriptions", {
      list: async (topicArn: string) => fakes.subscriptions.get(topicArn) ?? [],
    }),
  };
  // One object, so that a test that sets nowMs is heard by the ports.
  return Object.assign(fakes, { ports });
}

/** Puts a change into the ledger as it is, whatever its status, with its queue's place. */
export async function putChange(fakes: RemediationFakes, change: Change): Promise<void> {
  await fakes.ports.changes.open(change);
}

/** A change as it stands when people were asked: until three days from now, one of two is enough. */
export function waitingChange(more: Partial<Change> = {}): Change {
  const askedMs = NOW_MS - 60_000;
  const approval = { askedMs, expiresMs: askedMs + 72 * 3_600_000, quorum: 1, approvers: APPROVERS };
  return change({ status: "waiting", approval, ...more });
}

/** The same once Ann has approved. */
export function approvedChange(more: Partial<Change> = {}): Change {
  const decisions: Change["decisions"] = [{ approver: "ann@example.com", verdict: "approve", atMs: NOW_MS }];
  return waitingChange({ status: "approved", decisions, ...more });
}

/** The same once the queue holds the new value and is watched. */
export function confirmedChange(more: Partial<Change> = {}): Change {
  const observation = { startMs: NOW_MS + 60_000, endMs: NOW_MS + 181 * 60_000 };
  return approvedChange({
    status: "confirmed",
    appliedMs: NOW_MS,
    confirmedMs: NOW_MS + 60_000,
    observation,
    ...more,
  });
}

/** The same at its end. */
export function closedChange(outcome: ChangeOutcome, more: Partial<Change> = {}): Change {
  return confirmedChange({ status: "closed", outcome, closedMs: NOW_MS + 4 * 3_600_000, ...more });
}

export interface Letter {
  readonly approver: string;
  readonly linkId: string;
  readonly code: string;
}

export const ADDRESSES: ApprovalAddresses = {
  pageUrl: "https://page.example/",
  functionName: "doubletake-approvals",
  region: "eu-west-1",
  snoozeDays: 30,
};

/** What an approver reads out of the mail. */
export function letterOf({ text, recipient = "" }: Notification): Letter {
  const linkId = /^https:\/\/page\.example\/(\S+)$/m.exec(text)?.[1] ?? "";
  const code = /Code: (\S+)/.exec(text)?.[1] ?? "";
  return { approver: recipient, linkId, code };
}

/**
 * Runs a step that dies at each of its calls in turn, before the call has its effect and after it, and is then run
 * again, as Step Functions and Lambda do.
 * @returns how many deaths were tried.
 */
export async function dyingAnywhere(
  prepare: () => Promise<RemediationFakes>,
  step: (fakes: RemediationFakes) => Promise<unknown>,
  check: (fakes: RemediationFakes, where: string) => Promise<void>,
): Promise<number> {
  let deaths = 0;
  for (const when of ["before", "after"] as const) {
    for (let nth = 1; ; nth += 1) {
      const fakes = await prepare();
      fakes.log.length = 0;
      fakes.crashAt(nth, when);
      const error = await step(fakes).then(
        () => undefined,
        (caught: unknown) => caught,
      );
      fakes.crashAt(undefined);
      if (error === undefined) break;
      if (!(error instanceof CrashError)) throw error;
      deaths += 1;
      await step(fakes);
      await check(fakes, `${when} ${fakes.log[nth - 1]}`);
    }
  }
  return deaths;
}

export interface ScannedQueue {
  /** Over what `deliveryPath` says; the settings are those that the fakes hold. */
  readonly path?: Partial<DeliveryPath>;
  /** Undefined = a finding with the plan that `change()` has. */
  readonly finding?: Partial<Finding>;
  readonly measurement?: Parameters<typeof measurement>[1];
  readonly deliveries?: PathDeliveries;
}

/** Writes what a scan of these queues leaves for ProposeChanges and Summarise: one batch, in this order. */
export async function putScan(
  fakes: RemediationFakes,
  queues: Readonly<Record<string, ScannedQueue>>,
  scanId: string = SCAN.scanId,
): Promise<void> {
  const put = (key: string, value: unknown) => fakes.ports.ledger.putDocument(scanId, key, value);
  const names = Object.keys(queues);
  await put(documentKey.discovery, {
    account: ACCOUNT,
    region: REGION,
    // A batch of functions without a queue comes first, and is none of ours.
    batches: ["async-0001", "0001"],
    paths: names.length,
    excludedQueues: 0,
    sharedFunctions: [functionArn("shared")],
    unreadable: [],
  } satisfies Discovery);
  const paths = names.map((name) => {
    const settings = fakes.queues.get(queueArn(name));
    if (settings === undefined || settings instanceof Error) throw new Error(`expected a queue ${name}`);
    return deliveryPath(name, { settings, ...queues[name]?.path });
  });
  await put(documentKey.batch("0001"), paths);
  await put(
    documentKey.measurement("0001"),
    names.map((name) => measurement(name, queues[name]?.measurement)),
  );
  for (const [index, name] of names.entries()) {
    const { deliveries } = queues[name] ?? {};
    if (deliveries !== undefined) await put(documentKey.deliveries("0001", index), deliveries);
  }
  await put(documentKey.document, {
    schemaVersion: 1,
    scan: {
      id: scanId,
      account: ACCOUNT,
      region: REGION,
      window: { start: "2026-11-23T14:40:00.000Z", end: "2026-11-23T17:40:00.000Z" },
      durationMs: 1000,
      apiCalls: {},
      estimatedCostUsd: 0,
      logBytesScanned: 0,
      excludedQueues: 0,
      sampledQueues: [],
      unreadable: [],
    },
    paths: [],
    findings: names.map((name) => finding(name, { plan: plan(planInputs(name)), ...queues[name]?.finding })),
  } satisfies FindingDocument);
}

/** So many queues as `change()` is made from, by these names. */
export const queuesLike = (...names: string[]): Record<string, Partial<QueueSettings>> =>
  Object.fromEntries(names.map((name) => [name, { visibilityTimeoutSeconds: 30, redrive: redriveOf(name) }]));

/** What `planInputs()` of test/support/changes.ts takes for granted of a queue. */
export const redriveOf = (name: string) => ({
  deadLetterTargetArn: queueArn(`${name}-dlq`),
  maxReceiveCount: 5,
});

function found<Value extends object>(table: ReadonlyMap<string, Value | Error>, arn: string): Value {
  const value = table.get(arn);
  if (value instanceof Error) throw value;
  if (value === undefined) throw new UnreadableError(arn, "there is no such resource", { missing: true });
  return value;
}
