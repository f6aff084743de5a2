// Runs the deployed remediation workflow's own definition and handlers in this process, on a clock that may be virtual.

import type { CallbackPort, ExecutionsPort } from "../core/ports.ts";
import type { ApprovalAddresses } from "../core/remediate/approval-mail.ts";
import type { RemediationSettings } from "../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../core/remediate/ports.ts";
import type { ScanPorts } from "../core/scan/scan-ports.ts";
import { remediationHandlers } from "../functions/remediation-handlers.ts";
import { runWorkflow, type WorkflowStep } from "../statemachine/interpreter.ts";
import remediationDefinition from "../statemachine/remediation.asl.json" with { type: "json" };
import { TaskCallbacks } from "../statemachine/task-callbacks.ts";

export interface LocalRemediationOptions {
  readonly ports: Omit<RemediationPorts, "executions" | "callbacks"> & ScanPorts;
  readonly settings: RemediationSettings;
  readonly addresses: ApprovalAddresses;
  /** Called where the workflow waits: lets so many seconds pass. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly onStep?: (changeId: string, step: WorkflowStep) => void;
}

export interface LocalRemediation {
  readonly executions: ExecutionsPort;
  readonly callbacks: CallbackPort;
  /** Ends a wait for approval as its timeout would. */
  expire(taskToken: string): void;
  /**
   * When every execution started so far has ended.
   * @throws WorkflowError of the first that failed.
   */
  ended(): Promise<void>;
  /** Stops what still runs, after the steps that are under way. */
  stop(): Promise<void>;
}

/** Looks at the log queries before they are given up. */
const LOOKS = 50;

export function createLocalRemediation(options: LocalRemediationOptions): LocalRemediation {
  const { ports, settings, addresses, pass, onStep } = options;
  const tokens = new TaskCallbacks();
  const abort = new AbortController();
  const running = new Map<string, { readonly result: Promise<unknown>; ended: boolean }>();
  const callbacks: CallbackPort = { wake: (token) => Promise.resolve(tokens.wake(token)) };
  const executions: ExecutionsPort = {
    start: (changeId) => {
      if (!running.has(changeId)) {
        const execution = { result: run(changeId), ended: false };
        running.set(changeId, execution);
        const end = () => {
          execution.ended = true;
        };
        execution.result.then(end, end);
      }
      return Promise.resolve();
    },
    status: (changeId) => {
      const execution = running.get(changeId);
      if (execution === undefined) return Promise.resolve("absent");
      return Promise.resolve(execution.ended ? "ended" : "running");
    },
  };

  const underWay = new Set<Promise<unknown>>();
  const handlers = Object.fromEntries(
    Object.entries(
      remediationHandlers({ ...ports, executions, callbacks }, settings, addresses, { lastAttempt: LOOKS }),
    ).map(([state, handler]) => [
      state,
      (event: unknown) => {
        const step = handler(event);
        underWay.add(step);
        return step.finally(() => underWay.delete(step));
      },
    ]),
  );

  function run(changeId: string): Promise<unknown> {
    return runWorkflow({
      definition: remediationDefinition,
      handlers,
      callbacks: tokens,
      onWait: (_state, seconds) => pass(seconds),
      input: { changeId },
      executionName: changeId,
      machineName: "remediation",
      retryMs: 0,
      signal: abort.signal,
      ...(onStep === undefined ? {} : { onStep: (step: WorkflowStep) => onStep(changeId, step) }),
    });
  }

  return {
    executions,
    callbacks,
    expire: (token) => tokens.expire(token),
    ended: async () => {
      await Promise.all([...running.values()].map(({ result }) => result));
    },
    stop: async () => {
      abort.abort();
      await Promise.allSettled(underWay);
    },
  };
}
